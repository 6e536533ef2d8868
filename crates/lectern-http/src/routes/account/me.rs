//! `GET /user/me`

use crate::{caller::CurrentUser, error::ApiResult, validate::Checked};
use actix_web::web::Json;
use lectern_domain::user::User;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A user.
#[derive(Serialize, ToSchema)]
pub(super) struct UserView {
    username: String,
    email: String,
    organization_id: Option<String>,
    organization_name: Option<String>,
    accept_cookie: bool,
    accept_retrain: bool,
    id: i32,
    is_confirmed: Option<bool>,
    is_admin: bool,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            username: user.username,
            email: user.email,
            organization_id: user.organization_id,
            organization_name: user.organization_name,
            accept_cookie: user.accept_cookie,
            accept_retrain: user.accept_retrain,
            id: user.id.0,
            is_confirmed: user.is_confirmed,
            is_admin: user.is_admin,
        }
    }
}

pub(super) async fn get(Checked(who, ()): Checked<CurrentUser, ()>) -> ApiResult<Json<UserView>> {
    Ok(Json(who.into_user().into()))
}

/// An example for the documentation.
pub(super) fn example() -> Value {
    json!({
        "username": "jeanne", "email": "jeanne@example.org", "organization_id": null, "organization_name": null, "accept_cookie": false,
        "accept_retrain": false, "id": 1, "is_confirmed": true, "is_admin": false,
    })
}
