//! `GET /api/v1/collections`

use super::view::CollectionView;
use crate::{
    caller::CurrentUser,
    routes::listing::{ListQuery, ListView},
    v1::{V1, V1Result},
    validate::Query,
};
use actix_web::web::{Data, Json};
use lectern_service::{
    app::App,
    corpora::{self, unknown_cursor},
};
use uuid::Uuid;

pub(super) async fn get(
    app: Data<App>,
    V1(who, Query(query)): V1<CurrentUser, Query<ListQuery>>,
) -> V1Result<Json<ListView<CollectionView>>> {
    let part = query.following(|id| Uuid::parse_str(id).ok()).ok_or_else(unknown_cursor)?;
    let found = corpora::list(&app, who.principal(), part).await?;
    Ok(Json(query.page(found, |collection| collection.uid.to_string(), CollectionView::from)))
}
