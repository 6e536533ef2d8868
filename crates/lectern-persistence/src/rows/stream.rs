//! The table `streams`.

use super::json_list::{from_json, to_json};
use crate::{
    DbError,
    schema::streams,
    types::{JsonValue, Timestamp},
};
use diesel::{Insertable, Queryable, Selectable};
use lectern_domain::{
    ids::{ChatId, StreamId, UserId},
    stream::{NewStream, Stream, Temperature},
};
use uuid::Uuid;

/// A row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = streams)]
pub(crate) struct StreamRow {
    id: i32,
    is_streaming: bool,
    model_name: Option<String>,
    mode: Option<String>,
    query: Option<String>,
    limit: Option<i32>,
    with_history: Option<bool>,
    context: Option<String>,
    institution: Option<String>,
    links: Option<String>,
    temperature: f64,
    response: Option<String>,
    rag_sources: Option<JsonValue>,
    should_sids: Option<JsonValue>,
    must_not_sids: Option<JsonValue>,
    search_sids: Option<JsonValue>,
    postprocessing: Option<JsonValue>,
    collections: Option<JsonValue>,
    user_id: Option<i32>,
    chat_id: Option<i32>,
    prompt: Option<Vec<u8>>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

impl StreamRow {
    /// Its id.
    pub(crate) fn id(&self) -> StreamId {
        StreamId(self.id)
    }

    /// Whether it says that an answer is being written.
    pub(crate) fn is_streaming(&self) -> bool {
        self.is_streaming
    }

    /// The stream, with the names of its sources and whether an answer is really being written.
    ///
    /// # Errors
    /// [`DbError::Data`] for a value that the column should not hold.
    pub(crate) fn into_stream(self, sources: Vec<String>, is_streaming: bool) -> Result<Stream, DbError> {
        let temperature = Temperature::try_from(self.temperature).map_err(DbError::corrupt("streams"))?;
        Ok(Stream {
            id: StreamId(self.id),
            user: self.user_id.map(UserId),
            chat: self.chat_id.map(ChatId),
            question: NewStream {
                model_name: self.model_name.unwrap_or_default(),
                query: self.query.unwrap_or_default(),
                mode: self.mode,
                limit: self.limit,
                with_history: self.with_history,
                context: self.context.unwrap_or_default(),
                institution: self.institution.unwrap_or_default(),
                links: self.links.unwrap_or_default(),
                temperature,
                collections: collections(self.collections)?,
                sources,
                should_sids: from_json("streams.should_sids", self.should_sids)?,
                must_not_sids: from_json("streams.must_not_sids", self.must_not_sids)?,
                postprocessing: from_json("streams.postprocessing", self.postprocessing)?,
            },
            is_streaming,
            prompt: self.prompt,
            response: self.response,
            search_sids: from_json("streams.search_sids", self.search_sids)?,
            rag_sources: from_json("streams.rag_sources", self.rag_sources)?,
            created_at: self.created_at.map(Into::into),
            updated_at: self.updated_at.map(Into::into),
        })
    }
}

fn collections(column: Option<JsonValue>) -> Result<Option<Vec<Uuid>>, DbError> {
    let ids = from_json("streams.collections", column)?;
    ids.map(|ids| ids.iter().map(|id| Uuid::parse_str(id)).collect()).transpose().map_err(DbError::corrupt("streams.collections"))
}

/// A row to be inserted. Lists that are not given are JSON's `null`; what the answer fills is SQL's NULL.
#[derive(Insertable)]
#[diesel(table_name = streams, treat_none_as_default_value = false)]
pub(crate) struct NewStreamRow<'a> {
    is_streaming: bool,
    model_name: &'a str,
    mode: Option<&'a str>,
    query: &'a str,
    limit: Option<i32>,
    with_history: Option<bool>,
    context: &'a str,
    institution: &'a str,
    links: &'a str,
    temperature: f64,
    should_sids: JsonValue,
    must_not_sids: JsonValue,
    postprocessing: JsonValue,
    collections: Option<JsonValue>,
    user_id: i32,
    chat_id: Option<i32>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> NewStreamRow<'a> {
    /// A question of that user, in that chat.
    pub(crate) fn new(user: UserId, chat: Option<ChatId>, question: &'a NewStream) -> Self {
        let now = Timestamp::now();
        Self {
            is_streaming: false,
            model_name: &question.model_name,
            mode: question.mode.as_deref(),
            query: &question.query,
            limit: question.limit,
            with_history: question.with_history,
            context: &question.context,
            institution: &question.institution,
            links: &question.links,
            temperature: question.temperature.value(),
            should_sids: to_json(question.should_sids.as_deref()),
            must_not_sids: to_json(question.must_not_sids.as_deref()),
            postprocessing: to_json(question.postprocessing.as_deref()),
            collections: question.collections.as_ref().map(|ids| JsonValue(ids.iter().map(Uuid::to_string).collect())),
            user_id: user.0,
            chat_id: chat.map(|chat| chat.0),
            created_at: now,
            updated_at: now,
        }
    }
}
