//! The table `feedbacks`.

use super::json_list::{from_json, to_json};
use crate::{
    DbError,
    schema::feedbacks,
    types::{JsonValue, Timestamp},
};
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use lectern_domain::{
    feedback::{Feedback, FeedbackType, Negative, NewFeedback, Note, Positive},
    ids::{FeedbackId, StreamId, UserId},
};

/// A row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = feedbacks)]
pub(crate) struct FeedbackRow {
    id: i32,
    type_: String,
    note: Option<i32>,
    positives: Option<JsonValue>,
    negatives: Option<JsonValue>,
    is_good: Option<bool>,
    message: Option<String>,
    user_id: i32,
    stream_id: i32,
}

impl TryFrom<FeedbackRow> for Feedback {
    type Error = DbError;

    fn try_from(row: FeedbackRow) -> Result<Self, DbError> {
        let feedback_type = FeedbackType::ALL.iter().find(|known| known.as_str() == row.type_);
        Ok(Self {
            id: FeedbackId(row.id),
            user: UserId(row.user_id),
            stream: StreamId(row.stream_id),
            feedback_type: *feedback_type.ok_or_else(|| DbError::Data(format!("feedbacks.type of row {}", row.id)))?,
            note: row.note,
            positives: from_json("feedbacks.positives", row.positives)?,
            negatives: from_json("feedbacks.negatives", row.negatives)?,
            is_good: row.is_good,
            message: row.message,
        })
    }
}

/// A row to be inserted. Lists that are not given are JSON's `null`.
#[derive(Insertable)]
#[diesel(table_name = feedbacks, treat_none_as_default_value = false)]
pub(crate) struct NewFeedbackRow<'a> {
    type_: &'static str,
    note: i32,
    positives: JsonValue,
    negatives: JsonValue,
    is_good: Option<bool>,
    message: Option<&'a str>,
    user_id: i32,
    stream_id: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What is to change of a row; what is none stays.
#[derive(AsChangeset)]
#[diesel(table_name = feedbacks)]
pub(crate) struct FeedbackChange<'a> {
    type_: &'static str,
    note: Option<i32>,
    positives: Option<JsonValue>,
    negatives: Option<JsonValue>,
    is_good: Option<bool>,
    message: Option<&'a str>,
    updated_at: Timestamp,
}

/// A first opinion, and the same as a change of an earlier one.
pub(crate) fn rows<'a>(user: UserId, stream: StreamId, feedback: &'a NewFeedback) -> (NewFeedbackRow<'a>, FeedbackChange<'a>) {
    let now = Timestamp::now();
    let type_ = feedback.feedback_type.as_str();
    let note = feedback.note.map(Note::value);
    let message = feedback.message.as_deref();
    let positives =
        feedback.positives.as_ref().map(|words| words.iter().map(|word| Positive::as_str(*word).to_owned()).collect::<Vec<_>>());
    let negatives =
        feedback.negatives.as_ref().map(|words| words.iter().map(|word| Negative::as_str(*word).to_owned()).collect::<Vec<_>>());
    let json = |list: &Option<Vec<String>>| list.as_ref().map(|words| to_json(Some(words)));
    let change = FeedbackChange {
        type_,
        note,
        positives: json(&positives),
        negatives: json(&negatives),
        is_good: feedback.is_good,
        message,
        updated_at: now,
    };
    let new = NewFeedbackRow {
        type_,
        note: note.unwrap_or_default(),
        positives: to_json(positives.as_deref()),
        negatives: to_json(negatives.as_deref()),
        is_good: feedback.is_good,
        message,
        user_id: user.0,
        stream_id: stream.0,
        created_at: now,
        updated_at: now,
    };
    (new, change)
}
