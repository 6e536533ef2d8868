//! Searching, and reading chunks and sheets.

use crate::{
    corpus::{load, load_experiences},
    support::{Server, on_every_database},
};
use actix_web::{http::Method, rt::System};
use insta::assert_snapshot;
use lectern_service::{
    app::{AppOptions, Embeddings},
    llm::{Endpoint, HttpOptions, RemoteEmbedding},
    stores::{StoreOptions, WhenDown},
};
use lectern_testkit::{
    TestDatabase,
    database::execute,
    upstream::{Scripted, Upstream},
};

#[test]
fn nothing_is_found_before_anything_is_loaded() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        for name in ["chunks", "sheets", "experiences"] {
            server.say(Method::POST, "/api/v2/indexes", Some(&jeanne), &format!(r#"{{"name":"{name}","query":"vélo"}}"#)).await;
        }
        server.say(Method::GET, "/api/v2/get_sheet/F1", Some(&jeanne), "").await;
        server.say(Method::POST, "/api/v2/get_chunks", Some(&jeanne), r#"{"uids":["a","b"]}"#).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn indexes() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul) = (server.user("jeanne", false).await, server.user("paul", false).await);
        load(&server).await;
        let path = "/api/v2/indexes";
        server.say(Method::POST, path, Some(&jeanne), r#"{"name":"chunks","query":"louer un vélo","limit":1}"#).await;
        server.say(Method::POST, path, Some(&jeanne), r#"{"name":"sheets","query":"bibliothèques","similarity":"e5"}"#).await;
        server.say(Method::POST, path, Some(&jeanne), r#"{"name":"experiences","query":"vélo"}"#).await;
        server.note("filters");
        let formation = r#"{"name":"chunks","query":"demande écrite de formation, vélo, carte","sources":["travail-emploi"]}"#;
        server.say(Method::POST, path, Some(&jeanne), formation).await;
        server.say(Method::POST, path, Some(&jeanne), r#"{"name":"sheets","query":"vélo","must_not_sids":["F2"]}"#).await;
        server.say(Method::POST, path, Some(&jeanne), r#"{"name":"sheets","query":"vélo","should_sids":["F1"],"limit":1}"#).await;
        server.note("on behalf of a stream");
        server.say(Method::POST, "/api/v2/stream", Some(&jeanne), r#"{"model_name":"m"}"#).await;
        server.say(Method::POST, path, Some(&jeanne), r#"{"name":"sheets","query":"vélo","stream_id":"1"}"#).await;
        server.say(Method::GET, "/api/v2/stream/1", Some(&jeanne), "").await;
        server.say(Method::POST, path, Some(&paul), r#"{"name":"sheets","query":"vélo","stream_id":"1"}"#).await;
        server.say(Method::POST, path, Some(&paul), r#"{"name":"sheets","query":"vélo","stream_id":"9"}"#).await;
        server.note("wrong values");
        let wrong = r#"{"name":"books","limit":-1,"similarity":"x","expand_acronyms":"perhaps","sources":["web"],"stream_id":1}"#;
        server.say(Method::POST, path, Some(&jeanne), wrong).await;
        server.say(Method::POST, path, Some(&jeanne), r#"{"name":"chunks","query":"vélo","limit":0}"#).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn experiences_of_an_institution() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server).await;
        load_experiences(&server).await;
        let ask = async |body: &str| server.say(Method::POST, "/api/v2/indexes", Some(&jeanne), body).await;
        ask(r#"{"name":"experiences","query":"vélo cargo"}"#).await;
        ask(r#"{"name":"experiences","query":"vélo","institution":"CAF"}"#).await;
        server.note("as a whole, letter by letter");
        ask(r#"{"name":"experiences","query":"vélo","institution":"caf"}"#).await;
        server.note("none is asked for");
        ask(r#"{"name":"experiences","query":"vélo électrique","institution":"","limit":1}"#).await;
        ask(r#"{"name":"experiences","query":"vélo électrique","institution":null,"limit":1}"#).await;
        server.note("with what else narrows");
        ask(r#"{"name":"experiences","query":"vélo","institution":"CPAM","must_not_sids":["11"]}"#).await;
        ask(r#"{"name":"experiences","query":"vélo","institution":"CPAM","sources":["service-public"]}"#).await;
        server.note("sheets and chunks of this corpus belong to none");
        ask(r#"{"name":"sheets","query":"vélo","institution":"CAF"}"#).await;
        ask(r#"{"name":"chunks","query":"vélo","institution":"CAF"}"#).await;
        server.note("wrong");
        ask(r#"{"name":"experiences","query":"vélo","institution":7}"#).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn rows_that_cannot_be_read_are_an_engine_that_fails() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server).await;
        execute(server.app.bridge.database(), "ALTER TABLE chunks RENAME TO elsewhere");
        let id = "6d1c2f0a-5b43-5f0e-9d0e-3f1f6f2f8b11";
        server.say(Method::GET, &format!("/api/v2/get_chunk/{id}"), Some(&jeanne), "").await;
        server.say(Method::POST, "/api/v2/get_chunks", Some(&jeanne), &format!(r#"{{"uids":["{id}"]}}"#)).await;
        server.say(Method::POST, "/api/v2/indexes", Some(&jeanne), r#"{"name":"chunks","query":"vélo"}"#).await;
        server.say(Method::GET, "/api/v2/get_sheet/F1", Some(&jeanne), "").await;
        execute(server.app.bridge.database(), "ALTER TABLE documents RENAME TO nowhere");
        server.say(Method::GET, "/api/v2/get_sheet/F1", Some(&jeanne), "").await;
        server.say(Method::POST, "/api/v2/get_sheets", Some(&jeanne), r#"{"uids":["F1"]}"#).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_model_of_vectors_that_fails_is_an_index_that_is_down() {
    for when_down in [WhenDown::Degrade, WhenDown::Fail] {
        for database in TestDatabase::all() {
            vectors_are_down(&database, when_down);
        }
    }
}

fn vectors_are_down(database: &TestDatabase, when_down: WhenDown) {
    System::new().block_on(async {
        let upstream = Upstream::start().await;
        let endpoint = Endpoint::new(upstream.url());
        let model = RemoteEmbedding { dimensions: Some(8), ..RemoteEmbedding::new("scripted-embeddings") };
        let server = Server::start_as(database, |options| AppOptions {
            http: HttpOptions { retries: 0, ..HttpOptions::default() },
            stores: StoreOptions { when_down, ..StoreOptions::default() },
            embeddings: Embeddings::Remote { endpoint, model },
            ..options
        })
        .await;
        let jeanne = server.user("jeanne", false).await;
        load(&server).await;
        let ask = async |name: &str| {
            let body = format!(r#"{{"name":"{name}","query":"vélo"}}"#);
            server.ask(Method::POST, "/api/v2/indexes", Some(&jeanne), &body).await
        };
        assert_eq!(ask("chunks").await.status, 200);
        upstream.script([Scripted::Status(500, "{}".into())]);
        let failed = ask("chunks").await;
        let header = |name: &str| failed.headers.get(name).map(|value| value.as_bytes());
        match when_down {
            WhenDown::Degrade => {
                assert_eq!((failed.status.as_u16(), header("lectern-degraded")), (200, Some(b"vectors".as_slice())));
                assert!(failed.body.contains("vélo"), "what words find is there: {}", failed.body);
            }
            WhenDown::Fail => {
                assert_eq!((failed.status.as_u16(), failed.body.as_str()), (503, r#"{"detail":"Search engine unavailable"}"#));
                assert_eq!(header("retry-after"), Some(b"1".as_slice()));
            }
        }
        assert_eq!(ask("sheets").await.status, 200, "words alone are searched for sheets");
        upstream.script([Scripted::Status(500, "{}".into())]);
        let searched = server.ask(Method::POST, "/api/v1/search", Some(&jeanne), r#"{"query":"vélo"}"#).await;
        let degraded = searched.headers.get("lectern-degraded").map(|value| value.as_bytes());
        let expected = match when_down {
            WhenDown::Degrade => (200, Some(b"vectors".as_slice())),
            WhenDown::Fail => (503, None),
        };
        assert_eq!((searched.status.as_u16(), degraded), expected, "{}", searched.body);
    });
}

#[test]
fn chunks_and_sheets_by_their_ids() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server).await;
        let found = server.ask(Method::POST, "/api/v2/indexes", Some(&jeanne), r#"{"name":"chunks","query":"vélo","limit":1}"#).await;
        let hash = found.json()[0]["hash"].as_str().expect("a hash").to_owned();
        server.say(Method::GET, &format!("/api/v2/get_chunk/{hash}"), Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/get_chunk/unknown", Some(&jeanne), "").await;
        let both = server.ask(Method::POST, "/api/v2/get_chunks", Some(&jeanne), &format!(r#"{{"uids":["x","{hash}"]}}"#)).await;
        assert_eq!((&both.json()[0], both.json()[1]["hash"].as_str()), (&serde_json::json!({}), Some(hash.as_str())));
        server.say(Method::GET, "/api/v2/get_sheet/F4", Some(&jeanne), "").await;
        server.say(Method::POST, "/api/v2/get_sheets", Some(&jeanne), r#"{"uids":["F3","F9"]}"#).await;
        server.say(Method::POST, "/api/v2/get_sheets", Some(&jeanne), r#"{"uids":[1]}"#).await;
    });
    assert_snapshot!(transcript);
}
