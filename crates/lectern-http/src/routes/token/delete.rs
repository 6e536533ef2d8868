//! `DELETE /user/token/{token}`

use super::TokenView;
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Checked, Fields, FromFields, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{accounts::tokens, app::App};

/// The path.
pub(super) struct TokenPath {
    token: String,
}

impl FromFields for TokenPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { token: fields.required("token")? })
    }
}

pub(super) async fn delete(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<TokenPath>>) -> ApiResult<Json<TokenView>> {
    Ok(Json(tokens::revoke(&app, &who, &path.token).await?.into()))
}
