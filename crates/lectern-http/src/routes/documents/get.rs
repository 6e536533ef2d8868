//! `GET /api/v1/documents/{document_id}`

use super::{DocumentPath, view::DocumentView};
use crate::{
    caller::CurrentUser,
    v1::{V1, V1Result},
    validate::Path,
};
use actix_web::web::{Data, Json};
use lectern_service::{app::App, corpora::document};

pub(super) async fn get(app: Data<App>, V1(who, Path(path)): V1<CurrentUser, Path<DocumentPath>>) -> V1Result<Json<DocumentView>> {
    Ok(Json(document(&app, who.principal(), path.id()?).await?.into()))
}
