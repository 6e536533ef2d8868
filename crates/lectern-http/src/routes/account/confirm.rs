//! `POST /user/confirm`

use super::Message;
use crate::{
    caller::Admin,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields},
};
use actix_web::web::{Data, Json};
use lectern_domain::email::EmailAddress;
use lectern_service::{accounts::confirm::confirm, app::App};

/// The body.
pub(super) struct ConfirmBody {
    email: EmailAddress,
    is_confirmed: bool,
}

impl FromFields for ConfirmBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email");
        let is_confirmed = fields.required("is_confirmed");
        Some(Self { email: email?, is_confirmed: is_confirmed? })
    }
}

pub(super) async fn post(app: Data<App>, Checked(Admin(_), Body(body)): Checked<Admin, Body<ConfirmBody>>) -> ApiResult<Json<Message>> {
    confirm(&app, body.email, body.is_confirmed).await?;
    Ok(Json(Message { msg: "Success" }))
}
