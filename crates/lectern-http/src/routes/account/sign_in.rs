//! `POST /sign_in`

use crate::{
    address::CallerAddress,
    caller::Anyone,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields},
};
use actix_web::web::{Data, Json};
use lectern_domain::{email::EmailAddress, password::Password};
use lectern_service::{
    accounts::sign_in::{Login, sign_in},
    app::App,
};
use serde::Serialize;
use utoipa::ToSchema;

/// The body.
pub(super) struct SignInBody {
    login: Option<Login>,
    password: Password,
}

impl FromFields for SignInBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let username = fields.maybe::<String>("username");
        let email = fields.maybe::<EmailAddress>("email");
        let password = fields.required("password");
        let username = username?.filter(|name| !name.is_empty()).map(Login::Username);
        Some(Self { login: username.or(email?.map(Login::Email)), password: password? })
    }
}

/// The answer.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    token: String,
}

pub(super) async fn post(
    app: Data<App>,
    CallerAddress(from): CallerAddress,
    Checked(Anyone, Body(body)): Checked<Anyone, Body<SignInBody>>,
) -> ApiResult<Json<TokenView>> {
    let token = sign_in(&app, body.login, body.password, from).await?;
    Ok(Json(TokenView { token }))
}
