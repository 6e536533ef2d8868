//! Whatever is sent, the server answers, in time, and not with a failure of its own. Routes, names of fields and parameters come from the OpenAPI document.

use crate::{
    openapi::{Document, document},
    support::Server,
};
use actix_web::{
    http::{Method, header::HeaderValue},
    rt::{System, time::timeout},
    test::TestRequest,
};
use lectern_testkit::TestDatabase;
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{TestCaseError, TestRunner},
};
use serde_json::{Map, Value, json};
use std::{fmt::Write as _, time::Duration};

/// Requests to each route, on each database.
const CASES: u32 = 8;

/// Much longer than any request takes: one that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A route, as far as requests to it differ.
#[derive(Debug, Clone)]
struct Target {
    method: String,
    path: String,
    parameters: Vec<String>,
    fields: Vec<String>,
}

/// A request.
#[derive(Debug, Clone)]
struct Request {
    target: Target,
    segments: Vec<String>,
    query: Vec<(usize, String)>,
    body: Vec<u8>,
    token: usize,
    headers: Vec<(&'static str, Vec<u8>)>,
}

fn targets(document: &Document) -> Vec<Target> {
    let names = |values: Option<&Value>| {
        values.and_then(Value::as_array).into_iter().flatten().filter_map(|value| value["name"].as_str().map(str::to_owned)).collect()
    };
    let target = |(path, method, operation): (&str, &str, &Map<String, Value>)| Target {
        method: method.to_uppercase(),
        path: path.to_owned(),
        parameters: names(operation.get("parameters")),
        fields: operation
            .get("requestBody")
            .and_then(|body| body["content"]["application/json"]["schema"]["properties"].as_object())
            .map(|fields| fields.keys().cloned().collect())
            .unwrap_or_default(),
    };
    // Where nobody follows the log, the server is not ready, and says so with 503.
    document.operations().filter(|(path, ..)| *path != "/readyz").map(target).collect()
}

fn any_value() -> impl Strategy<Value = Value> {
    let words = [
        "meeting",
        "chat",
        "chunks",
        "lectern-extractive",
        "rag",
        "a@b.fr",
        "long-enough",
        "service-public",
        "docs",
        "markdown",
        "hybrid",
        "public",
        "a\0b",
        "\u{feff}",
        "1",
        "-0.0",
        "yes",
        "",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-2i64..6).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        select(words.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// What JSON in Rust has no words for.
fn odd_json() -> impl Strategy<Value = Vec<u8>> {
    let odd = [
        "NaN",
        "[Infinity]",
        r#"{"limit":NaN}"#,
        r#"{"query":"\ud800","model_name":"\udfff"}"#,
        r#"{"limit":1e999}"#,
        "--x\r\nContent-Disposition: form-data; name=\"collection\"\r\n\r\ndocs\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.md\"\r\n\r\n#\r\n--x--",
        "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n",
        "{",
        "[[[[",
        "\"",
        "nul",
        "\u{feff}{}",
        r#"{"model_name":"a","model_name":null}"#,
        r#"{"limit":123456789012345678901234567890,"skip":-0}"#,
    ];
    prop_oneof![select(odd.to_vec()).prop_map(|text| text.as_bytes().to_vec()), (1usize..3000).prop_map(|depth| vec![b'['; depth])]
}

/// A body for a target: an object of its fields mostly, completed with what is likely to be right.
fn any_body(fields: Vec<String>) -> BoxedStrategy<Vec<u8>> {
    let free = prop_oneof![
        any_value().prop_map(|value| value.to_string().into_bytes()),
        odd_json(),
        prop::collection::vec(any::<u8>(), 0..60),
        Just(vec![b' '; 5000]),
        Just(Vec::new()),
    ];
    if fields.is_empty() {
        return free.boxed();
    }
    let object = (prop::collection::vec((select(fields.clone()), any_value()), 0..6), any::<bool>()).prop_map(move |(pairs, complete)| {
        let mut members: Map<String, Value> = pairs.into_iter().collect();
        let likely = [
            ("model_name", json!("lectern-extractive")),
            ("query", json!("vélo")),
            ("chat_type", json!("meeting")),
            ("name", json!("chunks")),
            ("username", json!("x")),
            ("password", json!("long-enough")),
            ("email", json!("a@b.fr")),
            ("type", json!("chat")),
            ("is_good", json!(true)),
            ("uids", json!(["a"])),
            ("collection", json!("docs")),
            ("collections", json!(["docs"])),
            ("external_id", json!("a")),
            ("text", json!("vélo")),
            ("filters", json!({ "type": "or", "filters": [{ "type": "prefix", "key": "source", "value": "w" }] })),
        ];
        for (name, value) in likely.into_iter().filter(|(name, _)| complete && fields.iter().any(|field| field == name)) {
            members.entry(name).or_insert(value);
        }
        Value::Object(members).to_string().into_bytes()
    });
    prop_oneof![5 => object, 2 => free].boxed()
}

fn any_header() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let names = [
        "content-type",
        "accept",
        "origin",
        "x-request-id",
        "access-control-request-method",
        "x-forwarded-for",
        "forwarded",
        "content-encoding",
        "if-none-match",
        "range",
    ];
    let words = [
        "application/json",
        "application/json; charset=latin-1",
        "text/plain",
        "application/x+json",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "gzip",
        "https://app.example.org",
        "for=1.2.3.4",
        "bytes=0-1",
        "*",
    ];
    let value =
        prop_oneof![3 => select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..20)];
    (select(names.to_vec()), value)
}

fn any_request(target: Target) -> impl Strategy<Value = Request> {
    let segment = prop_oneof!["1", "docs", "[0-9]{1,12}", "-?[0-9]{1,3}", "[a-z%.]{1,4}", "%[0-9A-F]{2}", ".{1,6}"];
    let body = any_body(target.fields.clone());
    let query = prop::collection::vec((0usize..8, "-?[0-9]{1,11}|[a-z%+&=;]{0,6}|.{0,4}"), 0..4);
    let headers = prop::collection::vec(any_header(), 0..3);
    (prop::collection::vec(segment, 2), query, body, 0usize..6, headers).prop_map(move |(segments, query, body, token, headers)| Request {
        target: target.clone(),
        segments,
        query,
        body,
        token,
        headers,
    })
}

impl Request {
    /// The path and the query, as a client must write them: everything but ASCII is escaped.
    fn uri(&self) -> String {
        let escaped = |text: &str| {
            text.bytes().fold(String::new(), |mut escaped, byte| {
                if byte.is_ascii_alphanumeric() || b"-._~%+=;".contains(&byte) {
                    escaped.push(char::from(byte));
                } else {
                    // Writing to a string cannot fail.
                    let _ = write!(escaped, "%{byte:02X}");
                }
                escaped
            })
        };
        let mut segments = self.segments.iter();
        let path: Vec<String> = self
            .target
            .path
            .split('/')
            .map(
                |part| if part.starts_with('{') { segments.next().map_or_else(String::new, |text| escaped(text)) } else { part.to_owned() },
            )
            .collect();
        let known = ["skip", "limit", "desc", "chat_id", "after", "order", "collection"];
        let names: Vec<&str> = self.target.parameters.iter().map(String::as_str).chain(known).collect();
        let pairs: Vec<String> = self.query.iter().map(|(at, value)| format!("{}={}", names[at % names.len()], escaped(value))).collect();
        format!("{}?{}", path.join("/"), pairs.join("&"))
    }

