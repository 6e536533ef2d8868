//! `POST /chat/completions`

mod describe;
mod messages;
mod rag;
mod schema;

pub(super) use describe::{ChatBody, answer};

use super::{call::Call, reply};
use crate::{
    caller::CurrentUser,
    error::{ApiError, ApiResult},
    openai::{OpenAiError, Wrong},
};
use actix_web::{HttpResponse, web::Data};
use lectern_service::{ServiceError, app::App, completions};

pub(super) async fn post(app: Data<App>, call: Call<CurrentUser, ChatBody>) -> ApiResult<HttpResponse> {
    let target = completions::target(&app, &call.model).await?;
    let chat = schema::read(&call.body)?;
    let reply = completions::chat(&app, &call.who, target, chat, call.around).await.map_err(refusal)?;
    Ok(reply::answer(reply))
}

/// A refusal that names a parameter, in OpenAI's shape.
pub(super) fn refusal(error: ServiceError) -> ApiError {
    let wrong = |param: &str, why: String| ApiError::OpenAi(OpenAiError::new(Wrong::Value, param, why));
    match error {
        ServiceError::UnknownMode(_) => wrong("rag.mode", error.to_string()),
        ServiceError::EmptyQuery => wrong("messages", error.to_string()),
        ServiceError::UnknownCollection(_) => match OpenAiError::of_service(&error) {
            Some(refusal) => refusal.into(),
            None => error.into(),
        },
        ServiceError::Invalid(invalid) => wrong(invalid.field, invalid.message),
        other => other.into(),
    }
}
