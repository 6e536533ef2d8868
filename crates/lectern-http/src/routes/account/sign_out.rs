//! `POST /sign_out`

use super::Message;
use crate::{caller::CurrentUser, error::ApiResult, validate::Checked};
use actix_web::web::{Data, Json};
use lectern_service::{accounts::sign_out, app::App};

pub(super) async fn post(app: Data<App>, Checked(who, ()): Checked<CurrentUser, ()>) -> ApiResult<Json<Message>> {
    sign_out(&app, &who).await?;
    Ok(Json(Message { msg: "Success" }))
}
