//! `GET /api/v1/documents/{document_id}/chunks` and `GET /api/v1/chunks/{chunk_id}`

use super::{DocumentPath, view::ChunkView};
use crate::{
    caller::CurrentUser,
    routes::listing::{ListQuery, ListView},
    v1::{V1, V1Result},
    validate::{Fields, FromFields, Path, Query},
};
use actix_web::web::{Data, Json};
use lectern_domain::ids::ChunkId;
use lectern_service::{
    ServiceError,
    app::App,
    corpora::{chunk, chunks_of, unknown_cursor},
};
use uuid::Uuid;

/// The query: chunks come in their order unless told otherwise.
pub(super) struct ChunksQuery(ListQuery);

impl FromFields for ChunksQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        ListQuery::read_from_first(fields).map(Self)
    }
}

/// A path with a chunk's id.
pub(super) struct ChunkPath(String);

impl FromFields for ChunkPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("chunk_id").map(Self)
    }
}

fn id(text: &str) -> Option<ChunkId> {
    Uuid::parse_str(text).ok().map(ChunkId)
}

pub(super) async fn list(
    app: Data<App>,
    V1(who, (Path(path), Query(ChunksQuery(query)))): V1<CurrentUser, (Path<DocumentPath>, Query<ChunksQuery>)>,
) -> V1Result<Json<ListView<ChunkView>>> {
    let part = query.following(id).ok_or_else(unknown_cursor)?;
    let (collection, found) = chunks_of(&app, who.principal(), path.id()?, part).await?;
    Ok(Json(query.page(found, |chunk| chunk.id.to_string(), |chunk| ChunkView::new(chunk, &collection))))
}

pub(super) async fn get(app: Data<App>, V1(who, Path(path)): V1<CurrentUser, Path<ChunkPath>>) -> V1Result<Json<ChunkView>> {
    let id = id(&path.0).ok_or(ServiceError::ChunkNotFound)?;
    let (chunk, collection) = chunk(&app, who.principal(), id).await?;
    Ok(Json(ChunkView::new(chunk, &collection)))
}
