//! Answers that are being written, by processes that are alive and by others.

use crate::support::in_every_world;
use lectern_domain::{
    email::EmailAddress,
    ids::{HolderId, RunId, StreamId},
    page::Page,
    password::Password,
    stream::{NewStream, Temperature},
    token::TokenName,
};
use lectern_persistence::{DbError, repo::runs};
use lectern_service::{
    accounts::{Caller, Credential, Presented, tokens, users},
    answer::start,
    app::App,
    conversations::{create_stream, list_streams},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

async fn caller(app: &App) -> Caller {
    let account = users::NewAccount {
        username: "jeanne".into(),
        email: EmailAddress::try_from("jeanne@example.org").unwrap(),
        password: Password::try_from("correct-horse".to_owned()).unwrap(),
        is_admin: false,
    };
    users::add(app, account).await.unwrap();
    let user = users::list(app).await.unwrap().remove(0);
    Caller { user, credential: Credential::ApiToken }
}

/// Asks a question.
async fn ask(app: &App, who: &Caller) -> StreamId {
    let token = tokens::create(app, who, TokenName::try_from("t".to_owned()).unwrap()).await.unwrap();
    let presented = Presented::read(app, Some(&format!("Bearer {token}"))).unwrap();
    create_stream(app, presented, None, None, question()).await.unwrap().stream.id
}

fn question() -> NewStream {
    NewStream {
        model_name: "lectern-extractive".into(),
        query: "Q ?".into(),
        mode: None,
        limit: None,
        with_history: None,
        context: String::new(),
        institution: String::new(),
        links: String::new(),
        temperature: Temperature::default(),
        collections: None,
        sources: Vec::new(),
        should_sids: None,
        must_not_sids: None,
        postprocessing: None,
    }
}

/// Which of the two streams are being written.
async fn streaming(app: &App, who: &Caller) -> [bool; 2] {
    let page = Page { skip: 0, limit: 10, descending: false };
    let streams = list_streams(app, who, None, page).await.unwrap();
    [streams[0].stream.is_streaming, streams[1].stream.is_streaming]
}

#[test]
fn the_streams_of_a_process_that_is_gone_are_not_streaming_and_those_of_others_are() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let who = caller(&app).await;
        for id in [1, 2] {
            assert_eq!(ask(&app, &who).await, StreamId(id));
        }
        let begin = |stream, runner: u128, lease| {
            let (run, runner) = (RunId(Uuid::new_v4()), HolderId(Uuid::from_u128(runner)));
            world.database.database().write::<_, DbError>(move |tx| runs::begin(tx.conn(), StreamId(stream), run, runner, lease)).unwrap();
        };
        begin(1, 1, Duration::ZERO);
        begin(2, 2, Duration::from_secs(600));
        // A lease of nothing ends with the moment in which it began.
        while streaming(&app, &who).await[0] {
            tokio::task::yield_now().await;
        }
        assert_eq!(streaming(&app, &who).await, [false, true]);
        let restarted = world.open(None).await;
        assert_eq!(streaming(&restarted, &who).await, [false, true]);
        drain(&restarted, &who, StreamId(1)).await;
        assert_eq!(streaming(&app, &who).await, [false, true]);
        drain(&restarted, &who, StreamId(2)).await;
        assert_eq!(streaming(&app, &who).await, [false, false], "starting again takes the place of what runs elsewhere");
    });
}

async fn drain(app: &Arc<App>, who: &Caller, stream: StreamId) {
    let mut parts = start(app, who, stream).await.unwrap().parts;
    while let Some(part) = parts.recv().await {
        part.unwrap();
    }
}

#[test]
fn a_run_that_was_replaced_keeps_nothing() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let who = caller(&app).await;
        ask(&app, &who).await;
        let write = |run: RunId, end: bool| {
            let finished = runs::Finished { response: "late".into(), prompt: Vec::new(), rag_sources: Vec::new() };
            let work = move |tx: &mut lectern_persistence::Tx<'_>| match end {
                true => runs::end(tx.conn(), StreamId(1), run, Some(finished)),
                false => runs::begin(tx.conn(), StreamId(1), run, HolderId(Uuid::from_u128(1)), Duration::from_secs(600)).map(|()| true),
            };
            world.database.database().write::<_, DbError>(work).unwrap()
        };
        let (first, second) = (RunId(Uuid::from_u128(1)), RunId(Uuid::from_u128(2)));
        assert!(write(first, false) && write(second, false));
        assert!(!write(first, true), "replaced");
        assert!(write(second, true));
        assert!(!write(second, true), "ended");
    });
}
