//! Errors in the shape of OpenAI's API, for requests in the shape of OpenAI's API.

use actix_web::http::StatusCode;
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
    /// There is no such model.
    NoModel,
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

    /// 404 for a model that is not there, else 422.
    pub(crate) fn status(&self) -> StatusCode {
        if self.wrong == Wrong::NoModel { StatusCode::NOT_FOUND } else { StatusCode::UNPROCESSABLE_ENTITY }
    }

    fn code(&self) -> &'static str {
        match self.wrong {
            Wrong::Missing => "missing_required_parameter",
            Wrong::Type => "invalid_type",
            Wrong::Value => "invalid_value",
            Wrong::NoModel => "model_not_found",
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
            Wrong::NoModel => write!(f, "The model '{why}' does not exist."),
        }
    }
}

impl Serialize for OpenAiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'a> {
            message: String,
            r#type: &'static str,
            param: &'a str,
            code: &'static str,
        }
        let view = View { message: self.to_string(), r#type: "invalid_request_error", param: &self.param, code: self.code() };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("error", &view)?;
        map.end()
    }
}
