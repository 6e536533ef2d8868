//! Every route but the public ones refuses whoever does not say who they are.

use crate::{openapi::document, support::on_every_database};
use actix_web::http::Method;

/// What the contract says is public, and nothing else.
const PUBLIC: &[&str] = &[
    "POST /api/v2/sign_in",
    "POST /api/v2/send_reset_password_email",
    "POST /api/v2/reset_password",
    "POST /api/v2/user/me",
    "GET /api/v2/healthcheck",
    "GET /api/v2/organizations/mfs",
    "GET /livez",
    "GET /readyz",
    "GET /api/openapi.json",
    "GET /api/docs",
    "GET /api/docs/{file}",
    "GET /api/redoc",
];

#[test]
fn nothing_else_is_public() {
    on_every_database(async |server| {
        let document = document(&server).await;
        for (path, method, operation) in document.operations() {
            let verb = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let public = PUBLIC.contains(&format!("{verb} {path}").as_str());
            assert_eq!(operation.get("security").is_none(), public, "{verb} {path} in the document");
            let answer = server.ask(verb.clone(), &path.replace(['{', '}'], ""), None, "").await;
            let refused = answer.body == r#"{"detail":"Authorization header must be provided"}"# && answer.status == 400;
            assert_eq!(refused, !public, "{verb} {path}: {} {}", answer.status, answer.body);
            if !public {
                for (token, status) in [("nonsense", 401), ("a.b.c", 401)] {
                    assert_eq!(server.ask(verb.clone(), path, Some(token), "").await.status, status, "{verb} {path} {token}");
                }
            }
        }
    });
}
