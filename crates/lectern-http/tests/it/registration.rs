//! From registration to confirmation, and writing to who looks after the installation.

use crate::support::{PASSWORD, on_every_database};
use actix_web::http::Method;
use insta::assert_snapshot;

const ME: &str = "/api/v2/user/me";
const SIGN_IN: &str = "/api/v2/sign_in";
const PENDING: &str = "/api/v2/users/pending";
const CONFIRM: &str = "/api/v2/user/confirm";
const CONTACT: &str = "/api/v2/user/contact";

#[test]
fn an_administrator_decides_once() {
    let transcript = on_every_database(async |server| {
        let admin = server.user("admin", true).await;
        let user = server.user("paul", false).await;
        for name in ["jeanne", "marc"] {
            let more = r#""accept_cookie":true,"organization_id":"1","organization_name":"Préfecture de Police""#;
            let body = format!(r#"{{"username":"{name}","email":"{name}@X.fr","password":"{PASSWORD}",{more}}}"#);
            server.say(Method::POST, ME, None, &body).await;
        }
        server.note_mails(0);
        let sign_in = format!(r#"{{"username":"jeanne","password":"{PASSWORD}"}}"#);
        server.say(Method::POST, SIGN_IN, None, &sign_in).await;
        server.note("the order of checks: who, what, whether");
        server.say(Method::POST, CONFIRM, None, r#"{"#).await;
        server.say(Method::POST, CONFIRM, None, r#"{}"#).await;
        server.say(Method::POST, CONFIRM, Some(&user), r#"{"email":"x"}"#).await;
        server.say(Method::POST, CONFIRM, Some(&user), r#"{"email":"jeanne@x.fr","is_confirmed":true}"#).await;
        server.say(Method::GET, PENDING, Some(&user), "").await;
        server.say(Method::GET, PENDING, None, "").await;
        server.note("decisions");
        server.say(Method::GET, PENDING, Some(&admin), "").await;
        server.say(Method::POST, CONFIRM, Some(&admin), r#"{"email":"JEANNE@x.fr","is_confirmed":"yes"}"#).await;
        server.say(Method::POST, CONFIRM, Some(&admin), r#"{"email":"marc@x.fr","is_confirmed":false}"#).await;
        server.say(Method::POST, CONFIRM, Some(&admin), r#"{"email":"marc@x.fr","is_confirmed":true}"#).await;
        server.say(Method::POST, CONFIRM, Some(&admin), r#"{"email":"nobody@x.fr","is_confirmed":true}"#).await;
        server.note_mails(4);
        server.say(Method::GET, PENDING, Some(&admin), "").await;
        server.say(Method::POST, SIGN_IN, None, &sign_in).await;
        server.say(Method::POST, SIGN_IN, None, &sign_in.replace("jeanne", "marc")).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn writing_to_who_looks_after_the_installation() {
    let transcript = on_every_database(async |server| {
        let user = server.user("paul", false).await;
        server.say(Method::POST, CONTACT, None, r#"{"subject":"s","text":"t"}"#).await;
        server.say(Method::POST, CONTACT, Some(&user), r#"{"subject":1}"#).await;
        server.say(Method::POST, CONTACT, Some(&user), r#"{"subject":"Une question & \"plus\"","text":"l'été\nici"}"#).await;
        server.say(Method::POST, CONTACT, Some(&user), r#"{"subject":"","text":"","institution":"Mairie"}"#).await;
        server.note_mails(0);
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_registration_that_is_refused_writes_to_nobody() {
    on_every_database(async |server| {
        server.user("jeanne", false).await;
        let body = format!(r#"{{"username":"jeanne","email":"j@x.fr","password":"{PASSWORD}"}}"#);
        assert_eq!(server.say(Method::POST, ME, None, &body).await.status, 400);
        assert_eq!(server.mails(), []);
    });
}
