//! `DELETE /api/v1/collections/{collection}`

use super::CollectionPath;
use crate::{
    caller::CurrentUser,
    routes::listing::DeletedView,
    v1::{V1, V1Result},
    validate::Path,
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, corpora::remove};

pub(super) async fn delete(app: Data<App>, V1(who, Path(path)): V1<CurrentUser, Path<CollectionPath>>) -> V1Result<Json<DeletedView>> {
    let removed = remove(&app, &who, path.named()?).await?;
    Ok(Json(DeletedView { id: removed.uid.to_string(), object: "collection.deleted", deleted: true }))
}
