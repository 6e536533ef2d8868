//! `POST /stream/{stream_id}/stop`

use super::{StreamPath, view::StreamView};
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Checked, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{answer::stop, app::App};

pub(super) async fn post(app: Data<App>, Checked(who, Path(path)): Checked<CurrentUser, Path<StreamPath>>) -> ApiResult<Json<StreamView>> {
    Ok(Json(stop(&app, &who, path.stream_id).await?.into()))
}
