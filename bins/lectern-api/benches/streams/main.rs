//! Relayed streams beside the same streams taken from the upstream directly, in one run.
//!
//! The upstream and the clients are in this process, the server is a process of its own (SQLite, an empty data folder). Measured are
//!
//! - with an upstream that sends an event of each stream every 20 ms: events per second through the server and directly, and how much later
//!   an event arrives through the server;
//! - with an upstream that does not wait: the same share, and the server's CPU time per event;
//! - how much more memory the server has resident while many streams are open.
//!
//! `LECTERN_BENCH_STREAMS` (64) and `LECTERN_BENCH_SECONDS` (10) set the size; with `--test`, everything runs once and briefly.

mod chunked;
mod load;
mod server;
mod upstream;

use load::{Load, Outcome};
use server::Server;
use std::time::Duration;
use upstream::{Pace, Upstream};

/// The pause between two events of a stream.
const PACE: Duration = Duration::from_millis(20);
/// How often each measurement is repeated; direct and relayed ones take turns, and the median counts.
const ROUNDS: usize = 3;

/// A size from the environment.
#[expect(clippy::disallowed_methods, reason = "the size of the bench is told by the environment")]
fn size(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs the same load directly and through the server, in turns.
async fn both(rounds: usize, direct: &Load, relayed: &Load, server: &Server) -> (Vec<Outcome>, Vec<Outcome>, Vec<f64>) {
    let (mut straight, mut through, mut cpu) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        straight.push(direct.run().await);
        let before = server.cpu();
        let outcome = relayed.run().await;
        cpu.push((server.cpu() - before).as_secs_f64() * 1e6 / outcome.events as f64);
        through.push(outcome);
    }
    (straight, through, cpu)
}

fn rates(outcomes: &[Outcome]) -> f64 {
    median(outcomes.iter().map(Outcome::rate).collect())
}

fn delays(outcomes: &[Outcome], share: f64) -> f64 {
    median(outcomes.iter().map(|outcome| outcome.delay_ms(share)).collect())
}

async fn paced(streams: usize, events: usize, rounds: usize, server: &Server, upstream: &Upstream) {
    upstream.behave(Pace::Every(PACE), events);
    let direct = Load::direct(upstream.port(), streams, events);
    let relayed = Load::relayed(server, streams, events);
    let (straight, through, cpu) = both(rounds, &direct, &relayed, server).await;
    let (one, other) = (rates(&straight), rates(&through));
    println!("{streams} streams, an event every {PACE:?}: {other:.0} events/s relayed, {one:.0} direct: {:.1} %", 100.0 * other / one);
    let (usual, late) = (delays(&straight, 0.5), delays(&through, 0.99));
    println!(
        "delay of an event, ms: direct {usual:.2} (median) {:.2} (p99); relayed {:.2} (median) {late:.2} (p99); added, p99: {:.2}",
        delays(&straight, 0.99),
        delays(&through, 0.5),
        late - usual
    );
    println!("CPU time of the server: {:.1} µs an event", median(cpu));
}

async fn unpaced(streams: usize, events: usize, rounds: usize, server: &Server, upstream: &Upstream) {
    upstream.behave(Pace::AtOnce, events);
    let direct = Load::direct(upstream.port(), streams, events);
    let relayed = Load::relayed(server, streams, events);
    let (straight, through, cpu) = both(rounds, &direct, &relayed, server).await;
    let (one, other) = (rates(&straight), rates(&through));
    println!("{streams} streams without a pause: {other:.0} events/s relayed, {one:.0} direct: {:.1} %", 100.0 * other / one);
    println!("CPU time of the server: {:.2} µs an event", median(cpu));
}

async fn memory(streams: usize, server: &Server, upstream: &Upstream) {
    upstream.behave(Pace::OneThenWait, 1);
    let relayed = Load::relayed(server, streams, 1);
    let before = server.resident();
    let open = relayed.open().await;
    let during = server.resident();
    drop(open);
    match (before, during) {
        (Some(before), Some(during)) => {
            let each = during.saturating_sub(before) as f64 / streams as f64;
            println!("{streams} open streams: {each:.1} KiB of resident memory each ({before} KiB before, {during} KiB with them)");
        }
        _ => println!("the system does not tell how much memory a process has resident"),
    }
}

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let brief = std::env::args().any(|flag| flag == "--test");
    let (streams, seconds, rounds) =
        if brief { (8, 0, 1) } else { (size("LECTERN_BENCH_STREAMS", 64), size("LECTERN_BENCH_SECONDS", 10), ROUNDS) };
    let events = (seconds * 1000 / PACE.as_millis() as usize).max(25);
    let upstream = Upstream::start().await;
    let server = Server::start(upstream.port());
    // Connections, code and caches are warm afterwards.
    upstream.behave(Pace::AtOnce, 100);
    Load::relayed(&server, streams, 100).run().await;
    // First, since memory that was used once stays resident.
    memory(if brief { streams } else { 1000 }, &server, &upstream).await;
    paced(streams, events, rounds, &server, &upstream).await;
    unpaced(streams, if brief { 100 } else { 5_000 }, rounds, &server, &upstream).await;
}
