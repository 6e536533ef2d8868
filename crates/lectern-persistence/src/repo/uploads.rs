//! Files that were sent: their bytes in parts, and how the reading of them goes.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::{
        collection::CollectionRow,
        upload::{NewUploadRow, ReadingRow, StatusRow, UploadRow, status},
    },
    schema::{collections, jobs, upload_parts, uploads},
    types::{JsonValue, Timestamp, UuidValue},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use lectern_domain::{
    access::Readable,
    ids::{CollectionId, JobId, UploadId, UserId},
    page::Following,
    upload::{About, JobState, UploadFormat, UploadStatus},
};

/// A file that begins to arrive.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Its id.
    pub id: UploadId,
    /// Who sends it.
    pub owner: UserId,
    /// Where its documents go.
    pub collection: CollectionId,
    /// Its name.
    pub name: String,
    /// What it holds.
    pub format: UploadFormat,
    /// What was said of its document.
    pub about: About,
}

/// Keeps a place for a file that begins to arrive.
///
/// # Errors
/// [`DbError`] where the database fails, or the account or the collection is gone.
pub fn insert(conn: &mut Conn, new: &NewUpload, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = NewUploadRow {
        id: UuidValue(new.id.0),
        owner_id: new.owner.0,
        collection_id: new.collection.0,
        name: &new.name,
        format: new.format.as_str(),
        about: JsonValue(serde_json::to_value(&new.about).map_err(DbError::corrupt("uploads"))?),
        size_bytes: 0,
        created_at: Timestamp(now),
        updated_at: Timestamp(now),
    };
    with_conn!(conn, c => diesel::insert_into(uploads::table).values(&row).execute(c))?;
    Ok(())
}

/// Adds a part, by its place from 0, and says that the file is still arriving.
///
/// # Errors
/// [`DbError`] where the database fails, or nobody waits for the file any more.
pub fn add_part(conn: &mut Conn, id: UploadId, number: i32, bytes: &[u8], now: DateTime<Utc>) -> Result<(), DbError> {
    let row = (upload_parts::upload_id.eq(UuidValue(id.0)), upload_parts::number.eq(number), upload_parts::bytes.eq(bytes));
    with_conn!(&mut *conn, c => diesel::insert_into(upload_parts::table).values(row).execute(c))?;
    let arriving = diesel::update(uploads::table.filter(uploads::id.eq(UuidValue(id.0)))).set(uploads::updated_at.eq(Timestamp(now)));
    with_conn!(conn, c => arriving.execute(c))?;
    Ok(())
}

/// A part, by its place from 0; none beyond the end, or once the parts are no longer needed.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn part(conn: &mut Conn, id: UploadId, number: i32) -> Result<Option<Vec<u8>>, DbError> {
    let query = upload_parts::table
        .filter(upload_parts::upload_id.eq(UuidValue(id.0)))
        .filter(upload_parts::number.eq(number))
        .select(upload_parts::bytes);
    Ok(with_conn!(conn, c => query.get_result(c).optional())?)
}

/// Says that a file has arrived whole, and which job reads it. `false` where nobody waits for it any more.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn arrived(conn: &mut Conn, id: UploadId, job: JobId, size_bytes: u64, now: DateTime<Utc>) -> Result<bool, DbError> {
    let set = (
        uploads::job_id.eq(job.0),
        uploads::size_bytes.eq(i64::try_from(size_bytes).map_err(DbError::corrupt("uploads"))?),
        uploads::updated_at.eq(Timestamp(now)),
    );
    let update = diesel::update(uploads::table.filter(uploads::id.eq(UuidValue(id.0))).filter(uploads::job_id.is_null())).set(set);
    Ok(with_conn!(conn, c => update.execute(c))? == 1)
}

/// Forgets a file that did not arrive whole, with its parts.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn abandon(conn: &mut Conn, id: UploadId) -> Result<(), DbError> {
    let delete = diesel::delete(uploads::table.filter(uploads::id.eq(UuidValue(id.0))).filter(uploads::job_id.is_null()));
    with_conn!(conn, c => delete.execute(c))?;
    Ok(())
}

/// Forgets the files of which no part has come since `before`; says how many.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn abandon_unmoved(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, DbError> {
    let delete = diesel::delete(uploads::table.filter(uploads::job_id.is_null()).filter(uploads::updated_at.lt(Timestamp(before))));
    Ok(with_conn!(conn, c => delete.execute(c))?)
}

/// Forgets all files on their way into a collection, and those that were read, with their parts and their jobs' progress.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn forget_of_collection(conn: &mut Conn, collection: CollectionId) -> Result<usize, DbError> {
    let delete = diesel::delete(uploads::table.filter(uploads::collection_id.eq(collection.0)));
    Ok(with_conn!(conn, c => delete.execute(c))?)
}

/// Deletes the bytes of the file that a job has read, or will not read any more.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn delete_parts(conn: &mut Conn, job: JobId) -> Result<usize, DbError> {
    let of_job = uploads::table.filter(uploads::job_id.eq(job.0)).select(uploads::id);
    let delete = diesel::delete(upload_parts::table.filter(upload_parts::upload_id.eq_any(of_job)));
    Ok(with_conn!(conn, c => delete.execute(c))?)
}

/// How many files of an account are arriving, or wait for a job to read them.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn waiting_of(conn: &mut Conn, owner: UserId) -> Result<i64, DbError> {
    let waits = jobs::state.eq_any([JobState::Queued.as_str(), JobState::Running.as_str()]);
    let query = uploads::table
        .left_join(jobs::table)
        .filter(uploads::owner_id.eq(owner.0))
        .filter(uploads::job_id.is_null().or(waits.assume_not_null()))
        .count();
    Ok(with_conn!(conn, c => query.get_result(c))?)
}

/// A file that arrived whole, and how the reading of it goes.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn find(conn: &mut Conn, id: UploadId) -> Result<Option<UploadStatus>, DbError> {
    let query = uploads::table.inner_join(collections::table).inner_join(jobs::table).filter(uploads::id.eq(UuidValue(id.0)));
    let row: Option<StatusRow> = with_conn!(conn, c => {
        query.select((UploadRow::as_select(), CollectionRow::as_select(), ReadingRow::as_select())).get_result(c).optional()
    })?;
    row.map(status).transpose()
}

/// A page of the files that somebody has sent, or of everybody's, in the order in which they arrived.
///
/// # Errors
/// [`DbError`] where the database fails.
pub fn page(conn: &mut Conn, readable: Readable, part: Following<JobId>) -> Result<Vec<UploadStatus>, DbError> {
    let rows: Vec<StatusRow> = with_conn!(conn, c => {
        let mut query = uploads::table
            .inner_join(collections::table)
            .inner_join(jobs::table)
            .select((UploadRow::as_select(), CollectionRow::as_select(), ReadingRow::as_select()))
            .limit(part.limit.into())
            .into_boxed();
        if let Readable::PublicAndOf(user) = readable {
            query = query.filter(uploads::owner_id.eq(user.0));
        }
        match (part.after, part.descending) {
            (Some(after), true) => query = query.filter(jobs::id.lt(after.0)),
            (Some(after), false) => query = query.filter(jobs::id.gt(after.0)),
            (None, _) => {}
        }
        if part.descending { query.order(jobs::id.desc()).load(c) } else { query.order(jobs::id.asc()).load(c) }
    })?;
    rows.into_iter().map(status).collect()
}
