//! `GET /user/token`

use super::TokenView;
use crate::{caller::CurrentUser, error::ApiResult, validate::Checked};
use actix_web::web::{Data, Json};
use lectern_service::{accounts::tokens, app::App};

pub(super) async fn get(app: Data<App>, Checked(who, ()): Checked<CurrentUser, ()>) -> ApiResult<Json<Vec<TokenView>>> {
    let tokens = tokens::list(&app, &who).await?;
    Ok(Json(tokens.into_iter().map(TokenView::from).collect()))
}
