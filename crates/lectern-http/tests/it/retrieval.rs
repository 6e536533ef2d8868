//! `POST /api/v1/search`: filters, pages, thresholds.

use crate::{
    collections::create,
    support::{Server, on_every_database},
};
use actix_web::http::Method;
use insta::assert_snapshot;
use serde_json::{Value, json};

const SEARCH: &str = "/api/v1/search";

/// A collection `docs` with fields of every kind, and five documents that all answer `vélo`, the first one best.
async fn load(server: &Server, token: &str) {
    let fields = json!({ "theme": "keyword", "year": "number", "day": "date", "open": "boolean" });
    create(server, token, &json!({ "name": "docs", "fields": fields }).to_string()).await;
    let lines: Vec<String> = [
        json!({ "_id": "guides/a", "source": "web", "theme": "Transport", "year": 2024, "day": "2024-02-29", "open": true }),
        json!({ "_id": "guides/b", "source": "web", "theme": "Travail", "year": 2025.5, "day": "2025-06-01T10:00:00+02:00" }),
        json!({ "_id": "notes/c", "theme": "transport", "year": -3, "open": false, "other": "x" }),
        json!({ "_id": "notes/d", "source": "book", "day": "2025-06-01" }),
        json!({ "_id": "e" }),
    ]
    .into_iter()
    .enumerate()
    .map(|(place, mut line)| {
        line["text"] = format!("{} {}", "vélo ".repeat(5 - place), "autre ".repeat(place)).into();
        line.to_string()
    })
    .collect();
    let job = server.upload(token, &[("collection", "docs")], Some(("a.jsonl", "", lines.join("\n").as_bytes()))).await.json();
    let ended = server.settled(token, &job).await;
    assert_eq!(ended["progress"]["added"], 5, "{ended}");
}

async fn found(server: &Server, token: &str, body: &Value) -> Vec<String> {
    let answer = server.ask(Method::POST, SEARCH, Some(token), &body.to_string()).await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    let id = |found: &Value| found["chunk"]["external_id"].as_str().expect("an id").to_owned();
    answer.json()["data"].as_array().expect("a list").iter().map(id).collect()
}

#[test]
fn filters_keep_what_they_say() {
    on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server, &jeanne).await;
        let is = |key: &str, value: Value| json!({ "type": "eq", "key": key, "value": value });
        let cases: Vec<(Value, &[&str])> = vec![
            (is("theme", json!("Transport")), &["guides/a"]),
            (json!({ "type": "ne", "key": "theme", "value": "Transport" }), &["guides/b", "notes/c", "notes/d", "e"]),
            (json!({ "type": "in", "key": "theme", "value": ["transport", "Travail", "x"] }), &["guides/b", "notes/c"]),
            (json!({ "type": "nin", "key": "source", "value": ["web", "book"] }), &["notes/c", "e"]),
            (is("year", json!(2024.0)), &["guides/a"]),
            (json!({ "type": "gt", "key": "year", "value": 2024 }), &["guides/b"]),
            (json!({ "type": "gte", "key": "year", "value": 2024 }), &["guides/a", "guides/b"]),
            (json!({ "type": "lt", "key": "year", "value": 0 }), &["notes/c"]),
            (json!({ "type": "lte", "key": "year", "value": -3.5 }), &[]),
            (json!({ "type": "range", "key": "year", "gt": -3, "lte": 2024 }), &["guides/a"]),
            (is("day", json!("2025-06-01")), &["notes/d"]),
            (is("day", json!("2025-06-01T08:00:00Z")), &["guides/b"]),
            (json!({ "type": "range", "key": "day", "gte": "2025-06-01", "lt": "2025-06-02" }), &["guides/b", "notes/d"]),
            (is("open", json!(false)), &["notes/c"]),
            (json!({ "type": "prefix", "key": "external_id", "value": "guides/" }), &["guides/a", "guides/b"]),
            (json!({ "type": "prefix", "key": "theme", "value": "Tra" }), &["guides/a", "guides/b"]),
            (
                json!({ "type": "and", "filters": [is("source", json!("web")), json!({ "type": "not", "filter": is("open", json!(true)) })] }),
                &["guides/b"],
            ),
            (json!({ "type": "or", "filters": [is("year", json!(-3)), is("source", json!("book"))] }), &["notes/c", "notes/d"]),
        ];
        for (filter, expect) in cases {
            let body = json!({ "query": "vélo", "collections": ["docs"], "filters": filter });
            assert_eq!(found(&server, &jeanne, &body).await, expect, "{filter}");
        }
    });
}

