//! A new question.

use super::{NameChat, ShownStream, permitted};
use crate::{
    ServiceError,
    accounts::{Caller, Presented},
    app::App,
    corpora::named,
    jobs::{self, Work},
};
use lectern_domain::{access::may_write_chat, collection::CollectionRef, ids::ChatId, stream::NewStream};
use lectern_persistence::{
    Backend,
    repo::{sources, streams},
};

/// Keeps a question of the caller's, in a chat of theirs or on its own. A source that is named twice counts once. The first question of a
/// chat without a name has the chat named after it, in the background. The collections that may answer it are kept by their ids, and must be the
/// caller's to read now and when it is answered. The caller is proved first: on PostgreSQL in the same trip to the
/// database; on SQLite, whose one writer all writes wait for, in a trip before it.
///
/// # Errors
/// As [`Presented::prove`]; [`ServiceError::ChatNotFound`], then [`ServiceError::Forbidden`] for a chat of somebody else;
/// [`ServiceError::UnknownCollection`].
pub async fn create_stream(
    app: &App,
    presented: Presented,
    chat: Option<ChatId>,
    collections: Option<Vec<CollectionRef>>,
    mut question: NewStream,
) -> Result<ShownStream, ServiceError> {
    let mut names = Vec::new();
    question.sources.retain(|name| {
        let first = !names.contains(name);
        if first {
            names.push(name.clone());
        }
        first
    });
    let proved = match app.bridge.database().backend() {
        Backend::Sqlite => Some(app.bridge.read(move |c| presented.prove(c)).await?),
        Backend::Postgres => None,
    };
    let (stream, job) = app
        .bridge
        .write(move |tx| {
            let caller: Caller = match proved {
                Some(caller) => caller,
                None => presented.prove(tx.conn())?,
            };
            let mut nameless = None;
            if let Some(id) = chat {
                let chat = permitted::chat(tx.conn(), caller.principal(), id, may_write_chat)?;
                let first = chat.stream_count == 0 && chat.name.is_none_or(|name| name.is_empty()) && !question.query.trim().is_empty();
                nameless = first.then_some(id);
            }
            if let Some(named) = &collections {
                let found = named::all(tx.conn(), caller.principal(), named)?;
                question.collections = Some(found.into_iter().map(|(collection, _)| collection.uid).collect());
            }
            let stream = streams::insert(tx.conn(), caller.user.id, chat, question)?;
            if !names.is_empty() {
                sources::ensure(tx.conn(), &names)?;
                sources::link(tx.conn(), stream.id, &names)?;
            }
            let job = nameless.map(|chat| jobs::enqueue(tx, &Work::NameChat(NameChat { chat, stream: stream.id }))).transpose()?;
            Ok::<_, ServiceError>((ShownStream::new(stream), job))
        })
        .await?;
    if job.is_some() {
        app.jobs.wake();
    }
    Ok(stream)
}
