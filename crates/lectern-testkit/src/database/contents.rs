//! What is in a database, for comparing two of them.

use super::TestDatabase;
use diesel::prelude::*;
use lectern_persistence::{
    DbError,
    schema::{changes, chunks, documents},
    types::UuidValue,
};
use uuid::Uuid;

/// The documents and chunks of a database, in an order of their own.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    /// External id, version, hash of the content.
    pub documents: Vec<(String, i32, Vec<u8>)>,
    /// Id and hash.
    pub chunks: Vec<(Uuid, Vec<u8>)>,
    /// How many entries the change log has.
    pub entries: i64,
}

impl TestDatabase {
    /// What is in it now.
    pub fn contents(&self) -> Contents {
        let read = self.database().read::<_, DbError>(|conn| {
            let documents = documents::table.select((documents::external_id, documents::version, documents::content_hash));
            let mut documents: Vec<(String, i32, Vec<u8>)> = documents.load(conn)?;
            documents.sort();
            let chunks: Vec<(UuidValue, Vec<u8>)> = chunks::table.select((chunks::id, chunks::hash)).load(conn)?;
            let mut chunks: Vec<_> = chunks.into_iter().map(|(id, hash)| (id.0, hash)).collect();
            chunks.sort();
            let entries = changes::table.count().get_result(conn)?;
            Ok(Contents { documents, chunks, entries })
        });
        read.unwrap_or_else(|error| panic!("on {}: {error}", self.name()))
    }
}
