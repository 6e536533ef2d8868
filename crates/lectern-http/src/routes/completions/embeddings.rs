//! `POST /embeddings` for the model in this process. The official clients ask for base64 unless told otherwise.

use super::chat::refusal;
use crate::{
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

/// The most texts of one request, as at OpenAI.
const TEXTS_MAX: usize = 2048;

/// A vector, as numbers or as the base64 of its little-endian 32-bit floats.
#[derive(Serialize)]
#[serde(untagged)]
enum VectorView {
    Numbers(Vec<f32>),
    Base64(String),
}

#[derive(Serialize)]
struct EmbeddingView {
    object: &'static str,
    index: usize,
    embedding: VectorView,
}

#[derive(Serialize)]
struct EmbeddingsView<'a> {
    object: &'static str,
    data: Vec<EmbeddingView>,
    model: &'a str,
    usage: UsageView,
}

/// Tokens are not counted here.
#[derive(Default, Serialize)]
struct UsageView {
    prompt_tokens: u32,
    total_tokens: u32,
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
    let vectors = embed(app, EmbeddingCall { texts, dimensions }).await.map_err(refusal)?;
    let shown = |vector: Vec<f32>| match as_base64 {
        true => VectorView::Base64(STANDARD.encode(vector.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())),
        false => VectorView::Numbers(vector),
    };
    let data =
        vectors.into_iter().enumerate().map(|(index, vector)| EmbeddingView { object: "embedding", index, embedding: shown(vector) });
    Ok(HttpResponse::Ok().json(EmbeddingsView { object: "list", data: data.collect(), model, usage: UsageView::default() }))
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
