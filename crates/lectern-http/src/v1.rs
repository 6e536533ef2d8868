//! Requests of `/api/v1` that this server answers itself: what is refused of them has OpenAI's shape.

use crate::{
    caller::Authority,
    docs::{Describe, Description},
    error::ApiError,
    openai::{OpenAiError, Wrong},
    validate::{Checked, errors::Mistakes, request::Input},
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, http::StatusCode};
use futures_util::future::LocalBoxFuture;
use lectern_service::app::App;
use std::fmt;

/// An error of a request in OpenAI's shape: what is refused of it has OpenAI's shape too, what is refused everywhere alike stays as it is.
#[derive(Debug)]
pub(crate) struct V1Error(ApiError);

/// What a handler of such requests answers.
pub(crate) type V1Result<T> = Result<T, V1Error>;

impl<E: Into<ApiError>> From<E> for V1Error {
    fn from(error: E) -> Self {
        let error = error.into();
        Self(match error {
            ApiError::Unprocessable(mistakes) => of_mistakes(mistakes),
            ApiError::TooLarge { most } => {
                let why = format!("The body is larger than {most} bytes: send less at once, or have limits.json_bytes raised.");
                OpenAiError::refused(StatusCode::PAYLOAD_TOO_LARGE, "too_large", why).into()
            }
            ApiError::Unreadable => {
                OpenAiError::refused(StatusCode::BAD_REQUEST, "unreadable", "The body cannot be read to its end as UTF-8.").into()
            }
            ApiError::Service(refusal) => match OpenAiError::of_service(&refusal) {
                Some(shaped) => shaped.into(),
                None => ApiError::Service(refusal),
            },
            other => other,
        })
    }
}

fn of_mistakes(mistakes: Mistakes) -> ApiError {
    match mistakes.into_first() {
        Some(first) => OpenAiError::of_mistake(first).into(),
        None => ApiError::Unprocessable(Mistakes::default()),
    }
}

impl fmt::Display for V1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for V1Error {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        self.0.error_response()
    }
}

/// [`Checked`] for such requests.
pub(crate) struct V1<W, I>(pub W, pub I);

impl<W: Authority + 'static, I: Input + 'static> FromRequest for V1<W, I> {
    type Error = V1Error;
    type Future = LocalBoxFuture<'static, Result<Self, V1Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = Checked::<W, I>::from_request(request, payload);
        Box::pin(async move {
            let Checked(who, input) = checked.await?;
            Ok(Self(who, input))
        })
    }
}

impl<W: Authority, I: Input> Describe for V1<W, I> {
    fn describe(description: &mut Description, app: &App) {
        Checked::<W, I>::describe(description, app);
        description.like_openai = true;
        let fields = description.body.iter().flat_map(|(fields, _)| fields).chain(&description.query);
        let first =
            fields.map(|asked| if asked.required { (Wrong::Missing, asked.name, "") } else { (Wrong::Type, asked.name, "something else") });
        description.errors.extend(first.take(1).map(|(wrong, name, why)| OpenAiError::new(wrong, name, why).into()).collect::<Vec<_>>());
    }
}
