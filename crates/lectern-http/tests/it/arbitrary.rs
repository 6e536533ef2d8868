//! Whatever is sent, the answer is never a 500.

use crate::support::on_every_database;
use actix_web::{http::Method, rt};
use lectern_http::routes;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Map, Value, json};

const NAMES: [&str; 24] = [
    "username",
    "email",
    "password",
    "organization_id",
    "accept_cookie",
    "name",
    "chat_type",
    "operators",
    "themes",
    "model_name",
    "query",
    "mode",
    "limit",
    "with_history",
    "temperature",
    "sources",
    "should_sids",
    "chat_name",
    "type",
    "note",
    "positives",
    "negatives",
    "is_good",
    "message",
];

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop_oneof![Just("meeting"), Just("a@b.fr"), Just("long-enough"), Just("service-public"), Just("a\0b")].prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((".{0,4}", inner), 0..3).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// An object whose names the routes know, some of its values right.
fn any_body() -> impl Strategy<Value = String> {
    let object = prop::collection::vec((prop::sample::select(&NAMES[..]), any_value()), 0..8).prop_map(|pairs| {
        let mut members: Map<String, Value> = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        members.entry("model_name").or_insert(json!("m"));
        members.entry("chat_type").or_insert(json!("meeting"));
        Value::Object(members).to_string()
    });
    prop_oneof![6 => object, 2 => any_value().prop_map(|value| value.to_string()), 1 => ".{0,40}"]
}

#[test]
fn nothing_that_is_sent_makes_the_server_fail() {
    on_every_database(async |server| {
        let token = server.user("jeanne", false).await;
        server.ask(Method::POST, "/api/v2/chat", Some(&token), r#"{"chat_type":"meeting"}"#).await;
        // Sign-out would end the session; hashing takes long and its input is an ordinary string; nobody follows here, so
        // the server is not ready.
        let paths: Vec<_> =
            routes().into_iter().filter(|(_, path)| !["/api/v2/sign_out", "/api/v2/sign_in", "/readyz"].contains(path)).collect();
        let mut runner = TestRunner::new(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() });
        let input = (prop::sample::select(paths), "[0-9]{1,12}|[a-z%]{1,4}", "[a-z_]{1,6}=[0-9a-z%+-]{0,4}", any_body());
        let mut cases = Vec::new();
        for _ in 0..200 {
            cases.push(input.new_tree(&mut runner).expect("a case").current());
        }
        for ((method, path), segment, query, body) in cases {
            let filled = ["{chat_id}", "{stream_id}", "{feedback_id}", "{token}"]
                .iter()
                .fold(path.to_owned(), |path, name| path.replace(name, &segment));
            let answer = server.ask(method.clone(), &format!("{filled}?{query}"), Some(&token), &body).await;
            assert!(answer.status.as_u16() < 500, "{method} {filled}?{query} {body}: {} {}", answer.status, answer.body);
            rt::task::yield_now().await;
        }
    });
}
