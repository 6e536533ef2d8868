//! Accounts and sessions.

mod me;
mod register;
mod sign_in;
mod sign_out;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use lectern_service::ServiceError;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/sign_in").route(
            Method::POST,
            sign_in::post,
            Doc::new("Begins a session; a user name that is not empty goes before an address")
                .body(json!({ "username": "jeanne", "password": "correct-horse" }))
                .answer(json!({ "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl" }))
                .refuses([ServiceError::WrongCredentials, ServiceError::UserNotConfirmed]),
        ),
        Endpoint::at("/api/v2/sign_out").route(
            Method::POST,
            sign_out::post,
            Doc::new("Ends the session whose token is presented")
                .answer(json!({ "msg": "Success" }))
                .refuses([ServiceError::ApiTokenSignOut]),
        ),
        Endpoint::at("/api/v2/user/me").route(Method::GET, me::get, Doc::new("The caller's account").answer(me::example())).route(
            Method::POST,
            register::post,
            Doc::new("Asks for an account, which an administrator must confirm; unknown fields are refused")
                .body(json!({ "username": "paul", "email": "paul@example.org", "password": "correct-horse" }))
                .answer(json!({ "msg": "User created. An admin must confirm the user." }))
                .refuses([ServiceError::UsernameTaken, ServiceError::EmailTaken]),
        ),
    ]
}

/// An answer that says no more than that it went well.
#[derive(Serialize, ToSchema)]
struct Message {
    msg: &'static str,
}
