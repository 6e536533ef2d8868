//! `POST /api/v1/search`

use super::{filters::Conditions, view::ResultsView};
use crate::{
    caller::CurrentUser,
    degraded::FoundJson,
    routes::collections::CollectionRefs,
    v1::{V1, V1Result},
    validate::{Body, FieldType, Fields, FromFields, Place, Within, choice, json::Json as JsonValue},
};
use actix_web::web::Data;
use lectern_domain::search::Method;
use lectern_service::{
    app::App,
    search::{DEEPEST, PageRequest, page},
};

/// How many passages a page has where nobody says.
const LIMIT: u32 = 10;

impl FieldType for Method {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &[Self::Lexical, Self::Semantic, Self::Hybrid].map(|known| (known.as_str(), known)))
    }
}

/// The body.
pub(super) struct SearchBody(PageRequest);

impl FromFields for SearchBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        const MOST: u32 = DEEPEST as u32;
        let text = fields.required("query");
        let collections = fields.maybe::<CollectionRefs>("collections");
        let method = fields.maybe("method");
        let limit = fields.or("limit", || Within::<1, MOST>(LIMIT));
        let offset = fields.or("offset", || Within::<0, MOST>(0));
        let least = fields.maybe::<f64>("score_threshold");
        let filter = fields.maybe::<Conditions>("filters");
        fields.no_others();
        Some(Self(PageRequest {
            text: text?,
            method: method?,
            collections: collections?.map(|named| named.0),
            limit: limit?.0 as usize,
            offset: offset?.0 as usize,
            least_score: least?.map(|least| least as f32),
            filter: filter?.map(|filter| filter.0),
        }))
    }
}

pub(super) async fn post(app: Data<App>, V1(who, Body(body)): V1<CurrentUser, Body<SearchBody>>) -> V1Result<FoundJson<ResultsView>> {
    let found = page(&app, who.principal(), body.0).await?;
    Ok(FoundJson { degraded: found.degraded, body: found.into() })
}
