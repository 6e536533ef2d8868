//! `GET /feedback/{feedback_id}`

use super::{FeedbackPath, view::FeedbackView};
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    validate::{Checked, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, feedback};

pub(super) async fn get(
    app: Data<App>,
    Checked(who, Path(path)): Checked<CurrentUser, Path<FeedbackPath>>,
) -> ApiResult<Json<FeedbackView>> {
    Ok(Json(feedback::get(&app, &who, path.feedback_id).await?.into()))
}
