//! `POST /user/token/new`

use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Body, Checked, Fields, FromFields},
};
use actix_web::web::{Data, Json};
use lectern_domain::token::TokenName;
use lectern_service::{accounts::tokens, app::App};

/// The body.
pub(super) struct NewTokenBody {
    name: TokenName,
}

impl FromFields for NewTokenBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name: String = fields.required("name")?;
        match TokenName::try_from(name) {
            Ok(name) => Some(Self { name }),
            Err(error) => {
                fields.broken_rule(&error.message);
                None
            }
        }
    }
}

pub(super) async fn post(app: Data<App>, Checked(who, Body(body)): Checked<CurrentUser, Body<NewTokenBody>>) -> ApiResult<Json<String>> {
    Ok(Json(tokens::create(&app, &who, body.name).await?))
}
