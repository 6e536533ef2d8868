//! A store that is busy, half busy, silent or gone. What a real one does when it likes is scripted here.

use super::{INSTALLATION, open, options, query};
use crate::support::{document, generation, scope, wait, words};
use lectern_domain::{collection::Generation, language::Language};
use lectern_testkit::{
    contract::{
        batch,
        world::{chunk, cursor},
    },
    proxy::{Guard, Proxy},
    search_server::SearchServer,
    upstream::{Scripted, Upstream},
};
use lectern_vector_store::{
    LexicalIndex, StoreError,
    elasticsearch::{Elasticsearch, ElasticsearchOptions},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const FOUND: &str = r#"{"timed_out":false,"hits":{"hits":[]}}"#;

fn ok(body: &Value) -> Scripted {
    Scripted::Status(200, body.to_string())
}

fn busy() -> Scripted {
    Scripted::Status(429, r#"{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution"},"status":429}"#.to_owned())
}

/// A scripted store, and the index of words in it.
fn scripted(script: Vec<Scripted>) -> (Upstream, Arc<dyn LexicalIndex>, Generation) {
    let upstream = wait(Upstream::start());
    upstream.script(script);
    let options = ElasticsearchOptions::new(format!("http://127.0.0.1:{}", upstream.port()));
    let index = Elasticsearch::new(&options, INSTALLATION).unwrap().lexical();
    (upstream, index, generation(1, Language::Fr, None))
}

#[test]
fn a_search_is_tried_three_times_while_the_store_has_no_time() {
    let found = || Scripted::Status(200, FOUND.to_owned());
    for (script, tries, well) in [
        (vec![busy(), Scripted::HangUp, found()], 3, true),
        (vec![Scripted::Status(503, String::new()), found()], 2, true),
        (vec![busy(), busy(), busy(), found()], 3, false),
        (vec![Scripted::Status(400, "{}".to_owned()), found()], 1, false),
    ] {
        let (upstream, index, generation) = scripted(script);
        let result = wait(index.search(&scope(&[&generation]), &query("chat")));
        assert_eq!((result.is_ok(), upstream.requests().len()), (well, tries), "{result:?}");
    }
}

#[test]
fn of_a_bulk_request_only_what_found_no_time_is_sent_again() {
    let item = |status: u16| match status {
        200 => json!({ "index": { "status": 200 } }),
        429 => json!({ "index": { "status": 429, "error": { "type": "es_rejected_execution_exception", "reason": "full" } } }),
        other => json!({ "index": { "status": other, "error": { "type": "mapper_parsing_exception", "reason": "no" } } }),
    };
    let items = |statuses: &[u16]| ok(&json!({ "errors": true, "items": statuses.iter().map(|status| item(*status)).collect::<Vec<_>>() }));
    let script =
        vec![Scripted::Status(200, String::new()), items(&[200, 429, 400, 429]), items(&[429, 200]), ok(&json!({ "errors": false }))];
    let (upstream, index, generation) = scripted(script);
    let document = document(1, None, &[]);
    let puts = (0..4).map(|n| words(n, &document, "un chat")).collect();
    let rejected = wait(index.apply(&generation, batch(1, vec![], puts))).unwrap();
    let sent: Vec<Vec<String>> = upstream.requests()[1..].iter().map(|request| ids(&request.body)).collect();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [4, 2, 1]);
    assert_eq!(sent[1], [sent[0][1].clone(), sent[0][3].clone()]);
    assert_eq!(sent[2], [sent[0][1].clone()]);
    assert_eq!(rejected.len(), 1);
    assert_eq!((rejected[0].chunk.to_string(), rejected[0].reason.as_str()), (sent[0][2].clone(), "mapper_parsing_exception: no"));
}

/// The ids of a bulk request.
fn ids(body: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(body).unwrap().lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter_map(|line| line["index"]["_id"].as_str().map(str::to_owned)).collect()
}

#[test]
fn a_bulk_request_that_is_too_long_is_halved() {
    let too_long = || Scripted::Status(413, "{}".to_owned());
    let taken = || ok(&json!({ "errors": false }));
    let script = vec![Scripted::Status(200, String::new()), too_long(), taken(), too_long()];
    let (upstream, index, generation) = scripted(script);
    let document = document(1, None, &[]);
    let puts = vec![words(1, &document, "un chat"), words(2, &document, "un chien")];
    let rejected = wait(index.apply(&generation, batch(1, vec![], puts))).unwrap();
    let sent: Vec<usize> = upstream.requests()[1..].iter().map(|request| ids(&request.body).len()).collect();
    assert_eq!(sent, [2, 1, 1]);
    assert!(rejected.len() == 1 && rejected[0].reason.contains("longer than the store takes"), "{rejected:?}");
}

#[test]
fn an_answer_that_is_not_the_store_s_is_an_error() {
    for body in ["<html>", "{}", r#"{"hits":{"hits":[{"_id":1}]}}"#, r#"{"timed_out":true,"hits":{"hits":[]}}"#] {
        let (_upstream, index, generation) = scripted(vec![Scripted::Status(200, body.to_owned())]);
        assert!(wait(index.search(&scope(&[&generation]), &query("chat"))).is_err(), "{body}");
    }
}

#[test]
fn what_is_cut_off_or_silent_is_unavailable_until_it_is_back() {
    for server in SearchServer::all() {
        let proxy = wait(Proxy::start(&server.url, Guard::none()));
        let generation = generation(1, Language::Fr, None);
        let direct = open(&server).lexical();
        wait(direct.apply(&generation, batch(1, vec![], vec![words(1, &document(1, None, &[]), "un chat")]))).unwrap();
        wait(direct.commit(&generation, cursor(1))).unwrap();
        // One that is patient enough for a slow machine, and one that soon has enough of silence.
        let [patient, hasty] = [30_000, 300].map(|milliseconds| {
            let timeout = Duration::from_millis(milliseconds);
            let options = ElasticsearchOptions { url: proxy.url(), timeout, ..options(&server) };
            Elasticsearch::new(&options, INSTALLATION).unwrap().lexical()
        });
        let search = |index: &dyn LexicalIndex| wait(index.search(&scope(&[&generation]), &query("chat")));
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
}
