//! `GET /feedbacks`

use super::view::FeedbackView;
use crate::{
    caller::CurrentUser,
    error::ApiResult,
    routes::page::PageQuery,
    validate::{Checked, Query},
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, feedback};

pub(super) async fn get(
    app: Data<App>,
    Checked(who, Query(page)): Checked<CurrentUser, Query<PageQuery>>,
) -> ApiResult<Json<Vec<FeedbackView>>> {
    let found = feedback::list(&app, &who, page.page(false)).await?;
    Ok(Json(found.into_iter().map(FeedbackView::from).collect()))
}
