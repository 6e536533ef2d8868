//! Reading the change log. It is written by [`crate::Tx`] alone.

use crate::{
    Conn, DbError,
    conn::with_conn,
    schema::changes,
    types::{Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::{
    Invalid,
    change::{Change, ChangeKind, Cursor, NewChange},
    ids::{CollectionId, DocumentId, EntryId, ModelId, VersionId},
};
use std::collections::{HashMap, HashSet};

type Row = (i64, UuidValue, String, i32, i32, UuidValue, String, i32, Option<i32>);

fn change(row: Row) -> Result<Change, DbError> {
    let (seq, entry, kind, collection, document, version, chunking, chunks, model) = row;
    let kind = match (kind.as_str(), model) {
        ("put", _) => ChangeKind::Put,
        ("delete", _) => ChangeKind::Delete,
        ("embedded", Some(model)) => ChangeKind::Embedded(ModelId(model)),
        _ => return Err(DbError::corrupt("changes")(Invalid::new("kind", kind))),
    };
    Ok(Change {
        cursor: Cursor { seq, entry: EntryId(entry.0) },
        change: NewChange {
            kind,
            collection: CollectionId(collection),
            document: DocumentId(document),
            version: VersionId(version.0),
            chunking,
            chunks: u32::try_from(chunks).map_err(DbError::corrupt("changes"))?,
        },
    })
}

/// The log's last entry.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn head(conn: &mut Conn) -> Result<Option<Cursor>, DbError> {
    let query = changes::table.order(changes::seq.desc()).limit(1).select((changes::seq, changes::entry_id));
    let row: Option<(i64, UuidValue)> = with_conn!(conn, c => query.get_result(c).optional())?;
    Ok(row.map(|(seq, entry)| Cursor { seq, entry: EntryId(entry.0) }))
}

/// The number of the last entry of every collection that has one.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn heads(conn: &mut Conn) -> Result<HashMap<CollectionId, i64>, DbError> {
    let query = changes::table.group_by(changes::collection_id).select((changes::collection_id, diesel::dsl::max(changes::seq)));
    let rows: Vec<(i32, Option<i64>)> = with_conn!(conn, c => query.load(c))?;
    Ok(rows.into_iter().map(|(collection, seq)| (CollectionId(collection), seq.unwrap_or(0))).collect())
}

/// The last entry of a collection.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn last(conn: &mut Conn, collection: CollectionId) -> Result<Option<Cursor>, DbError> {
    let query = changes::table
        .filter(changes::collection_id.eq(collection.0))
        .order(changes::seq.desc())
        .limit(1)
        .select((changes::seq, changes::entry_id));
    let row: Option<(i64, UuidValue)> = with_conn!(conn, c => query.get_result(c).optional())?;
    Ok(row.map(|(seq, entry)| Cursor { seq, entry: EntryId(entry.0) }))
}

/// The entries of a collection after a number, in order.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn after(conn: &mut Conn, collection: CollectionId, seq: i64, limit: i64) -> Result<Vec<Change>, DbError> {
    let query = changes::table
        .filter(changes::collection_id.eq(collection.0))
        .filter(changes::seq.gt(seq))
        .order(changes::seq)
        .limit(limit)
        .select((
            changes::seq,
            changes::entry_id,
            changes::kind,
            changes::collection_id,
            changes::document_id,
            changes::version_id,
            changes::chunking,
            changes::chunk_count,
            changes::model_id,
        ));
    let rows: Vec<Row> = with_conn!(conn, c => query.load(c))?;
    rows.into_iter().map(change).collect()
}

/// The versions that were embedded by a model after a number of a collection's log, each once, at most `limit` of them, the latest first.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn embedded_after(conn: &mut Conn, collection: CollectionId, model: ModelId, seq: i64, limit: i64) -> Result<Vec<VersionId>, DbError> {
    let query = changes::table
        .filter(changes::collection_id.eq(collection.0))
        .filter(changes::seq.gt(seq))
        .filter(changes::kind.eq(ChangeKind::Embedded(model).as_str()))
        .filter(changes::model_id.eq(model.0))
        .order(changes::seq.desc())
        .limit(limit)
        .select(changes::version_id);
    let rows: Vec<UuidValue> = with_conn!(conn, c => query.load(c))?;
    let mut seen = HashSet::new();
    Ok(rows.into_iter().map(|version| VersionId(version.0)).filter(|version| seen.insert(*version)).collect())
}

/// Whether the cursor's entry stands in the log; where it does not, the cursor comes from another history.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn contains(conn: &mut Conn, cursor: Cursor) -> Result<bool, DbError> {
    let query = changes::table.filter(changes::seq.eq(cursor.seq)).filter(changes::entry_id.eq(UuidValue(cursor.entry.0))).count();
    let count: i64 = with_conn!(conn, c => query.get_result(c))?;
    Ok(count == 1)
}

/// How many entries of a collection stand after a number, counted to `most`, and when the first of them was written.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn backlog(conn: &mut Conn, collection: CollectionId, seq: i64, most: i64) -> Result<(usize, Option<DateTime<Utc>>), DbError> {
    let query = changes::table
        .filter(changes::collection_id.eq(collection.0))
        .filter(changes::seq.gt(seq))
        .order(changes::seq)
        .limit(most)
        .select(changes::at);
    let times: Vec<Timestamp> = with_conn!(conn, c => query.load(c))?;
    Ok((times.len(), times.first().map(|at| at.0)))
}

/// Deletes the entries of a collection that stand below `seq` and are older than `older_than`; says how many.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn trim(conn: &mut Conn, collection: CollectionId, seq: i64, older_than: DateTime<Utc>) -> Result<usize, DbError> {
    let old = changes::table
        .filter(changes::collection_id.eq(collection.0))
        .filter(changes::seq.lt(seq))
        .filter(changes::at.lt(Timestamp(older_than)));
    Ok(with_conn!(conn, c => diesel::delete(old).execute(c))?)
}

/// Deletes some entries of a collection that is no longer there; says how many.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn forget_some(conn: &mut Conn, collection: CollectionId, limit: i64) -> Result<usize, DbError> {
    let some = changes::table.filter(changes::collection_id.eq(collection.0)).order(changes::seq).limit(limit).select(changes::seq);
    let numbers: Vec<i64> = with_conn!(&mut *conn, c => some.load(c))?;
    let delete = diesel::delete(changes::table.filter(changes::seq.eq_any(numbers)));
    Ok(with_conn!(conn, c => delete.execute(c))?)
}

/// Whether a follower that stands at `at` has still to take vectors of what was put after `from` and up to `to` of a collection.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn embedded_is_ahead(conn: &mut Conn, collection: CollectionId, at: i64, (from, to): (i64, i64)) -> Result<bool, DbError> {
    let puts = diesel::alias!(changes as puts);
    let (of, kind, seq) = (puts.field(changes::collection_id), puts.field(changes::kind), puts.field(changes::seq));
    let put = puts
        .filter(of.eq(collection.0).and(kind.eq(ChangeKind::Put.as_str())))
        .filter(seq.gt(from).and(seq.le(to)))
        .select(puts.field(changes::version_id));
    let ahead = changes::table
        .filter(changes::collection_id.eq(collection.0).and(changes::seq.gt(at)))
        .filter(changes::kind.eq("embedded"))
        .filter(changes::version_id.eq_any(put))
        .limit(1)
        .select(changes::seq);
    let found: Option<i64> = with_conn!(conn, c => ahead.get_result(c).optional())?;
    Ok(found.is_some())
}