    async fn send(&self, server: &Server, tokens: &[String]) -> Result<(), TestCaseError> {
        let method = Method::from_bytes(self.target.method.as_bytes()).expect("a method");
        let uri = self.uri();
        let mut request = TestRequest::default().method(method).uri(&uri).set_payload(self.body.clone());
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request = request.insert_header((*name, value));
            }
        }
        // Most know who they are.
        if let Some(token) = tokens.get(self.token % 6) {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        let answer = timeout(PATIENCE, server.send(request)).await.map_err(|_elapsed| TestCaseError::fail(format!("{uri}: no answer")))?;
        prop_assert!(answer.status.as_u16() < 500, "{} {uri}: {} {}", self.target.method, answer.status, answer.body);
        if answer.status.as_u16() >= 400 && !answer.body.starts_with("Disallowed CORS") {
            let told = answer.json();
            prop_assert!(!told["detail"].is_null() || !told["error"].is_null(), "{uri}: {}", answer.body);
        }
        Ok(())
    }
}

#[test]
fn nothing_that_is_sent_makes_the_server_fail() {
    for database in TestDatabase::all() {
        let system = System::new();
        let (server, tokens, targets) = system.block_on(async {
            let server = Server::start(&database).await;
            let mut tokens = Vec::new();
            // API tokens: a session could be ended by what is sent.
            for (name, is_admin) in [("jeanne", false), ("paul", false), ("root", true)] {
                let session = server.user(name, is_admin).await;
                let made = server.ask(Method::POST, "/api/v2/user/token/new", Some(&session), r#"{"name":"t"}"#).await;
                tokens.push(made.json().as_str().expect("a token").to_owned());
            }
            server.ask(Method::POST, "/api/v2/chat", Some(&tokens[0]), r#"{"chat_type":"meeting"}"#).await;
            server
                .ask(
                    Method::POST,
                    "/api/v2/stream/chat/1",
                    Some(&tokens[0]),
                    r#"{"model_name":"lectern-extractive","query":"vélo","mode":"rag"}"#,
                )
                .await;
            server.ask(Method::POST, "/api/v1/collections", Some(&tokens[0]), r#"{"name":"docs"}"#).await;
            // Two who are nobody, and the first once more.
            tokens.extend(["a.b.c".to_owned(), tokens[0].clone()]);
            let targets = targets(&document(&server).await);
            (server, tokens, targets)
        });
        for target in targets {
            let mut runner = TestRunner::new(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() });
            let outcome = runner.run(&any_request(target), |request| system.block_on(request.send(&server, &tokens)));
            outcome.unwrap_or_else(|error| panic!("on {}: {error}", database.name()));
        }
    }
}
