//! Sign-in, sign-out, registration, API tokens.

use crate::support::{PASSWORD, on_every_database, password};
use actix_web::{http::Method, test::TestRequest};
use insta::assert_snapshot;
use lectern_service::accounts::{
    first_admin,
    first_admin::{FirstAdmin, FirstAdminOutcome},
    users,
};

const SIGN_IN: &str = "/api/v2/sign_in";
const SIGN_OUT: &str = "/api/v2/sign_out";
const ME: &str = "/api/v2/user/me";

#[test]
fn signing_in_and_out() {
    let transcript = on_every_database(async |server| {
        let token = server.user("jeanne", false).await;
        server.note("by address, in any case");
        server.say(Method::POST, SIGN_IN, None, &format!(r#"{{"email":"JEANNE@example.ORG","password":"{PASSWORD}"}}"#)).await;
        server
            .say(Method::POST, SIGN_IN, None, &format!(r#"{{"username":"","email":"jeanne@example.org","password":"{PASSWORD}"}}"#))
            .await;
        server.note("refused");
        server.say(Method::POST, SIGN_IN, None, r#"{"username":"jeanne","password":"wrong-horse"}"#).await;
        server.say(Method::POST, SIGN_IN, None, r#"{"username":"nobody","password":"wrong-horse"}"#).await;
        server.say(Method::POST, SIGN_IN, None, r#"{"password":"wrong-horse"}"#).await;
        server.say(Method::POST, SIGN_IN, None, r#"{"username":"jeanne","password":"short"}"#).await;
        server.say(Method::POST, SIGN_IN, None, r#"{"email":"jeanne@x"}"#).await;
        server.note("the session, then its end");
        server.say(Method::GET, ME, Some(&token), "").await;
        server.say(Method::POST, SIGN_OUT, Some(&token), "").await;
        server.say(Method::GET, ME, Some(&token), "").await;
        server.say(Method::POST, SIGN_OUT, Some(&token), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn two_sign_ins_within_a_second_are_two_sessions() {
    on_every_database(async |server| {
        let first = server.user("jeanne", false).await;
        let body = format!(r#"{{"username":"jeanne","password":"{PASSWORD}"}}"#);
        let second = server.say(Method::POST, SIGN_IN, None, &body).await.json()["token"].as_str().expect("a token").to_owned();
        assert_ne!(first, second);
        server.say(Method::POST, SIGN_OUT, Some(&first), "").await;
        assert_eq!(server.say(Method::GET, ME, Some(&second), "").await.status, 200);
    });
}

#[test]
fn registering() {
    let transcript = on_every_database(async |server| {
        let person =
            |name: &str, email: &str, more: &str| format!(r#"{{"username":"{name}","email":"{email}","password":"{PASSWORD}"{more}}}"#);
        server.say(Method::POST, ME, None, &person("jeanne", "Jeanne@X.fr", r#","accept_cookie":"yes","accept_retrain":1"#)).await;
        server.say(Method::POST, SIGN_IN, None, &format!(r#"{{"username":"jeanne","password":"{PASSWORD}"}}"#)).await;
        server.note("taken");
        server.say(Method::POST, ME, None, &person("jeanne", "jeanne@x.fr", "")).await;
        server.say(Method::POST, ME, None, &person("paul", "JEANNE@x.fr", "")).await;
        server.note("organisations");
        let pair = r#","organization_id":"1","organization_name":"Préfecture de Police""#;
        server.say(Method::POST, ME, None, &person("paul", "paul@x.fr", pair)).await;
        server.say(Method::POST, ME, None, &person("p2", "p2@x.fr", r#","organization_id":"1""#)).await;
        server.say(Method::POST, ME, None, &person("p3", "p3@x.fr", r#","organization_id":"2","organization_name":"""#)).await;
        server.say(Method::POST, ME, None, &person("p4", "p4@x.fr", r#","organization_id":"1","organization_name":"x""#)).await;
        server.note("not valid");
        server.say(Method::POST, ME, None, r#"{"username":1,"email":"x","is_admin":true}"#).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn what_was_accepted_at_registration_is_kept() {
    on_every_database(async |server| {
        let body = format!(r#"{{"username":"jeanne","email":"Jeanne@X.fr","password":"{PASSWORD}","accept_retrain":true}}"#);
        server.say(Method::POST, ME, None, &body).await;
        let user = users::list(&server.app).await.expect("a list").remove(0);
        assert_eq!((user.email.as_str(), user.is_confirmed, user.is_admin), ("Jeanne@x.fr", None, false));
        assert_eq!((user.accept_cookie, user.accept_retrain), (false, true));
    });
}

#[test]
fn api_tokens() {
    let transcript = on_every_database(async |server| {
        let (jeanne, paul) = (server.user("jeanne", false).await, server.user("paul", true).await);
        let new = "/api/v2/user/token/new";
        let token = server.say(Method::POST, new, Some(&jeanne), r#"{"name":"my:token_1-2.3"}"#).await.json();
        let token = token.as_str().expect("a token").to_owned();
        let path = format!("/api/v2/user/token/{token}");
        server.say(Method::GET, "/api/v2/user/token", Some(&jeanne), "").await;
        server.say(Method::GET, "/api/v2/user/token", Some(&paul), "").await;
        server.note("with the token");
        server.say(Method::GET, ME, Some(&token), "").await;
        server.say(Method::POST, SIGN_OUT, Some(&token), "").await;
        server.note("names");
        server.say(Method::POST, new, Some(&jeanne), r#"{"name":"a b"}"#).await;
        server.say(Method::POST, new, Some(&jeanne), r#"{"name":"a\n"}"#).await;
        server.say(Method::POST, new, Some(&jeanne), r#"{"name":7}"#).await;
        server.note("somebody else's, unknown, one's own, gone");
        server.say(Method::DELETE, &path, Some(&paul), "").await;
        server.say(Method::DELETE, "/api/v2/user/token/x", Some(&paul), "").await;
        server.say(Method::DELETE, &path, Some(&jeanne), "").await;
        server.say(Method::DELETE, &path, Some(&jeanne), "").await;
        server.say(Method::GET, ME, Some(&token), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn the_authorization_header() {
    on_every_database(async |server| {
        let token = server.user("jeanne", false).await;
        for (header, status, detail) in [
            (None, 400, "Authorization header must be provided"),
            (Some(String::new()), 400, "Authorization header must be provided"),
            (Some(token.clone()), 401, "Unauthorized"),
            (Some(format!("Bearer  {token}")), 401, "Unauthorized"),
            (Some("Bearer nonsense".into()), 401, "Unauthorized"),
            (Some("Bearer a.b.c".into()), 401, "Unauthorized"),
            (Some(format!("Bearer {token}x")), 401, "Unauthorized"),
            (Some(format!("Foo {token}")), 200, ""),
            (Some(format!("Foo {token} bar")), 200, ""),
        ] {
            let request = TestRequest::get().uri(ME);
            let request = match &header {
                Some(header) => request.insert_header(("Authorization", header.as_str())),
                None => request,
            };
            let answer = server.send(request).await;
            assert_eq!(answer.status, status, "{header:?}");
            if status != 200 {
                assert_eq!(answer.body, format!(r#"{{"detail":"{detail}"}}"#), "{header:?}");
            }
        }
    });
}

#[test]
fn a_new_password_a_refusal_and_a_deletion_end_sessions() {
    let transcript = on_every_database(async |server| {
        let first = server.user("jeanne", false).await;
        users::set_password(&server.app, "jeanne".into(), password("another-horse")).await.expect("set");
        server.note("after a new password");
        server.say(Method::GET, ME, Some(&first), "").await;
        let body = r#"{"username":"jeanne","password":"another-horse"}"#;
        let second = server.say(Method::POST, SIGN_IN, None, body).await.json()["token"].as_str().expect("a token").to_owned();
        let api = server.say(Method::POST, "/api/v2/user/token/new", Some(&second), r#"{"name":"t"}"#).await.json();
        let api = api.as_str().expect("a token").to_owned();
        server.say(Method::POST, "/api/v2/chat", Some(&second), r#"{"chat_type":"meeting"}"#).await;
        server.say(Method::POST, "/api/v2/stream/chat/1", Some(&second), r#"{"model_name":"m","sources":["service-public"]}"#).await;
        users::disable(&server.app, "JEANNE@example.org".into()).await.expect("disabled");
        server.note("after a refusal");
        server.say(Method::GET, ME, Some(&second), "").await;
        server.say(Method::GET, ME, Some(&api), "").await;
        server.say(Method::POST, SIGN_IN, None, body).await;
        users::delete(&server.app, "jeanne".into()).await.expect("deleted");
        server.note("after a deletion");
        server.say(Method::GET, ME, Some(&second), "").await;
        server.say(Method::GET, ME, Some(&api), "").await;
        let admin = server.user("root", true).await;
        server.say(Method::GET, "/api/v2/chat/1", Some(&admin), "").await;
        server.say(Method::GET, "/api/v2/stream/1", Some(&admin), "").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn the_first_administrator_is_made_once() {
    on_every_database(async |server| {
        let folder = tempfile::tempdir().expect("a folder");
        let who = |password| FirstAdmin { username: "admin".into(), email: "Admin@example.org".try_into().expect("an address"), password };
        let made = first_admin(&server.app, who(None), folder.path()).await.expect("made");
        let FirstAdminOutcome::CreatedWithPasswordIn(file) = made else { panic!("{made:?}") };
        let content = std::fs::read_to_string(&file).expect("a file");
        let text = content.lines().find_map(|line| line.strip_prefix("password: ")).expect("a password");
        let body = format!(r#"{{"email":"admin@example.org","password":"{text}"}}"#);
        assert_eq!(server.ask(Method::POST, SIGN_IN, None, &body).await.status, 200);
        let again = first_admin(&server.app, who(None), folder.path()).await.expect("fine");
        assert_eq!(again, FirstAdminOutcome::AlreadyThere);
        let given = first_admin(&server.app, who(Some(password(PASSWORD))), folder.path()).await.expect("fine");
        assert_eq!(given, FirstAdminOutcome::AlreadyThere);
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), content);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        }
    });
}
