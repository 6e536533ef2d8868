//! `POST /embeddings` for the model in this process. The official clients ask for base64 unless told otherwise.

use super::{call::Shape, chat::refusal};
use crate::{
    docs::Asked,
    error::ApiResult,
    openai::{OpenAiError, Wrong},
    validate::json::{Json, Object},
};
use actix_web::HttpResponse;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use lectern_service::{
    app::App,
    completions::{EmbeddingCall, embed},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    PartialSchema as _, ToSchema,
    openapi::{
        RefOr,
        schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type},
    },
};

/// The most texts of one request, as at OpenAI.
const TEXTS_MAX: usize = 2048;

/// A vector, as numbers or as the base64 of its little-endian 32-bit floats.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum VectorView {
    Numbers(Vec<f32>),
    Base64(String),
}

#[derive(Serialize, ToSchema)]
struct EmbeddingView {
    object: &'static str,
    index: usize,
    #[schema(inline)]
    embedding: VectorView,
}

/// The vectors, in the order of the texts.
#[derive(Serialize, ToSchema)]
struct EmbeddingsView {
    object: &'static str,
    #[schema(inline)]
    data: Vec<EmbeddingView>,
    model: String,
    #[schema(inline)]
    usage: UsageView,
}

/// The tokens that the model was given; 0 where it is behind an endpoint that does not count them.
#[derive(Serialize, ToSchema)]
struct UsageView {
    prompt_tokens: u64,
    total_tokens: u64,
}

/// The body. Texts that are token ids already are for endpoints alone.
pub(super) struct EmbeddingsBody;

impl Shape for EmbeddingsBody {
    fn fields() -> Vec<Asked> {
        let of = |kind| ObjectBuilder::new().schema_type(SchemaType::new(kind));
        let nullable = |kind| ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]));
        let item = AnyOfBuilder::new()
            .item(of(Type::String))
            .item(of(Type::Integer))
            .item(ArrayBuilder::new().items(RefOr::T(Schema::from(of(Type::Integer)))));
        let texts = ArrayBuilder::new().items(RefOr::T(Schema::AnyOf(item.build()))).min_items(Some(1)).max_items(Some(TEXTS_MAX));
        let input = AnyOfBuilder::new().item(of(Type::String)).item(texts);
        let formats = nullable(Type::String).enum_values(Some([json!("float"), json!("base64"), Value::Null]));
        let asked = |name, required, schema: Schema| Asked { name, required, schema: schema.into() };
        vec![
            asked("input", true, Schema::AnyOf(input.build())),
            asked("encoding_format", false, formats.into()),
            asked("dimensions", false, nullable(Type::Integer).minimum(Some(1)).into()),
            asked("user", false, nullable(Type::String).into()),
        ]
    }
}

/// What an answer looks like.
pub(super) fn answer_schema() -> RefOr<Schema> {
    EmbeddingsView::schema()
}

pub(super) async fn answer(app: &App, model: &str, body: &Object) -> ApiResult<HttpResponse> {
    let texts = texts(body)?;
    let as_base64 = match body.get("encoding_format") {
        None | Some(Json::Null) => false,
        Some(Json::Text(format)) if format == "float" => false,
        Some(Json::Text(format)) if format == "base64" => true,
        Some(_) => return Err(OpenAiError::new(Wrong::Value, "encoding_format", "it is 'float' or 'base64'").into()),
    };
    let dimensions = match body.get("dimensions") {
        None | Some(Json::Null) => None,
        Some(Json::Int(wanted)) => Some(u32::try_from(*wanted).unwrap_or(0)),
        Some(_) => return Err(OpenAiError::new(Wrong::Type, "dimensions", "a whole number").into()),
    };
    let embedded = embed(app, EmbeddingCall { texts, dimensions }).await.map_err(refusal)?;
    let shown = |vector: Vec<f32>| match as_base64 {
        true => VectorView::Base64(STANDARD.encode(vector.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())),
        false => VectorView::Numbers(vector),
    };
    let data = embedded.vectors.into_iter().enumerate().map(|(index, vector)| EmbeddingView {
        object: "embedding",
        index,
        embedding: shown(vector),
    });
    let tokens = embedded.tokens.unwrap_or(0);
    let usage = UsageView { prompt_tokens: tokens, total_tokens: tokens };
    Ok(HttpResponse::Ok().json(EmbeddingsView { object: "list", data: data.collect(), model: model.to_owned(), usage }))
}

fn texts(body: &Object) -> Result<Vec<String>, OpenAiError> {
    let wrong = || OpenAiError::new(Wrong::Type, "input", "a string or a list of strings");
    let texts: Vec<String> = match body.get("input") {
        None => return Err(OpenAiError::new(Wrong::Missing, "input", "")),
        Some(Json::Text(text)) => vec![text.clone()],
        Some(Json::List(items)) => {
            let text = |item: &Json| if let Json::Text(text) = item { Ok(text.clone()) } else { Err(wrong()) };
            items.iter().map(text).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(wrong()),
    };
    match texts.len() {
        1..=TEXTS_MAX => Ok(texts),
        _ => Err(OpenAiError::new(Wrong::Value, "input", format!("between 1 and {TEXTS_MAX} texts"))),
    }
}
