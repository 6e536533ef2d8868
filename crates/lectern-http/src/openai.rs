//! Errors in the shape of OpenAI's API, for requests in the shape of OpenAI's API.

use crate::{
    error::status,
    validate::errors::{Mistake, Step},
};
use actix_web::http::StatusCode;
use lectern_service::ServiceError;
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::{borrow::Cow, fmt};

/// What is wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// A parameter that must be there is not.
    Missing,
    /// A parameter has a value of the wrong type.
    Type,
    /// A parameter has a value that cannot be used.
    Value,
    /// There is no such parameter.
    Unknown,
    /// There is no such model.
    NoModel,
    /// The request cannot be done; what is said is a whole sentence.
    Refused(StatusCode, &'static str),
}

/// What is wrong with a request, and where: `{"error":{"message","type","param","code"}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OpenAiError {
    /// What is wrong.
    pub(crate) wrong: Wrong,
    /// The parameter: `temperature`, `messages[0].role`.
    pub(crate) param: String,
    /// What is expected, or why the value cannot be used.
    pub(crate) why: Cow<'static, str>,
}

impl OpenAiError {
    /// An error at a parameter.
    pub(crate) fn new(wrong: Wrong, param: impl Into<String>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { wrong, param: param.into(), why: why.into() }
    }

    /// A request that cannot be done, whatever its parameters.
    pub(crate) fn refused(status: StatusCode, code: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Wrong::Refused(status, code), "", why)
    }

    /// 404 for a model that is not there, what a refusal says, else 422.
    pub(crate) fn status(&self) -> StatusCode {
        match self.wrong {
            Wrong::NoModel => StatusCode::NOT_FOUND,
            Wrong::Refused(status, _) => status,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// The first thing that is wrong with a request's values; its place is told without the part of the request.
    pub(crate) fn of_mistake(mistake: Mistake) -> Self {
        if mistake.kind == "json_invalid" {
            let at = mistake.at.iter().find_map(|step| if let Step::Index(at) = step { Some(*at) } else { None }).unwrap_or_default();
            let why = format!("The body is not JSON: see character {at}.");
            return Self::refused(StatusCode::BAD_REQUEST, "invalid_json", why);
        }
        let mut param = String::new();
        for step in mistake.at.iter().skip(1) {
            match step {
                Step::Index(index) => param.push_str(&format!("[{index}]")),
                Step::Name(name) if param.is_empty() => param.push_str(name),
                Step::Name(name) => param.push_str(&format!(".{name}")),
            }
        }
        let expected = mistake.message.strip_prefix("Input should be ").map(str::to_owned);
        match (mistake.kind, expected) {
            (_, _) if param.is_empty() => Self::refused(StatusCode::BAD_REQUEST, "invalid_json", "The body is not a JSON object."),
            ("missing", _) => Self::new(Wrong::Missing, param, ""),
            ("extra_forbidden", _) => Self::new(Wrong::Unknown, param, ""),
            (kind, Some(expected)) if kind.ends_with("_type") || kind.ends_with("_parsing") => {
                Self::new(Wrong::Type, param, plain(&expected))
            }
            (_, Some(expected)) => Self::new(Wrong::Value, param, format!("it is {expected}")),
            (_, None) => {
                let why = mistake.message.strip_prefix("Value error, ").unwrap_or(&mistake.message).to_owned();
                Self::new(Wrong::Value, param, why)
            }
        }
    }

    /// What a use case refuses; none for what is refused or fails everywhere alike.
    pub(crate) fn of_service(error: &ServiceError) -> Option<Self> {
        let value = |param: &'static str| Some(Self::new(Wrong::Value, param, error.to_string()));
        let code = match error {
            ServiceError::Invalid(invalid) => return Some(Self::new(Wrong::Value, invalid.field, invalid.message.clone())),
            ServiceError::EmptyQuery => return value("query"),
            ServiceError::NoEmbeddings => return value("method"),
            ServiceError::UnknownCollection(_) | ServiceError::UploadGone => "collection_not_found",
            ServiceError::DocumentNotFound => "document_not_found",
            ServiceError::ChunkNotFound => "chunk_not_found",
            ServiceError::JobNotFound => "job_not_found",
            ServiceError::Forbidden => "permission_denied",
            ServiceError::CollectionNameTaken => "name_taken",
            ServiceError::TooManyCollections { .. } => "limit_reached",
            ServiceError::UploadTooLarge { .. } => "too_large",
            _ => return None,
        };
        Some(Self::refused(status(error), code, sentence(&error.to_string())))
    }

    fn code(&self) -> &'static str {
        match self.wrong {
            Wrong::Missing => "missing_required_parameter",
            Wrong::Type => "invalid_type",
            Wrong::Value => "invalid_value",
            Wrong::Unknown => "unknown_parameter",
            Wrong::NoModel => "model_not_found",
            Wrong::Refused(_, code) => code,
        }
    }
}

impl fmt::Display for OpenAiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wrong, param, why } = self;
        match wrong {
            Wrong::Missing => write!(f, "Missing required parameter: '{param}'."),
            Wrong::Type => write!(f, "Invalid type for '{param}': expected {why}."),
            Wrong::Value => write!(f, "Invalid value for '{param}': {why}."),
            Wrong::Unknown => write!(f, "Unknown parameter: '{param}'."),
            Wrong::NoModel => write!(f, "The model '{why}' does not exist."),
            Wrong::Refused(..) => f.write_str(why),
        }
    }
}

impl Serialize for OpenAiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'a> {
            message: String,
            r#type: &'static str,
            param: Option<&'a str>,
            code: &'static str,
        }
        let param = Some(self.param.as_str()).filter(|param| !param.is_empty());
        let view = View { message: self.to_string(), r#type: "invalid_request_error", param, code: self.code() };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("error", &view)?;
        map.end()
    }
}

/// What a value is expected to be, in OpenAI's words for what others call by other ones.
fn plain(expected: &str) -> String {
    let first = expected.split(", unable").next().unwrap_or(expected);
    match first {
        "a valid dictionary" => "an object".to_owned(),
        "a valid integer" => "a whole number".to_owned(),
        other => other.replacen("a valid ", "a ", 1),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// What such a refusal looks like: its status and its body.
pub(crate) fn shown(error: &ServiceError) -> Option<(u16, serde_json::Value)> {
    let shaped = OpenAiError::of_service(error)?;
    Some((shaped.status().as_u16(), serde_json::to_value(&shaped).unwrap_or_default()))
}
