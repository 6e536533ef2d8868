//! `POST /indexes`: search the default collection by chunks or by sheets, or the collection `experiences`.

use super::view::{self, FoundView};
use crate::{
    caller::CurrentUser,
    degraded::FoundJson,
    error::ApiResult,
    routes::stream::Source,
    validate::{Body, Checked, Count, FieldType, Fields, FromFields, Place, choice, json::Json as JsonValue},
};
use actix_web::web::Data;
use lectern_domain::ids::StreamId;
use lectern_service::{
    app::App,
    search::{Index, IndexHit, IndexQuery, index},
};

impl FieldType for Index {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &[("experiences", Self::Experiences), ("sheets", Self::Sheets), ("chunks", Self::Chunks)])
    }
}

/// How the reference is asked to compare. It searches in one way all the same, and so does Lectern.
struct Similarity;

impl FieldType for Similarity {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &[("bm25", ()), ("e5", ())]).map(|()| Self)
    }
}

/// A stream's id, as text.
struct StreamIdText(Option<StreamId>);

impl FieldType for StreamIdText {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        if text.is_empty() {
            return Some(Self(None));
        }
        StreamId::read(value, place).map(|id| Self(Some(id)))
    }
}

/// The body.
pub(super) struct IndexBody(IndexQuery);

impl FromFields for IndexBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.required("name");
        let query = fields.required("query");
        let limit = fields.or("limit", || Count(3));
        let similarity = fields.or("similarity", || Similarity);
        let expand_acronyms = fields.or("expand_acronyms", || true);
        let institution = fields.maybe::<String>("institution");
        let sources = fields.maybe::<Vec<Source>>("sources");
        let should_sids = fields.maybe::<Vec<String>>("should_sids");
        let must_not_sids = fields.maybe::<Vec<String>>("must_not_sids");
        let stream = fields.maybe::<StreamIdText>("stream_id");
        // Checked, and without effect: see the contract.
        let Similarity = similarity?;
        Some(Self(IndexQuery {
            index: name?,
            text: query?,
            expand_acronyms: expand_acronyms?,
            limit: usize::try_from(limit?.0).unwrap_or_default(),
            sources: sources?.unwrap_or_default().into_iter().map(Source::into_name).collect(),
            institution: institution?,
            should_sids: should_sids?.unwrap_or_default(),
            must_not_sids: must_not_sids?.unwrap_or_default(),
            stream: stream?.and_then(|id| id.0),
        }))
    }
}

pub(super) async fn post(
    app: Data<App>,
    Checked(who, Body(body)): Checked<CurrentUser, Body<IndexBody>>,
) -> ApiResult<FoundJson<Vec<FoundView>>> {
    let found = index(&app, &who, body.0).await?;
    let view = |hit| match hit {
        IndexHit::Chunk(chunk) => view::chunk(chunk),
        IndexHit::Sheet(sheet) => view::sheet(sheet),
    };
    Ok(FoundJson { body: found.hits.into_iter().map(view).collect(), degraded: found.degraded })
}
