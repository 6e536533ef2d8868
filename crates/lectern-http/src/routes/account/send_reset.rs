//! `POST /send_reset_password_email`

use super::Message;
use crate::{
    address::CallerAddress,
    caller::Anyone,
    error::ApiResult,
    validate::{Body, Checked, FieldType, Fields, FromFields, Place, choice, json::Json as JsonValue},
};
use actix_web::web::{Data, Json};
use lectern_domain::email::EmailAddress;
use lectern_service::{accounts::password_reset, app::App};

/// Which of the reference's applications asks. Nothing depends on it.
#[derive(Clone, Copy)]
struct Application;

impl FieldType for Application {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &[("spp", Self), ("albert", Self)])
    }
}

/// The body.
pub(super) struct SendResetBody {
    email: EmailAddress,
}

impl FromFields for SendResetBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let email = fields.required("email");
        let application = fields.or("app", || Application);
        application?;
        Some(Self { email: email? })
    }
}

pub(super) async fn post(
    app: Data<App>,
    CallerAddress(from): CallerAddress,
    Checked(Anyone, Body(body)): Checked<Anyone, Body<SendResetBody>>,
) -> ApiResult<Json<Message>> {
    password_reset::send_link(&app, body.email, from).await?;
    Ok(Json(Message { msg: "Password recovery email sent" }))
}
