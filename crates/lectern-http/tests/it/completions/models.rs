//! The list of models.

use super::with_upstream;
use actix_web::http::Method;
use insta::assert_snapshot;

#[test]
fn models_are_listed_in_openai_s_shape() {
    let transcript = with_upstream(async |server, _, jeanne| {
        for path in ["", "/org/m", "/org%2Fembed", "/lectern-extractive", "/scripted-embeddings", "/nobody", "/org", "/"] {
            server.say(Method::GET, &format!("/api/v1/models{path}"), Some(jeanne), "").await;
        }
        server.note("methods and callers");
        server.say(Method::POST, "/api/v1/models", Some(jeanne), "{}").await;
        server.say(Method::DELETE, "/api/v1/models/org/m", Some(jeanne), "").await;
        server.say(Method::GET, "/api/v1/models", None, "").await;
        server.say(Method::GET, "/api/v1/models", Some("wrong"), "").await;
    });
    assert_snapshot!(transcript);
}
