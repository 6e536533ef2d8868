//! Errors to answers: the one table.

use crate::{
    openai::OpenAiError,
    validate::{
        errors::{Context, Mistake, Mistakes, Step},
        json::Json,
    },
};
use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, LOCATION, RETRY_AFTER},
    },
};
use lectern_domain::Invalid;
use lectern_service::{ServiceError, with_causes};
use serde::Serialize;
use std::{borrow::Cow, fmt};

/// After how many seconds a caller may try again to write to a database that is frozen while it is moved.
const WHILE_FROZEN_S: &str = "30";

/// What a handler answers.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// A use case refused or failed.
    Service(ServiceError),
    /// The request's values are wrong.
    Unprocessable(Mistakes),
    /// The body is larger than allowed.
    TooLarge {
        /// The most bytes.
        most: usize,
    },
    /// The body can't be read: cut short, no UTF-8, nested too deep.
    Unreadable,
    /// The server was put together without its state.
    Misconfigured,
    /// There is no such path.
    NotFound,
    /// The path has no handler for the method.
    MethodNotAllowed,
    /// The same path is to be asked for in another spelling.
    Moved(String),
    /// The body of a request that is passed on is no JSON object with a model.
    NoCall(String),
    /// A request in OpenAI's shape is wrong: its error has OpenAI's shape too.
    OpenAi(OpenAiError),
}

/// What an answer says besides its status.
enum Detail {
    Text(Cow<'static, str>),
    Mistakes(Mistakes),
    /// What an endpoint said.
    Said(serde_json::Value),
}

impl<E: Into<ServiceError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self::Service(error.into())
    }
}

impl From<OpenAiError> for ApiError {
    fn from(error: OpenAiError) -> Self {
        Self::OpenAi(error)
    }
}

