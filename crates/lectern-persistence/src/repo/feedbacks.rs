//! Opinions of answers: one for each user and stream.

use crate::{
    Conn, DbError,
    conn::with_conn,
    rows::feedback::{FeedbackRow, rows},
    schema::feedbacks,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use lectern_domain::{
    feedback::{Feedback, NewFeedback},
    ids::{FeedbackId, StreamId, UserId},
    page::Page,
};
use std::collections::HashMap;

/// How many ids go into one statement: SQLite allows 32,766 parameters.
const BATCH: usize = 10_000;

/// Keeps the opinion of that user; where there is one already, only what is given changes.
///
/// # Errors
/// [`DbError::ForeignKeyViolation`] where the stream or the user is gone, and failures of the database.
pub fn upsert(conn: &mut Conn, user: UserId, stream: StreamId, feedback: &NewFeedback) -> Result<Feedback, DbError> {
    let (new, change) = rows(user, stream, feedback);
    let row: FeedbackRow = with_conn!(conn, c => diesel::insert_into(feedbacks::table)
        .values(&new)
        .on_conflict((feedbacks::user_id, feedbacks::stream_id))
        .do_update()
        .set(&change)
        .returning(FeedbackRow::as_returning())
        .get_result(c))?;
    row.try_into()
}

/// The feedback with that id.
///
/// # Errors
/// Failures of the database.
pub fn find(conn: &mut Conn, id: FeedbackId) -> Result<Option<Feedback>, DbError> {
    let row: Option<FeedbackRow> =
        with_conn!(conn, c => feedbacks::table.filter(feedbacks::id.eq(id.0)).select(FeedbackRow::as_select()).get_result(c)).optional()?;
    row.map(Feedback::try_from).transpose()
}

/// A page of the feedback of a user, by id.
///
/// # Errors
/// Failures of the database.
pub fn list(conn: &mut Conn, user: UserId, page: Page) -> Result<Vec<Feedback>, DbError> {
    let rows: Vec<FeedbackRow> = with_conn!(conn, c => {
        let query = feedbacks::table
            .filter(feedbacks::user_id.eq(user.0))
            .select(FeedbackRow::as_select())
            .offset(page.skip.into())
            .limit(page.limit.into());
        if page.descending { query.order(feedbacks::id.desc()).load(c) } else { query.order(feedbacks::id.asc()).load(c) }
    })?;
    rows.into_iter().map(Feedback::try_from).collect()
}

/// Deletes a feedback.
///
/// # Errors
/// Failures of the database.
pub fn delete(conn: &mut Conn, id: FeedbackId) -> Result<(), DbError> {
    with_conn!(conn, c => diesel::delete(feedbacks::table.filter(feedbacks::id.eq(id.0))).execute(c))?;
    Ok(())
}

/// What `viewer` is shown of the feedback of each stream: their own, else what was given or changed last.
///
/// # Errors
/// Failures of the database.
pub fn of_streams(conn: &mut Conn, streams: &[StreamId], viewer: UserId) -> Result<HashMap<StreamId, Feedback>, DbError> {
    let mut shown: HashMap<StreamId, Feedback> = HashMap::new();
    for batch in streams.chunks(BATCH) {
        let ids: Vec<i32> = batch.iter().map(|id| id.0).collect();
        let rows: Vec<FeedbackRow> = with_conn!(&mut *conn, c => feedbacks::table
            .filter(feedbacks::stream_id.eq_any(ids))
            .order((feedbacks::updated_at, feedbacks::id))
            .select(FeedbackRow::as_select())
            .load(c))?;
        for row in rows {
            let feedback = Feedback::try_from(row)?;
            let own_is_there = shown.get(&feedback.stream).is_some_and(|earlier| earlier.user == viewer);
            if !own_is_there {
                shown.insert(feedback.stream, feedback);
            }
        }
    }
    Ok(shown)
}
