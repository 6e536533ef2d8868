//! Requests a second at 64 connections, beside a bare handler that runs the same SQL statements and answers a constant.
//!
//! Both servers are in this process, on the same pool and the same threads in front of it; so is the generator of the load, which costs both the
//! same. Their rounds alternate. With `LECTERN_TEST_POSTGRES_URL` everything is measured on PostgreSQL too; with `--test` it is only tried.

mod bare;
mod client;
mod ours;

use actix_web::{dev::ServerHandle, rt::System};
use client::{Load, drive};
use lectern_settings::LogSettings;
use lectern_testkit::TestDatabase;
use ours::Ours;
use std::{net::SocketAddr, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// Connections of the load.
const CONNECTIONS: usize = 64;

/// How long and how often.
struct Pace {
    rounds: usize,
    round: Duration,
}

/// A server that listens.
struct Served {
    address: SocketAddr,
    handle: ServerHandle,
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The rates of both, round by round in turn, so that a noisy moment meets both.
async fn compare(generator: &Runtime, name: &str, load: &Load, ours: SocketAddr, bare: SocketAddr, pace: &Pace) {
    let rate = async |address: SocketAddr, during: Duration, path: &str| {
        let load = load.to(path);
        let answered = generator.spawn(drive(address, load, CONNECTIONS, during)).await.expect("the load ends");
        answered as f64 / during.as_secs_f64()
    };
    let (mut own, mut direct) = (Vec::new(), Vec::new());
    for round in 0..=pace.rounds {
        let rates = (rate(ours, pace.round, load.path).await, rate(bare, pace.round, load.bare).await);
        // The first round warms both up.
        if round > 0 || pace.rounds == 0 {
            own.push(rates.0);
            direct.push(rates.1);
        }
    }
    let (own, direct) = (median(own), median(direct));
    println!(
        "{name}/{} {}: {own:.0} requests a second, the bare handler {direct:.0}: {:.0} %",
        load.method,
        load.path,
        100.0 * own / direct
    );
}

async fn measure(generator: &Runtime, database: &TestDatabase, pace: &Pace) {
    let world = Ours::open(database).await;
    let (ours, bare) = (world.serve(), bare::serve(&world));
    for load in world.loads() {
        compare(generator, database.name(), &load, ours.address, bare.address, pace).await;
    }
    ours.handle.stop(false).await;
    bare.handle.stop(false).await;
    world.app.close().await;
}

fn main() {
    // As the server logs.
    lectern_compose::start_logging(&LogSettings::default());
    let tried = std::env::args().any(|flag| flag == "--test");
    let pace = match tried {
        true => Pace { rounds: 0, round: Duration::from_millis(200) },
        false => Pace { rounds: 5, round: Duration::from_secs(3) },
    };
    let generator = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a thread for the load");
    for database in TestDatabase::all() {
        System::new().block_on(measure(&generator, &database, &pace));
    }
}
