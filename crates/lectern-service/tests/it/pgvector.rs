//! pgvector keeps the contract of indexes, and what it adds to it.

use lectern_domain::{
    collection::Generation,
    filter::{Edge, Field, Filter},
    ids::InstallationId,
    language::Language,
};
use lectern_service::stores::{Pgvector, PgvectorOptions};
use lectern_testkit::{
    TestDatabase,
    contract::{
        self, batch,
        world::{Random, chunk, cursor, document, generation, scope, vector, wait},
    },
    database::execute,
};
use lectern_vector_store::{Position, StoreError, VectorIndex, VectorQuery};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const INSTALLATION: InstallationId = InstallationId(Uuid::from_u128(7));

/// A database of its own, on a server with pgvector.
fn database() -> Option<TestDatabase> {
    let database = TestDatabase::postgres();
    if database.is_none() {
        println!("skipped: LECTERN_TEST_POSTGRES_URL names no server");
    }
    database
}

fn open(database: &TestDatabase) -> Arc<dyn VectorIndex> {
    let options = PgvectorOptions { url: database.url().expose(), connections: 4, timeout: Duration::from_secs(60) };
    Arc::new(Pgvector::new(&options, INSTALLATION).unwrap())
}

fn put(index: &dyn VectorIndex, generation: &Generation, vectors: &[Vec<f32>]) {
    let document = document(1, None, &[]);
    let puts = vectors.iter().enumerate().map(|(n, v)| vector(n, &document, v.clone())).collect();
    wait(index.apply(generation, batch(1, vec![], puts))).unwrap();
    wait(index.commit(generation, cursor(1))).unwrap();
}

#[test]
fn vectors_keep_the_contract() {
    let Some(database) = database() else { return };
    contract::vectors::keeps(&mut || open(&database));
    contract::vectors::keeps_late_batches_out(&*open(&database));
}

#[test]
fn long_vectors_are_halved_and_longer_ones_refused() {
    let Some(database) = database() else { return };
    let index = open(&database);
    let mut random = Random::new(5);
    for (id, dimensions) in [(1, 2_000), (2, 2_001), (3, 4_000)] {
        let generation = generation(id, Language::Fr, Some(dimensions));
        let vectors: Vec<Vec<f32>> = (0..20).map(|_| random.vector(dimensions as usize)).collect();
        put(&*index, &generation, &vectors);
        let query = VectorQuery { vector: vectors[7].clone(), limit: 1, filter: None };
        let found = wait(index.search(&scope(&[&generation]), &query)).unwrap();
        assert!(found[0].chunk == chunk(7) && (found[0].score - 1.0).abs() < 1e-3, "{dimensions}: {found:?}");
    }
    let long = generation(4, Language::Fr, Some(4_001));
    let refused = wait(index.check(std::slice::from_ref(&long))).unwrap_err();
    assert!(matches!(&refused, StoreError::Mismatch(why) if why.contains("at most 4000")), "{refused}");
    assert!(wait(index.apply(&long, batch(1, vec![], vec![vector(1, &document(1, None, &[]), vec![0.5; 4_001])]))).is_err());
}

#[test]
fn a_table_of_another_length_is_named_with_the_difference() {
    let Some(database) = database() else { return };
    let index = open(&database);
    put(&*index, &generation(1, Language::Fr, Some(4)), &[vec![1.0; 4]]);
    let other = generation(1, Language::Fr, Some(8));
    let refused = wait(index.check(std::slice::from_ref(&other))).unwrap_err().to_string();
    assert!(refused.contains("vectors of 4 components instead of 8"), "{refused}");
}

#[test]
fn a_table_that_is_lost_is_noticed() {
    let Some(database) = database() else { return };
    let (index, generation) = (open(&database), generation(1, Language::Fr, Some(4)));
    put(&*index, &generation, &[vec![1.0; 4]]);
    let query = VectorQuery { vector: vec![1.0; 4], limit: 1, filter: None };
    assert_eq!(wait(index.search(&scope(&[&generation]), &query)).unwrap().len(), 1);
    execute(database.database(), "DROP SCHEMA lectern_index CASCADE");
    assert!(wait(index.search(&scope(&[&generation]), &query)).is_err(), "it says that it lost its table");
    assert_eq!(wait(index.search(&scope(&[&generation]), &query)).unwrap(), []);
    assert_eq!(wait(index.position(&generation)).unwrap(), Position::Empty);
}

/// What was put before is in SQL: a follower fills the index again, and nothing that came after counts as all of it.
#[test]
fn a_table_that_is_lost_while_it_is_filled_is_not_gone_on_with() {
    let Some(database) = database() else { return };
    let (index, generation) = (open(&database), generation(1, Language::Fr, Some(4)));
    let document = document(1, None, &[]);
    let one = |n: usize| batch(1, vec![], vec![vector(n, &document, vec![1.0; 4])]);
    for lose in ["DROP SCHEMA lectern_index CASCADE", "DELETE FROM lectern_index.indexes"] {
        wait(index.clear(&generation)).unwrap();
        wait(index.apply(&generation, one(1))).unwrap();
        execute(database.database(), lose);
        let gone = wait(index.apply(&generation, one(2))).unwrap_err();
        assert!(gone.may_pass() && gone.to_string().contains("is filled anew"), "{gone}");
        assert_eq!(wait(index.position(&generation)).unwrap(), Position::Empty);
        wait(index.clear(&generation)).unwrap();
        wait(index.apply(&generation, one(1))).unwrap();
        execute(database.database(), lose);
        assert!(wait(index.commit(&generation, cursor(1))).unwrap_err().may_pass());
        assert_eq!(wait(index.position(&generation)).unwrap(), Position::Empty);
    }
}

#[test]
fn a_filter_that_leaves_little_finds_all_of_it() {
    let Some(database) = database() else { return };
    let name = database.url().database_name().unwrap().to_owned();
    // As if the table were far larger than what a walk through a graph looks at.
    execute(database.database(), &format!("CREATE EXTENSION vector; LOAD 'vector'; ALTER DATABASE {name} SET hnsw.max_scan_tuples = 1"));
    let (index, mut random) = (open(&database), Random::new(3));
    let all: Vec<Generation> = (1..=2).map(|id| generation(id, Language::Fr, Some(8))).collect();
    for generation in &all {
        let puts = (0..3_000usize).map(|n| {
            let year = if n < 5 { 1_999 } else { 2_001 + n };
            let document = document(i32::try_from(n).unwrap() + 1, None, &[("year", year.into())]);
            vector(generation.id.0 as usize * 10_000 + n, &document, random.vector(8))
        });
        wait(index.apply(generation, batch(1, vec![], puts.collect()))).unwrap();
        wait(index.commit(generation, cursor(1))).unwrap();
    }
    let old = Filter::Range(Field::Metadata("year".to_owned()), None, Some(Edge { value: 2_000.into(), included: false }));
    let query = VectorQuery { vector: random.vector(8), limit: 10, filter: Some(old) };
    let found = wait(index.search(&scope(&[&all[0], &all[1]]), &query)).unwrap();
    assert_eq!(found.len(), 10, "{found:?}");
}

#[test]
fn a_server_that_is_not_there_is_no_obstacle_to_a_start_and_is_told_as_such() {
    // Nothing listens on this port: it was given back a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://nobody@127.0.0.1:{port}/none");
    let index = Pgvector::new(&PgvectorOptions { url, connections: 1, timeout: Duration::from_secs(5) }, INSTALLATION).unwrap();
    let refused = wait(index.check(&[])).unwrap_err();
    assert!(refused.may_pass(), "{refused}");
}
