//! What a table holds.

use super::{pg, table::VectorTable};
use crate::{
    Conn, DbError,
    types::{UuidValue, sql::UuidType},
};
use diesel::{
    RunQueryDsl,
    pg::Pg,
    sql_query,
    sql_types::{BigInt, Binary},
};
use lectern_domain::{digest::Digest, ids::ChunkId};

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = UuidType)]
    chunk_id: UuidValue,
    #[diesel(sql_type = Binary)]
    digest: Vec<u8>,
}

/// The chunks of a table, which is there, with their digests, in the order of their ids from after `after`; a digest that is none is not told.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn held(conn: &mut Conn, table: &VectorTable, after: Option<ChunkId>, limit: i64) -> Result<Vec<(ChunkId, Option<Digest>)>, DbError> {
    let beyond = if after.is_some() { "WHERE chunk_id > $2" } else { "" };
    let sql = format!("SELECT chunk_id, digest FROM {} {beyond} ORDER BY chunk_id LIMIT $1", table.sql());
    let mut query = sql_query(sql).into_boxed::<Pg>().bind::<BigInt, _>(limit);
    if let Some(after) = after {
        query = query.bind::<UuidType, _>(UuidValue(after.0));
    }
    let rows: Vec<Row> = query.load(pg(conn)?)?;
    let held = |row: Row| (ChunkId(row.chunk_id.0), <[u8; 32]>::try_from(row.digest).ok().map(Digest));
    Ok(rows.into_iter().map(held).collect())
}
