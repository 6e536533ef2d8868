//! `lectern db backup`, `restore`, `copy`, `rehearse`: the real program, between every two databases at hand.

mod broken_off;
mod commands;
mod copies;
mod dumps;
mod encrypted;
mod nothing_there;
mod page;
mod refused;
mod rehearsals;
mod stuck;

use crate::support::Place;
use lectern_testkit::{
    TestDatabase,
    database::{
        execute,
        full::{self, Pool},
    },
};
use std::collections::BTreeMap;

/// What describes one database, or those who follow it, and what means nothing to the other backend.
const LEFT: [&str; 9] = [
    "changes",
    "followers",
    "follower_cursors",
    "dead_letters",
    "leases",
    "checkpoints",
    "checkpoint_blobs",
    "checkpoint_writes",
    "writes",
];

impl Place {
    /// A place with rows in every table.
    fn full(self) -> Self {
        full::fill(&self.database, &Pool::default());
        self
    }

    /// A place on SQLite with so many bytes that no archive of it is in a pipe as a whole.
    fn heavy() -> Self {
        let place = Self::sqlite().full();
        execute(place.database.database(), "UPDATE streams SET response = hex(randomblob(700000))");
        place
    }

    /// The rows that are archived, and mean something to either backend.
    fn archived(&self) -> BTreeMap<String, Vec<String>> {
        let mut rows = full::rows(self.database.database());
        rows.retain(|table, _| !LEFT.contains(&table.as_str()));
        rows
    }
}

/// A full database of each backend at hand as a source, with an empty one of each as a target.
fn pairs(test: impl Fn(&Place, &Place)) {
    for at in 0..TestDatabase::all().len() {
        for target in TestDatabase::all_empty() {
            let source = Place::on(TestDatabase::all().remove(at)).full();
            test(&source, &Place::on(target));
        }
    }
}
