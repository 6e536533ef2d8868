//! `GET /users/pending`

use super::me::UserView;
use crate::{caller::Admin, error::ApiResult, validate::Checked};
use actix_web::web::{Data, Json};
use lectern_service::{accounts::confirm, app::App};

pub(super) async fn get(app: Data<App>, Checked(Admin(_), ()): Checked<Admin, ()>) -> ApiResult<Json<Vec<UserView>>> {
    let users = confirm::pending(&app).await?;
    Ok(Json(users.into_iter().map(UserView::from).collect()))
}