#[test]
fn filters_that_are_refused() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server, &jeanne).await;
        let deep = |depth: usize| {
            (0..depth).fold(json!({ "type": "eq", "key": "year", "value": 1 }), |inner, _| json!({ "type": "not", "filter": inner }))
        };
        let wide = json!({ "type": "or", "filters": vec![json!({ "type": "eq", "key": "year", "value": 1 }); 64] });
        let many = json!({ "type": "in", "key": "year", "value": (0..257).collect::<Vec<_>>() });
        assert_eq!(found(&server, &jeanne, &json!({ "query": "q", "collections": ["docs"], "filters": deep(7) })).await, [""; 0]);
        for (what, filter) in [("eight deep", deep(8)), ("65 conditions", wide), ("257 values", many)] {
            let answer = server
                .ask(Method::POST, SEARCH, Some(&jeanne), &json!({ "query": "q", "collections": ["docs"], "filters": filter }).to_string())
                .await;
            server.note(&format!("{what}: {} {}", answer.status.as_u16(), answer.body));
        }
        for filter in [
            json!([]),
            json!({}),
            json!({ "type": "like", "key": "year", "value": 1 }),
            json!({ "type": "eq", "value": 1 }),
            json!({ "type": "eq", "key": "year" }),
            json!({ "type": "eq", "key": "year", "value": null }),
            json!({ "type": "eq", "key": "year", "value": "2024" }),
            json!({ "type": "in", "key": "year", "value": 2024 }),
            json!({ "type": "in", "key": "year", "value": [] }),
            json!({ "type": "in", "key": "theme", "value": ["a", 1] }),
            json!({ "type": "gt", "key": "theme", "value": "a" }),
            json!({ "type": "gt", "key": "day", "value": "yesterday" }),
            json!({ "type": "prefix", "key": "year", "value": "20" }),
            json!({ "type": "prefix", "key": "theme", "value": 1 }),
            json!({ "type": "range", "key": "year" }),
            json!({ "type": "range", "key": "year", "gt": 1, "gte": 2 }),
            json!({ "type": "eq", "key": "other", "value": "x" }),
            json!({ "type": "and", "filters": [] }),
            json!({ "type": "and", "filters": [{ "type": "or", "filters": [{ "type": "eq", "key": "year", "value": [1] }] }] }),
            json!({ "type": "not" }),
        ] {
            let body = json!({ "query": "q", "collections": ["docs"], "filters": filter }).to_string();
            server.say(Method::POST, SEARCH, Some(&jeanne), &body).await;
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn pages_and_thresholds() {
    on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server, &jeanne).await;
        let page = async |body: Value| {
            let mut asked = json!({ "query": "vélo", "collections": ["docs"] });
            asked.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
            server.ask(Method::POST, SEARCH, Some(&jeanne), &asked.to_string()).await.json()
        };
        let ids = |page: &Value| {
            let id = |found: &Value| found["chunk"]["external_id"].as_str().expect("an id").to_owned();
            page["data"].as_array().expect("a list").iter().map(id).collect::<Vec<_>>()
        };
        let all = page(json!({})).await;
        assert_eq!(
            (ids(&all), &all["has_more"]),
            (["guides/a", "guides/b", "notes/c", "notes/d", "e"].map(str::to_owned).to_vec(), &json!(false))
        );
        for (limit, offset, more) in [(2, 0, true), (2, 2, true), (2, 4, false), (5, 0, false), (4, 0, true), (3, 9, false)] {
            let one = page(json!({ "limit": limit, "offset": offset })).await;
            let expect: Vec<String> = ids(&all).into_iter().skip(offset).take(limit).collect();
            assert_eq!((ids(&one), &one["has_more"]), (expect, &json!(more)), "{limit} {offset}");
        }
        let third = all["data"][2]["score"].as_f64().expect("a score");
        let good = page(json!({ "score_threshold": third })).await;
        assert_eq!((ids(&good).len(), &good["has_more"]), (3, &json!(false)));
        assert_eq!(ids(&page(json!({ "score_threshold": third, "offset": 2, "limit": 1 })).await), ["notes/c"]);
        assert!(ids(&page(json!({ "score_threshold": 1000 })).await).is_empty());
    });
}

#[test]
fn what_is_asked_wrongly() {
    let transcript = on_every_database(async |server| {
        let jeanne = server.user("jeanne", false).await;
        load(&server, &jeanne).await;
        for body in [
            "{}",
            r#"{"query":" "}"#,
            r#"{"query":"q"}"#,
            r#"{"query":"q","collections":[]}"#,
            r#"{"query":"q","collections":"docs"}"#,
            r#"{"query":"q","collections":["docs","none"]}"#,
            r#"{"query":"q","collections":["a b"]}"#,
            r#"{"query":"q","collections":["docs"],"method":"semantic"}"#,
            r#"{"query":"q","collections":["docs"],"method":"hybrid"}"#,
            r#"{"query":"q","collections":["docs"],"method":"fuzzy"}"#,
            r#"{"query":"q","limit":0}"#,
            r#"{"query":"q","limit":101}"#,
            r#"{"query":"q","limit":100,"offset":901}"#,
            r#"{"query":"q","offset":-1}"#,
            r#"{"query":"q","score_threshold":"high"}"#,
            r#"{"query":"q","filter":{}}"#,
        ] {
            server.say(Method::POST, SEARCH, Some(&jeanne), body).await;
        }
        let many: Vec<String> = (0..33).map(|n| format!("c{n}")).collect();
        let answer = server.ask(Method::POST, SEARCH, Some(&jeanne), &json!({ "query": "q", "collections": many }).to_string()).await;
        server.note(&format!("33 collections: {} {}", answer.status.as_u16(), answer.body));
    });
    assert_snapshot!(transcript);
}
