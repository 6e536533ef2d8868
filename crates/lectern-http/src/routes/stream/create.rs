//! `POST /stream` and `POST /stream/chat/{chat_id}`

use super::view::StreamView;
use crate::{
    caller::ProvedWithin,
    error::ApiResult,
    routes::{chat::ChatPath, collections::CollectionRefs},
    validate::{Body, Checked, FieldType, Fields, FromFields, Path, Place, choice, json::Json as JsonValue},
};
use actix_web::web::{Data, Json};
use lectern_domain::{
    collection::CollectionRef,
    stream::{NewStream, Temperature},
};
use lectern_service::{app::App, conversations::create_stream};

/// The sources that can be searched.
pub(crate) const SOURCES: [&str; 2] = ["service-public", "travail-emploi"];

/// A source that can be searched.
pub(crate) struct Source(&'static str);

impl Source {
    /// Its name.
    pub(crate) fn into_name(self) -> String {
        self.0.to_owned()
    }
}

impl FieldType for Source {
    fn read(value: &JsonValue, place: &mut Place<'_>) -> Option<Self> {
        let words = SOURCES.map(|known| (known, known));
        choice(value, place, &words).map(Self)
    }
}

/// The body.
pub(super) struct NewStreamBody {
    question: NewStream,
    collections: Option<Vec<CollectionRef>>,
}

impl FromFields for NewStreamBody {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let model_name = fields.required("model_name");
        let query = fields.or("query", String::new);
        let mode = fields.maybe("mode");
        let limit = fields.maybe("limit");
        let with_history = fields.maybe("with_history");
        let context = fields.or("context", String::new);
        let institution = fields.or("institution", String::new);
        let links = fields.or("links", String::new);
        let temperature = fields.or("temperature", Temperature::default);
        let sources = fields.maybe::<Vec<Source>>("sources");
        let collections = fields.maybe::<CollectionRefs>("collections");
        let should_sids = fields.maybe("should_sids");
        let must_not_sids = fields.maybe("must_not_sids");
        let postprocessing = fields.maybe("postprocessing");
        let question = NewStream {
            model_name: model_name?,
            query: query?,
            mode: mode?,
            limit: limit?,
            with_history: with_history?,
            context: context?,
            institution: institution?,
            links: links?,
            temperature: temperature?,
            collections: None,
            sources: sources?.unwrap_or_default().into_iter().map(Source::into_name).collect(),
            should_sids: should_sids?,
            must_not_sids: must_not_sids?,
            postprocessing: postprocessing?,
        };
        Some(Self { question, collections: collections?.map(|named| named.0) })
    }
}

pub(super) async fn post(
    app: Data<App>,
    Checked(who, Body(body)): Checked<ProvedWithin, Body<NewStreamBody>>,
) -> ApiResult<Json<StreamView>> {
    Ok(Json(create_stream(&app, who.0, None, body.collections, body.question).await?.into()))
}

pub(super) async fn post_in_chat(
    app: Data<App>,
    Checked(who, (Path(path), Body(body))): Checked<ProvedWithin, (Path<ChatPath>, Body<NewStreamBody>)>,
) -> ApiResult<Json<StreamView>> {
    Ok(Json(create_stream(&app, who.0, Some(path.chat_id), body.collections, body.question).await?.into()))
}
