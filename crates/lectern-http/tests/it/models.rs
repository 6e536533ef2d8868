//! The list of models.

use crate::support::{on_every_database, with_upstream};
use actix_web::http::Method;
use insta::{assert_json_snapshot, assert_snapshot};

#[test]
fn a_model_comes_with_what_it_is_told() {
    with_upstream(async |server, _, jeanne| {
        let models = server.ask(Method::GET, "/api/v2/models", Some(jeanne), "").await.json();
        let names: Vec<&str> = models.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(names, ["m", "org/gemma-small", "lectern-extractive"]);
        assert_json_snapshot!("of_one_model", models["m"]);
        assert_eq!(models["m"]["prompts"], models["lectern-extractive"]["prompts"]);
    });
}

#[test]
fn the_list_is_for_users() {
    let transcript = on_every_database(async |server| {
        server.say(Method::GET, "/api/v2/models", None, "").await;
        server.say(Method::GET, "/api/v2/models", Some("nonsense"), "").await;
    });
    assert_snapshot!(transcript);
}
