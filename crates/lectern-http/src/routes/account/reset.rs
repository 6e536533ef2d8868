//! `POST /reset_password`

use super::Message;
use crate::{
    address::CallerAddress,
    caller::Anyone,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields},
};
use actix_web::web::{Data, Json};
use lectern_domain::password::Password;
use lectern_service::{accounts::password_reset, app::App};

/// The body.
pub(super) struct ResetBody {
    token: String,
    password: Password,
}

impl FromFields for ResetBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let token = fields.required("token");
        let password = fields.required("password");
        Some(Self { token: token?, password: password? })
    }
}

pub(super) async fn post(
    app: Data<App>,
    CallerAddress(from): CallerAddress,
    Checked(Anyone, Body(body)): Checked<Anyone, Body<ResetBody>>,
) -> ApiResult<Json<Message>> {
    password_reset::reset(&app, &body.token, body.password, from).await?;
    Ok(Json(Message { msg: "Password updated successfully" }))
}
