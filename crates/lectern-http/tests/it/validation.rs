//! The order of checks and the shapes of complaints, over HTTP.

use crate::support::on_every_database;
use actix_web::{http::Method, test::TestRequest};
use insta::assert_snapshot;

const STREAM: &str = "/api/v2/stream";

#[test]
fn a_body_that_is_no_json_is_refused_before_anybody_is_asked_who_they_are() {
    let transcript = on_every_database(async |server| {
        server.say(Method::POST, STREAM, None, "{\"é\": 1,}").await;
        server.say(Method::POST, STREAM, None, "{").await;
        server.note("JSON that is wrong waits for the caller to be known");
        server.say(Method::POST, STREAM, None, "{}").await;
        server.say(Method::POST, STREAM, Some("nonsense"), "[]").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn bodies_of_every_kind() {
    let transcript = on_every_database(async |server| {
        let token = server.user("jeanne", false).await;
        for body in [
            "",
            "null",
            "[1]",
            "\"text\"",
            "{}",
            r#"{"model_name":null,"query":null,"mode":1,"limit":1.5,"with_history":"x","context":[],"temperature":3,"sources":["x","travail-emploi"],"should_sids":{},"must_not_sids":[1]}"#,
            r#"{"model_name":"a","model_name":"b\u0000"}"#,
            r#"{"model_name":"\ud800"}"#,
            r#"{"model_name":"m","temperature":NaN}"#,
            r#"{"model_name":"m","limit":2147483648,"temperature":-0.5}"#,
        ] {
            server.say(Method::POST, STREAM, Some(&token), body).await;
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn values_of_every_type() {
    let transcript = on_every_database(async |server| {
        let token = server.user("jeanne", false).await;
        server.note("taken for what they are meant to be");
        for body in [
            r#"{"model_name":"m","limit":"3","temperature":"1","with_history":"oFF","unknown":1}"#,
            r#"{"model_name":"m","limit":3.0,"temperature":2,"with_history":1,"query":"a","query":"the last one"}"#,
            r#"{"model_name":"m","limit":true,"temperature":true,"with_history":"y","sources":null,"should_sids":[]}"#,
        ] {
            server.say(Method::POST, STREAM, Some(&token), body).await;
        }
        server.note("of another type");
        for body in [
            r#"{"model_name":1,"limit":[],"temperature":null,"with_history":{},"sources":"x"}"#,
            r#"{"model_name":true,"limit":"x","temperature":"warm","with_history":2,"sources":[null]}"#,
            r#"{"model_name":"m","limit":1e300,"temperature":"nan","with_history":"perhaps","links":null}"#,
        ] {
            server.say(Method::POST, STREAM, Some(&token), body).await;
        }
        server.note("parameters");
        for query in ["skip=0&limit=2147483647&desc=t", "skip=2147483648", "limit=-1", "limit=1.5&desc=2", "limit=", "desc="] {
            server.say(Method::GET, &format!("/api/v2/chats?{query}"), Some(&token), "").await;
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn addresses_and_passwords() {
    let transcript = on_every_database(async |server| {
        let send = async |email: &str| {
            let body = serde_json::json!({ "email": email }).to_string();
            server.say(Method::POST, "/api/v2/send_reset_password_email", None, &body).await;
        };
        server.note("addresses");
        for email in ["  Jean <Jean@X.FR> ", "a@XN--COLE-9OA.fr"] {
            send(email).await;
        }
        server.note("no addresses");
        let long = format!("{}@x.fr", "a".repeat(65));
        for email in
            ["jean", "@x.fr", "jean@x", "a@x.test", "a@x.local", "a@localhost", "a@[127.0.0.1]", "a..b@x.fr", "a@x..fr", "a b@x.fr", &long]
        {
            send(email).await;
        }
        server.note("passwords, of an account that there is not");
        for password in ["Abcdefg1", "$!%*+-?&#_=.,:;@", "٣٣٣٣٣٣٣٣", "abcdefg", "abcdefg1\n", "with blank", "motdepassé", &"a".repeat(129)]
        {
            let body = serde_json::json!({ "username": "nobody", "password": password }).to_string();
            server.say(Method::POST, "/api/v2/sign_in", None, &body).await;
        }
    });
    assert_snapshot!(transcript);
}

#[test]
fn content_types() {
    on_every_database(async |server| {
        let token = server.user("jeanne", false).await;
        for (content_type, status) in [
            (None, 200),
            (Some("application/json"), 200),
            (Some("Application/JSON; charset=utf-8"), 200),
            (Some("application/problem+json"), 200),
            (Some("text/plain"), 422),
            (Some("application/x-www-form-urlencoded"), 422),
        ] {
            let mut request = TestRequest::post().uri(STREAM).set_payload(r#"{"model_name":"é"}"#);
            request = request.insert_header(("Authorization", format!("Bearer {token}")));
            if let Some(content_type) = content_type {
                request = request.insert_header(("Content-Type", content_type));
            }
            let answer = server.send(request).await;
            assert_eq!(answer.status, status, "{content_type:?}: {}", answer.body);
            if status == 422 {
                let mistake = &answer.json()["detail"][0];
                assert_eq!((&mistake["type"], &mistake["input"]), (&"model_attributes_type".into(), &r#"{"model_name":"é"}"#.into()));
            }
        }
    });
}

#[test]
fn bodies_that_are_too_large_or_unreadable() {
    on_every_database(async |server| {
        for (body, status, detail) in [
            (vec![b' '; 5000], 413, "Request Entity Too Large"),
            (b"\"\xff\"".to_vec(), 400, "There was an error parsing the body"),
            (vec![b'['; 4000], 400, "There was an error parsing the body"),
        ] {
            let answer = server.send(TestRequest::post().uri(STREAM).set_payload(body)).await;
            assert_eq!((answer.status.as_u16(), answer.body), (status, format!(r#"{{"detail":"{detail}"}}"#)));
        }
    });
}
