//! `POST /user/contact`

use super::Message;
use crate::{
    address::CallerAddress,
    caller::CurrentUser,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields},
};
use actix_web::web::{Data, Json};
use lectern_service::{
    accounts::contact::{ContactForm, contact},
    app::App,
};

/// The body.
pub(super) struct ContactBody(ContactForm);

impl FromFields for ContactBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let subject = fields.required("subject");
        let text = fields.required("text");
        let institution = fields.maybe("institution");
        Some(Self(ContactForm { subject: subject?, text: text?, institution: institution? }))
    }
}

pub(super) async fn post(
    app: Data<App>,
    CallerAddress(from): CallerAddress,
    Checked(who, Body(body)): Checked<CurrentUser, Body<ContactBody>>,
) -> ApiResult<Json<Message>> {
    contact(&app, &who, body.0, from).await?;
    Ok(Json(Message { msg: "Contact form email sent" }))
}
