//! Accounts and sessions.

mod confirm;
mod contact;
mod me;
mod pending;
mod register;
mod reset;
mod send_reset;
mod sign_in;
mod sign_out;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;
use lectern_service::ServiceError;
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use utoipa::ToSchema;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/sign_in").route(
            Method::POST,
            sign_in::post,
            Doc::new("Begins a session; a user name that is not empty goes before an address")
                .body(json!({ "username": "jeanne", "password": "correct-horse" }))
                .answer(json!({ "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl" }))
                .refuses([ServiceError::WrongCredentials, ServiceError::UserNotConfirmed, too_many()]),
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
                .refuses([ServiceError::UsernameTaken, ServiceError::EmailTaken, too_many()]),
        ),
        Endpoint::at("/api/v2/send_reset_password_email").route(
            Method::POST,
            send_reset::post,
            Doc::new("Sends a link for a new password to an address that has an account; the answer does not tell whether it has")
                .body(json!({ "email": "jeanne@example.org", "app": "albert" }))
                .answer(json!({ "msg": "Password recovery email sent" }))
                .refuses([too_many()]),
        ),
        Endpoint::at("/api/v2/reset_password").route(
            Method::POST,
            reset::post,
            Doc::new("Sets a new password with the token of a link, which is good once; every session of the account ends")
                .body(json!({ "token": "0b6a1f5e9d0f4c379c0e7a1d2e3f4a5b", "password": "another-horse" }))
                .answer(json!({ "msg": "Password updated successfully" }))
                .refuses([
                    ServiceError::InvalidResetToken,
                    ServiceError::ExpiredResetToken,
                    ServiceError::UserNotConfirmed,
                    ServiceError::ResetUserGone,
                    too_many(),
                ]),
        ),
        Endpoint::at("/api/v2/users/pending").route(
            Method::GET,
            pending::get,
            Doc::new("The accounts that wait for a decision; for administrators")
                .answer(json!([me::example()]))
                .refuses([ServiceError::Forbidden]),
        ),
        Endpoint::at("/api/v2/user/confirm").route(
            Method::POST,
            confirm::post,
            Doc::new("Lets a new user in, or does not; for administrators")
                .body(json!({ "email": "marc@example.org", "is_confirmed": true }))
                .answer(json!({ "msg": "Success" }))
                .refuses([ServiceError::Forbidden, ServiceError::UserNotFound, ServiceError::AlreadyDecided]),
        ),
        Endpoint::at("/api/v2/user/contact").route(
            Method::POST,
            contact::post,
            Doc::new("Writes to who looks after the installation")
                .body(json!({ "subject": "A question", "text": "Where do I begin?", "institution": null }))
                .answer(json!({ "msg": "Contact form email sent" }))
                .refuses([too_many()]),
        ),
    ]
}

fn too_many() -> ServiceError {
    ServiceError::TooMany { wait: Duration::from_secs(60) }
}

/// An answer that says no more than that it went well.
#[derive(Serialize, ToSchema)]
struct Message {
    msg: &'static str,
}
