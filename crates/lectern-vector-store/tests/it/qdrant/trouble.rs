//! A store that is busy, silent or gone. What a real one does when it likes is scripted here.

use super::{open, options};
use crate::support::{INSTALLATION, chunk, cursor, document, generation, scope, vector, wait};
use lectern_domain::{collection::Generation, language::Language};
use lectern_testkit::{
    contract::batch,
    proxy::{Guard, Proxy},
    qdrant_server::QdrantServer,
    upstream::{Scripted, Upstream},
};
use lectern_vector_store::{
    StoreError, VectorIndex, VectorQuery,
    qdrant::{Qdrant, QdrantOptions},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};

fn ok(result: &serde_json::Value) -> Scripted {
    Scripted::Status(200, json!({ "result": result }).to_string())
}

fn busy() -> Scripted {
    Scripted::Status(503, r#"{"status":{"error":"Service internal error: 1 of 1 read operations failed"}}"#.to_owned())
}

/// A scripted store, and the index in it.
fn scripted(script: Vec<Scripted>) -> (Upstream, Arc<dyn VectorIndex>, Generation) {
    let upstream = wait(Upstream::start());
    upstream.script(script);
    let index = Qdrant::new(&QdrantOptions::new(upstream.url()), INSTALLATION).unwrap().vectors();
    (upstream, index, generation(1, Language::Fr, Some(4)))
}

fn query() -> VectorQuery {
    VectorQuery { vector: vec![1.0, 0.0, 0.0, 0.0], limit: 10, filter: None }
}

#[test]
fn a_search_is_tried_three_times_while_the_store_has_no_time() {
    let found = || ok(&json!({ "points": [] }));
    for (script, tries, well) in [
        (vec![busy(), Scripted::HangUp, found()], 3, true),
        (vec![Scripted::Status(429, String::new()), found()], 2, true),
        (vec![busy(), busy(), busy(), found()], 3, false),
        (vec![Scripted::Status(400, "{}".to_owned()), found()], 1, false),
    ] {
        let (upstream, index, generation) = scripted(script);
        let result = wait(index.search(&scope(&[&generation]), &query()));
        assert_eq!((result.is_ok(), upstream.requests().len()), (well, tries), "{result:?}");
    }
}

#[test]
fn a_request_that_is_too_long_is_halved() {
    let too_long = || Scripted::Status(413, "{}".to_owned());
    let (place, none, taken) = (ok(&json!({ "payload": { "lectern": {} } })), ok(&json!([])), ok(&json!({})));
    let script = vec![place, none.clone(), too_long(), none.clone(), taken, none, too_long()];
    let (upstream, index, generation) = scripted(script);
    let document = document(1, None, &[]);
    let puts = (1..=2).map(|n| vector(n, &document, vec![1.0; 4])).collect();
    let rejected = wait(index.apply(&generation, batch(1, vec![], puts))).unwrap();
    let sent: Vec<usize> = upstream
        .requests()
        .iter()
        .filter(|request| request.method == "PUT")
        .map(|request| request.json()["points"].as_array().unwrap().len())
        .collect();
    assert_eq!(sent, [2, 1, 1]);
    assert!(rejected.len() == 1 && rejected[0].reason.contains("longer than the store takes"), "{rejected:?}");
}

#[test]
fn a_put_that_is_older_than_what_is_there_is_not_sent() {
    let (old, new) = (chunk(1).0, chunk(2).0);
    let place = ok(&json!({ "payload": { "lectern": {} } }));
    let there = ok(&json!([{ "id": old, "payload": { "seq": 4 } }, { "id": new, "payload": { "seq": 3 } }]));
    let (upstream, index, generation) = scripted(vec![place, there, ok(&json!({}))]);
    let document = document(1, None, &[]);
    let puts = (1..=2).map(|n| vector(n, &document, vec![1.0; 4])).collect();
    wait(index.apply(&generation, batch(3, vec![], puts))).unwrap();
    let requests = upstream.requests();
    let sent = requests.last().unwrap().json();
    assert_eq!((sent["points"].as_array().unwrap().len(), &sent["points"][0]["id"]), (1, &json!(new)));
}

#[test]
fn an_answer_that_is_not_the_store_s_is_an_error() {
    for body in ["<html>", "{}", r#"{"result":{"points":[{"id":1}]}}"#] {
        let (_upstream, index, generation) = scripted(vec![Scripted::Status(200, body.to_owned())]);
        assert!(wait(index.search(&scope(&[&generation]), &query())).is_err(), "{body}");
    }
}

#[test]
fn what_is_cut_off_or_silent_is_unavailable_until_it_is_back() {
    let Some(server) = QdrantServer::named() else { return };
    let proxy = wait(Proxy::start(&server.url, Guard::none()));
    let generation = generation(1, Language::Fr, Some(4));
    let direct = open(&server).vectors();
    wait(direct.apply(&generation, batch(1, vec![], vec![vector(1, &document(1, None, &[]), vec![1.0; 4])]))).unwrap();
    wait(direct.commit(&generation, cursor(1))).unwrap();
    // One that is patient enough for a slow machine, and one that soon has enough of silence.
    let [patient, hasty] = [30_000, 300].map(|milliseconds| {
        let timeout = Duration::from_millis(milliseconds);
        let options = QdrantOptions { timeout, ..options(&proxy.url(), &server.prefix) };
        Qdrant::new(&options, INSTALLATION).unwrap().vectors()
    });
    let search = |index: &dyn VectorIndex| wait(index.search(&scope(&[&generation]), &query()));
    let finds = || search(&*patient).is_ok_and(|hits| hits.len() == 1 && hits[0].chunk == chunk(1));
    for silent in [false, true] {
        assert!(finds());
        wait(async { if silent { proxy.silence().await } else { proxy.cut().await } });
        let refused = search(&*hasty).unwrap_err();
        assert!(matches!(refused, StoreError::Unavailable { .. }), "{refused}");
        proxy.restore();
    }
    assert!(finds());
}
