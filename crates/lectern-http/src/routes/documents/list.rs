//! `GET /api/v1/documents`

use super::{id, view::DocumentView};
use crate::{
    caller::CurrentUser,
    routes::listing::{ListQuery, ListView},
    v1::{V1, V1Result},
    validate::{Fields, FromFields, Query},
};
use actix_web::web::{Data, Json};
use lectern_domain::collection::CollectionRef;
use lectern_service::{
    app::App,
    corpora::{documents, unknown_cursor},
};

/// The query.
pub(super) struct DocumentsQuery {
    collection: CollectionRef,
    external_id: Option<String>,
    part: ListQuery,
}

impl FromFields for DocumentsQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let collection = fields.required("collection");
        let external_id = fields.maybe("external_id");
        let part = ListQuery::read(fields);
        Some(Self { collection: collection?, external_id: external_id?, part: part? })
    }
}

pub(super) async fn get(
    app: Data<App>,
    V1(who, Query(query)): V1<CurrentUser, Query<DocumentsQuery>>,
) -> V1Result<Json<ListView<DocumentView>>> {
    let part = query.part.following(id).ok_or_else(unknown_cursor)?;
    let (collection, found) = documents(&app, who.principal(), query.collection, query.external_id, part).await?;
    Ok(Json(query.part.page(found, |document| document.id.to_string(), |document| DocumentView::new(document, &collection))))
}
