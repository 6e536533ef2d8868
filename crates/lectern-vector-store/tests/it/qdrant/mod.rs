//! Qdrant keeps the contract, and what it adds to it.
//!
//! Where `LECTERN_TEST_QDRANT_URL` names a server, everything runs on it. Where it does not, the scenarios run all the same, on what a real server
//! of the version in the folder's name (`tests/recordings/qdrant-<version>`) answered once: a request that differs from the recorded one fails. When
//! the adapter asks for something else than before, record anew: `LECTERN_RECORD=1 LECTERN_TEST_QDRANT_URL=http://… cargo test -p
//! lectern-vector-store --test it qdrant::recorded` writes the folder of that server's version.

mod access;
mod recorded;
mod scenarios;
mod trouble;

use crate::support::INSTALLATION;
use lectern_testkit::{contract, qdrant_server::QdrantServer};
use lectern_vector_store::qdrant::{Qdrant, QdrantOptions};

fn options(url: &str, prefix: &str) -> QdrantOptions {
    QdrantOptions { prefix: prefix.to_owned(), ..QdrantOptions::new(url) }
}

fn open(server: &QdrantServer) -> Qdrant {
    Qdrant::new(&options(&server.url, &server.prefix), INSTALLATION).unwrap()
}

#[test]
fn vectors_keep_the_contract() {
    let Some(server) = QdrantServer::named() else { return };
    contract::vectors::keeps(&mut || open(&server).vectors());
}

#[test]
fn scenarios_pass() {
    let Some(server) = QdrantServer::named() else { return };
    for (_, scenario) in scenarios::ALL {
        scenario(&server.url, &server.prefix);
        crate::support::wait(server.drop_collections());
    }
}
