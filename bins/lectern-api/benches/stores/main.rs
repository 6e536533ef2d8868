//! A search through the API beside the query that it sends to the store, sent to the store directly, for every store that the environment names.
//!
//! `LECTERN_BENCH_CHUNKS` sets the number of chunks: 100,000 unless given, 2,000 where benches are only tried (`--test`). The stores are those of
//! `LECTERN_TEST_{POSTGRES,ELASTICSEARCH,OPENSEARCH,QDRANT}_URL`. Rows are in SQLite; embedding costs next to nothing, the model is a stand-in.

mod direct;
mod ours;
mod store;

use actix_web::rt::System;
use direct::Direct;
use lectern_settings::LogSettings;
use lectern_testkit::{
    TestDatabase,
    synthetic::{World, chunks_of_a_bench},
};
use ours::Ours;
use std::time::{Duration, Instant};
use store::Store;

/// The passages that a search asks for.
const LIMIT: usize = 10;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Both medians, in turn, so that a noisy moment meets both. Each has asked every question once before, and asks another one than the other did
/// just now, so that neither reads for the other; the store has nothing left to do for what was put.
async fn measure(world: &World, database: &TestDatabase, store: &Store) {
    let started = Instant::now();
    let ours = Ours::open(database, store.options(&store.url)).await;
    ours.catch_up().await;
    println!("{}: filled in {:.1?}", store.name, started.elapsed());
    let direct = Direct::open(world, database, store, &ours).await;
    store.rest().await;
    let questions = &world.questions;
    let (mut own, mut alone) = (Vec::new(), Vec::new());
    // The second round is the one that counts.
    for _ in 0..2 {
        own.clear();
        alone.clear();
        for (number, question) in questions.iter().enumerate() {
            let other = (number + questions.len() / 2) % questions.len();
            let start = Instant::now();
            let found = ours.search(&question.text, store.method).await;
            own.push(start.elapsed());
            let start = Instant::now();
            direct.ask(other, &questions[other]).await;
            alone.push(start.elapsed());
            assert_eq!(found, LIMIT, "{}: {}", store.name, question.text);
        }
    }
    ours.close().await;
    let [own, alone] = [own, alone].map(|times| median(times).as_secs_f64() * 1e3);
    println!(
        "{}/{}: p50 {own:.2} ms through the API, {alone:.2} ms directly: {:.2} times, {:+.2} ms",
        store.name,
        store.method,
        own / alone,
        own - alone
    );
}

fn main() {
    // As the server logs.
    lectern_compose::start_logging(&LogSettings::default());
    let world = World::new(chunks_of_a_bench(100_000));
    let database = TestDatabase::sqlite();
    let stores = Store::all();
    System::new().block_on(async {
        let corpus = Ours::open(&database, Default::default()).await;
        corpus.put(&world).await;
        corpus.close().await;
        for store in &stores {
            measure(&world, &database, store).await;
        }
    });
}
