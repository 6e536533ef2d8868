//! Accounts and sessions.

mod me;
mod register;
mod sign_in;
mod sign_out;

use super::Endpoint;
use actix_web::http::Method;
use serde::Serialize;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/api/v2/sign_in").on(Method::POST, sign_in::post),
        Endpoint::at("/api/v2/sign_out").on(Method::POST, sign_out::post),
        Endpoint::at("/api/v2/user/me").on(Method::GET, me::get).on(Method::POST, register::post),
    ]
}

/// An answer that says no more than that it went well.
#[derive(Serialize)]
struct Message {
    msg: &'static str,
}
