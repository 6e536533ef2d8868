//! Cutting documents anew, for a generation of another chunking, and forgetting a chunking that no generation has.

#[cfg(feature = "postgres")]
use crate::schema::collections;
use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::document::DocumentRow,
    schema::{chunks, documents, generations},
    types::UuidValue,
};
use diesel::prelude::*;
use lectern_domain::{
    collection::Chunking,
    document::Document,
    ids::{CollectionId, DocumentId},
};

/// The ids of one DELETE: SQLite takes 32,766 values.
const IDS: i64 = 1_000;

/// Keeps others from writing chunks into a collection until the transaction ends, for whoever changes which chunkings its generations have.
/// Who writes chunks asks [`chunkings`] first. SQLite has one writer.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn lock(conn: &mut Conn, collection: CollectionId) -> Result<(), DbError> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => {
            let row = collections::table.filter(collections::id.eq(collection.0)).select(collections::id).for_update();
            row.load::<i32>(c)?;
        }
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => {
            let _ = collection;
        }
    }
    Ok(())
}

/// The chunkings of a collection's generations, each once, that of the oldest first: a version has chunks under each. They stay as they are until
/// the transaction ends.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn chunkings(conn: &mut Conn, collection: CollectionId) -> Result<Vec<Chunking>, DbError> {
    match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(c) => {
            let row = collections::table.filter(collections::id.eq(collection.0)).select(collections::id).for_key_share();
            row.load::<i32>(c)?;
        }
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => {}
    }
    let query = generations::table
        .filter(generations::collection_id.eq(collection.0))
        .order(generations::id)
        .select((generations::chunk_chars, generations::chunk_overlap));
    let rows: Vec<(i32, i32)> = with_conn!(conn, c => query.load(c))?;
    let mut found = Vec::new();
    for (chars, overlap) in rows {
        let chars = u32::try_from(chars).map_err(DbError::corrupt("generations"))?;
        let overlap = u32::try_from(overlap).map_err(DbError::corrupt("generations"))?;
        let chunking = Chunking::new(chars, overlap).map_err(DbError::corrupt("generations"))?;
        if !found.contains(&chunking) {
            found.push(chunking);
        }
    }
    Ok(found)
}

/// The next documents of a collection, in the order of their ids, whose current version has no chunks under a chunking; those without any text
/// are among them.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn uncut(conn: &mut Conn, collection: CollectionId, chunking: &str, after: DocumentId, limit: i64) -> Result<Vec<Document>, DbError> {
    let cut = chunks::table.filter(chunks::version_id.eq(documents::version_id)).filter(chunks::chunking.eq(chunking));
    let query = documents::table
        .filter(documents::collection_id.eq(collection.0))
        .filter(documents::id.gt(after.0))
        .filter(diesel::dsl::not(diesel::dsl::exists(cut)))
        .order(documents::id)
        .limit(limit);
    let rows: Vec<DocumentRow> = with_conn!(conn, c => query.select(DocumentRow::as_select()).load(c))?;
    rows.into_iter().map(Document::try_from).collect()
}

/// Deletes some chunks of a collection under a chunking; says how many, which is none where none are left.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete_chunks(conn: &mut Conn, collection: CollectionId, chunking: &str) -> Result<usize, DbError> {
    let query =
        chunks::table.filter(chunks::collection_id.eq(collection.0)).filter(chunks::chunking.eq(chunking)).limit(IDS).select(chunks::id);
    let ids: Vec<UuidValue> = with_conn!(&mut *conn, c => query.load(c))?;
    let delete = diesel::delete(chunks::table.filter(chunks::id.eq_any(ids)));
    Ok(with_conn!(conn, c => delete.execute(c))?)
}
