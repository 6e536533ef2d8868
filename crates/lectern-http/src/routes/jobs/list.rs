//! `GET /api/v1/jobs`

use super::{JobView, id};
use crate::{
    caller::CurrentUser,
    routes::listing::{ListQuery, ListView},
    v1::{V1, V1Result},
    validate::Query,
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, corpora::unknown_cursor, uploads};

pub(super) async fn get(app: Data<App>, V1(who, Query(query)): V1<CurrentUser, Query<ListQuery>>) -> V1Result<Json<ListView<JobView>>> {
    let part = query.following(id).ok_or_else(unknown_cursor)?;
    let found = uploads::list(&app, who.principal(), part).await?;
    Ok(Json(query.page(found, |job| job.status.upload.id.to_string(), JobView::from)))
}
