//! Embeddings: of an endpoint, and of the model in this process.

use super::{post, with_upstream};
use crate::support::{Setup, on_every_database_with};
use actix_web::http::Method;
use insta::assert_snapshot;
use serde_json::json;

const PATH: &str = "/api/v1/embeddings";

#[test]
fn an_endpoint_s_embeddings_are_passed_on_unchanged() {
    with_upstream(async |server, upstream, jeanne| {
        let body = r#"{ "input" : ["un", "deux"], "model":"org/embed", "encoding_format": "base64", "own": 1 }"#;
        let answer = server.ask(Method::POST, PATH, Some(jeanne), body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(String::from_utf8_lossy(&upstream.requests()[0].body), body);
        assert_eq!(answer.json()["data"].as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn the_model_of_searches_embeds_too() {
    let transcript = with_upstream(async |server, upstream, jeanne| {
        let ask = async |rest: &str| post(server, jeanne, PATH, &format!(r#"{{"model":"scripted-embeddings"{rest}}}"#)).await;
        let numbers = ask(r#","input":"un mot""#).await.json();
        let norm: f64 = numbers["data"][0]["embedding"].as_array().expect("numbers").iter().filter_map(|x| x.as_f64()).map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-6);
        ask(r#","input":["un","deux mots"],"encoding_format":"base64","dimensions":8,"user":"x""#).await;
        assert_eq!(upstream.requests().len(), 2);
        server.note("what is wrong");
        for wrong in [
            "",
            r#","input":3"#,
            r#","input":[]"#,
            r#","input":[1,2]"#,
            r#","input":"x","encoding_format":"hex""#,
            r#","input":"x","dimensions":4"#,
            r#","input":"x","dimensions":"4""#,
        ] {
            ask(wrong).await;
        }
        let many = vec!["x"; 2049];
        let body = json!({ "model": "scripted-embeddings", "input": many }).to_string();
        assert_eq!(server.ask(Method::POST, PATH, Some(jeanne), &body).await.status, 413, "the body is larger than this server's bound");
        assert_eq!(upstream.requests().len(), 2);
    });
    assert_snapshot!(transcript);
}

#[test]
fn the_model_in_this_process_counts_its_tokens() {
    on_every_database_with(
        || Setup { embeddings: Some("tiny"), ..Setup::default() },
        async |server| {
            let jeanne = server.user("jeanne", false).await;
            // Each text is between two markers.
            for (input, tokens) in [(r#""the cat""#, 4), (r#"["the cat","a mat on a mat",""]"#, 4 + 7 + 2)] {
                let body = format!(r#"{{"model":"tiny","input":{input}}}"#);
                let answer = server.ask(Method::POST, PATH, Some(&jeanne), &body).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
                assert_eq!(answer.json()["usage"], json!({ "prompt_tokens": tokens, "total_tokens": tokens }), "{input}");
            }
        },
    );
}