/// Each refusal's status. A failure is 500 without its cause.
pub(crate) fn status(error: &ServiceError) -> StatusCode {
    match error {
        ServiceError::NoCredentials
        | ServiceError::UserNotConfirmed
        | ServiceError::WrongCredentials
        | ServiceError::UsernameTaken
        | ServiceError::EmailTaken
        | ServiceError::AlreadyDecided
        | ServiceError::InvalidResetToken
        | ServiceError::ExpiredResetToken
        | ServiceError::ApiTokenSignOut => StatusCode::BAD_REQUEST,
        ServiceError::Unauthorized => StatusCode::UNAUTHORIZED,
        ServiceError::Forbidden | ServiceError::HistoryWithoutChat | ServiceError::ModelNotFound(_) => StatusCode::FORBIDDEN,
        ServiceError::Upstream { status, body, .. } if said(body).is_some() => {
            StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        }
        ServiceError::UserNotFound
        | ServiceError::ResetUserGone
        | ServiceError::TokenNotFound
        | ServiceError::ChatNotFound
        | ServiceError::StreamNotFound
        | ServiceError::FeedbackNotFound
        | ServiceError::UnknownCollection(_)
        | ServiceError::DocumentNotFound
        | ServiceError::ChunkNotFound
        | ServiceError::JobNotFound
        | ServiceError::UploadGone => StatusCode::NOT_FOUND,
        ServiceError::CollectionNameTaken | ServiceError::TooManyCollections { .. } => StatusCode::CONFLICT,
        ServiceError::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        ServiceError::PromptTooLarge | ServiceError::UploadTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        ServiceError::Invalid(_)
        | ServiceError::UnknownModel(_)
        | ServiceError::UnknownMode(_)
        | ServiceError::UnknownPostprocessing(_)
        | ServiceError::EmptyQuery
        | ServiceError::NoEmbeddings => StatusCode::UNPROCESSABLE_ENTITY,
        ServiceError::Frozen(_) | ServiceError::Overloaded(_) | ServiceError::Busy(_) | ServiceError::Store(_) | ServiceError::Llm(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        // Besides failures: what only the programs can run into at start.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn detail(error: &ServiceError) -> Detail {
    let rule = |field, message: &ServiceError| broken_rule(&Invalid::new(field, message.to_string()));
    match (error, status(error)) {
        (ServiceError::UnknownModel(_), _) => Detail::Mistakes(Mistakes::one(rule("model_name", error))),
        (ServiceError::UnknownMode(_), _) => Detail::Mistakes(Mistakes::one(rule("mode", error))),
        (ServiceError::UnknownPostprocessing(_), _) => Detail::Mistakes(Mistakes::one(rule("postprocessing", error))),
        (ServiceError::EmptyQuery, _) => Detail::Mistakes(Mistakes::one(rule("query", error))),
        (ServiceError::NoEmbeddings, _) => Detail::Mistakes(Mistakes::one(rule("method", error))),
        (ServiceError::Store(_) | ServiceError::Llm(_), _) => Detail::Text(Cow::Borrowed("Search engine unavailable")),
        (ServiceError::Upstream { body, .. }, _) => said(body).map_or(Detail::Text(Cow::Borrowed("Internal Server Error")), Detail::Said),
        (ServiceError::UpstreamFailed { said, .. }, _) => Detail::Text(Cow::Owned(said.clone())),
        (ServiceError::Invalid(invalid), _) => Detail::Mistakes(Mistakes::one(broken_rule(invalid))),
        (ServiceError::Frozen(_), _) => Detail::Text(Cow::Borrowed("Nothing can be changed at the moment: try again later")),
        (_, StatusCode::INTERNAL_SERVER_ERROR) => Detail::Text(Cow::Borrowed("Internal Server Error")),
        (_, StatusCode::SERVICE_UNAVAILABLE) => Detail::Text(Cow::Borrowed("Service Unavailable")),
        (refusal, _) => Detail::Text(Cow::Owned(refusal.to_string())),
    }
}

/// What a refusal looks like: its status and its body.
pub(crate) fn shown(error: &ServiceError) -> (u16, serde_json::Value) {
    // A text, or what is wrong with values: both are JSON.
    (status(error).as_u16(), serde_json::to_value(Envelope { detail: detail(error) }).unwrap_or_default())
}

/// What an endpoint said, where it is JSON: anything else is not passed on.
fn said(body: &[u8]) -> Option<serde_json::Value> {
    serde_json::from_slice(body).ok()
}

/// A rule that only the use case could check, in the shape of the others.
fn broken_rule(invalid: &Invalid) -> Mistake {
    Mistake {
        kind: "value_error",
        at: vec![Step::Name(Cow::Borrowed("body")), Step::Name(Cow::Borrowed(invalid.field))],
        message: Cow::Owned(format!("Value error, {}", invalid.message)),
        input: Json::Null,
        context: Some(Context::Rule),
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => error.fmt(f),
            Self::Unprocessable(_) => f.write_str("the request's values are not valid"),
            Self::TooLarge { .. } => f.write_str("Request Entity Too Large"),
            Self::Unreadable => f.write_str("There was an error parsing the body"),
            Self::Misconfigured => f.write_str("the server was put together without its state"),
            Self::NotFound => f.write_str("Not Found"),
            Self::MethodNotAllowed => f.write_str("Method Not Allowed"),
            Self::Moved(_) => f.write_str("the path has another spelling"),
            Self::NoCall(why) => write!(f, "Invalid JSON body ({why})"),
            Self::OpenAi(error) => error.fmt(f),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Service(error) => status(error),
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable | Self::NoCall(_) => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Moved(_) => StatusCode::TEMPORARY_REDIRECT,
            Self::OpenAi(error) => error.status(),
            Self::Misconfigured => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if matches!(self, Self::Service(ServiceError::Frozen(_))) {
            // As somebody wants it.
            tracing::info!("a request was refused: the database is frozen");
        } else if status.is_server_error() {
            // The one place where a failure is logged; the request's span has its id and its route.
            let error = if let Self::Service(error) = self { with_causes(error) } else { self.to_string() };
            tracing::error!(status = status.as_u16(), error, "a request failed");
        }
        if let Self::Moved(location) = self {
            return HttpResponse::build(status).insert_header((LOCATION, location.as_str())).finish();
        }
        let mut answer = HttpResponse::build(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = if matches!(self, Self::Service(ServiceError::Frozen(_))) { WHILE_FROZEN_S } else { "1" };
            answer.insert_header((RETRY_AFTER, seconds));
        }
        if let Self::Service(ServiceError::TooMany { wait }) = self {
            // Whole seconds, of which the last is over when they are.
            answer.insert_header((RETRY_AFTER, wait.as_millis().div_ceil(1_000).to_string()));
        }
        if let Self::Service(ServiceError::Upstream { retry_after: Some(seconds), .. }) = self {
            answer.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            answer.insert_header((ALLOW, "POST"));
        }
        answer.json(self.body())
    }
}

impl ApiError {
    fn body(&self) -> Body<'_> {
        let detail = match self {
            Self::OpenAi(error) => return Body::OpenAi(error),
            Self::Service(error) => detail(error),
            Self::Unprocessable(mistakes) => Detail::Mistakes(mistakes.clone()),
            Self::Misconfigured => Detail::Text(Cow::Borrowed("Internal Server Error")),
            _ => Detail::Text(Cow::Owned(self.to_string())),
        };
        Body::Own(Envelope { detail })
    }

    /// What it looks like: its status and its body.
    pub(crate) fn shown(&self) -> (u16, serde_json::Value) {
        (self.status_code().as_u16(), serde_json::to_value(self.body()).unwrap_or_default())
    }
}

/// What an error says.
#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    OpenAi(&'a OpenAiError),
    Own(Envelope),
}

#[derive(Serialize)]
struct Envelope {
    detail: Detail,
}

impl Serialize for Detail {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Mistakes(mistakes) => mistakes.serialize(serializer),
            Self::Said(value) => value.serialize(serializer),
        }
    }
}

/// An answer with a text of its own: what the router refuses.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponse::build(status).json(Envelope { detail: Detail::Text(Cow::Borrowed(text)) })
}
