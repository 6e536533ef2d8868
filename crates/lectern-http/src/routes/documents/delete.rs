//! `DELETE /api/v1/documents/{document_id}`

use super::DocumentPath;
use crate::{
    caller::CurrentUser,
    routes::listing::DeletedView,
    v1::{V1, V1Result},
    validate::Path,
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, corpora::delete_document};

pub(super) async fn delete(app: Data<App>, V1(who, Path(path)): V1<CurrentUser, Path<DocumentPath>>) -> V1Result<Json<DeletedView>> {
    let deleted = delete_document(&app, &who, path.id()?).await?;
    Ok(Json(DeletedView { id: deleted.id.to_string(), object: "document.deleted", deleted: true }))
}
