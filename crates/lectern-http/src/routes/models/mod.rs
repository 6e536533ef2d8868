//! The models that there are, and what they are told.

mod list;
mod view;

use super::Endpoint;
use crate::docs::Doc;
use actix_web::http::Method;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::at("/api/v2/models").route(
        Method::GET,
        list::get,
        Doc::new("The models, and for those that answer what they are told").answer(view::example()),
    )]
}
