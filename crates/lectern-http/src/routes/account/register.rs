//! `POST /user/me`

use super::Message;
use crate::{
    address::CallerAddress,
    caller::Anyone,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields},
};
use actix_web::web::{Data, Json};
use lectern_service::{
    accounts::register::{Registration, register},
    app::App,
};

/// The body.
pub(super) struct RegisterBody(Registration);

impl FromFields for RegisterBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let username = fields.required("username");
        let email = fields.required("email");
        let password = fields.required("password");
        let organization_id = fields.maybe::<String>("organization_id");
        let organization_name = fields.maybe::<String>("organization_name");
        let accept_cookie = fields.or("accept_cookie", || false);
        let accept_retrain = fields.or("accept_retrain", || false);
        fields.no_others();
        let registration = Registration {
            username: username?,
            email: email?,
            password: password?,
            organization_id: organization_id?,
            organization_name: organization_name?,
            accept_cookie: accept_cookie?,
            accept_retrain: accept_retrain?,
        };
        let organizations = &fields.app().auth.organizations;
        let checked = organizations.check(registration.organization_id.as_deref(), registration.organization_name.as_deref());
        if let Err(rule) = checked
            && fields.all_valid()
        {
            fields.broken_rule(rule);
        }
        Some(Self(registration))
    }
}

pub(super) async fn post(
    app: Data<App>,
    CallerAddress(from): CallerAddress,
    Checked(Anyone, Body(body)): Checked<Anyone, Body<RegisterBody>>,
) -> ApiResult<Json<Message>> {
    register(&app, body.0, from).await?;
    Ok(Json(Message { msg: "User created. An admin must confirm the user." }))
}
