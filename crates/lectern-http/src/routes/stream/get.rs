//! `GET /stream/{stream_id}`

use super::{StreamPath, view::StreamView};
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Checked, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, conversations::get_stream};

pub(super) async fn get(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<StreamPath>>) -> ApiResult<Json<StreamView>> {
    Ok(Json(get_stream(&app, &who, path.stream_id).await?.into()))
}
