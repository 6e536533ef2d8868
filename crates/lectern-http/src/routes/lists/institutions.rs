//! `GET /institutions`

use crate::{caller::CurrentUser, error::ApiResult, validate::Checked};
use actix_web::web::{Data, Json};
use lectern_service::app::App;

pub(super) async fn get(app: Data<App>, Checked(_, ()): Checked<CurrentUser, ()>) -> ApiResult<Json<Vec<String>>> {
    Ok(Json(app.institutions.clone()))
}
