//! Documents in, passages out, through the whole application, beside tantivy and usearch called directly on the same data in the same run.
//!
//! `LECTERN_BENCH_CHUNKS` sets the number of chunks: 100,000 unless given, 2,000 where benches are only tried (`--test`). With
//! `LECTERN_TEST_POSTGRES_URL` everything is measured on PostgreSQL too. Embedding costs next to nothing here: the model is a stand-in.

mod direct;
mod ours;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use direct::Direct;
use lectern_testkit::{
    TestDatabase,
    synthetic::{World, chunks_of_a_bench},
};
use ours::Ours;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// The passages that a search asks for.
const LIMIT: usize = 10;

/// Questions asked before anything is measured.
const WARM_UP: usize = 50;

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = work();
    (value, start.elapsed())
}

fn rate(chunks: usize, took: Duration) -> f64 {
    chunks as f64 / took.as_secs_f64()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// How fast an empty index is filled. It is done once: what there is to measure is minutes long.
fn fill(world: &World, database: &TestDatabase) -> (Ours, Direct) {
    let ours = Ours::open(database);
    let (following, put) = timed(|| ours.put(world));
    let ((), follow) = timed(|| ours.catch_up(following));
    let (words, tantivy) = timed(|| direct::Words::fill(world));
    let (vectors, usearch) = timed(|| direct::vectors(world));
    let chunks = world.chunks.len();
    let (whole, engines) = (rate(chunks, put + follow), rate(chunks, tantivy + usearch));
    println!(
        "ingest/{}: {chunks} chunks at {whole:.0} a second (into SQL {put:.1?}, until all is found {follow:.1?} more); the engines alone at \
         {engines:.0} (tantivy {tantivy:.1?}, usearch {usearch:.1?}): {:.2} of their rate",
        database.name(),
        whole / engines
    );
    (ours, Direct { words, vectors })
}

/// The median latencies, question by question in turn, so that a noisy moment meets all three.
fn latency(world: &World, name: &str, ours: &Ours, direct: &Direct) {
    let mut times = [const { Vec::new() }; 3];
    for (turn, question) in world.questions.iter().enumerate() {
        let measured = [
            timed(|| black_box(ours.search(question))).1,
            timed(|| black_box(direct.words.search(&question.text))).1,
            timed(|| black_box(direct.nearest(&question.vector))).1,
        ];
        if turn >= WARM_UP {
            times.iter_mut().zip(measured).for_each(|(times, time)| times.push(time));
        }
    }
    let [ours, words, vectors] = times.map(median);
    let ratio = ours.as_secs_f64() / (words + vectors).as_secs_f64();
    let [ours, words, vectors] = [ours, words, vectors].map(|time| time.as_micros());
    println!("search/{name}: p50 {ours} µs; tantivy alone {words} µs, usearch alone {vectors} µs: {ratio:.2} of their sum");
}

fn corpora(criterion: &mut Criterion) {
    let world = World::new(chunks_of_a_bench(100_000));
    for database in TestDatabase::all() {
        let name = database.name();
        let (ours, direct) = fill(&world, &database);
        latency(&world, name, &ours, &direct);
        let mut questions = world.questions.iter().cycle();
        let mut next = || questions.next().expect("a cycle has no end");
        let mut group = criterion.benchmark_group("search");
        group.bench_function(BenchmarkId::new("hybrid", name), |bencher| bencher.iter(|| black_box(ours.search(next()))));
        group.bench_function(BenchmarkId::new("tantivy alone", name), |bencher| {
            bencher.iter(|| black_box(direct.words.search(&next().text)));
        });
        group.bench_function(BenchmarkId::new("usearch alone", name), |bencher| {
            bencher.iter(|| black_box(direct.nearest(&next().vector)));
        });
        group.finish();
    }
}

criterion_group!(benches, corpora);
criterion_main!(benches);
