//! A request of OpenAI's API: who makes it, its body as it came, and the model that the body names.

use crate::{
    caller::Authority,
    docs::{Asked, Describe, Description, measure},
    error::ApiError,
    openai::{OpenAiError, Wrong},
    validate::{
        json::{Json, Malformed, Object, parse},
        request,
    },
};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    web::{Bytes, Data},
};
use futures_util::future::LocalBoxFuture;
use lectern_service::{
    app::App,
    completions::{Around, PASSED_ON},
};
use std::marker::PhantomData;

/// What bodies hold besides `model`.
pub(super) trait Shape {
    /// The fields.
    fn fields() -> Vec<Asked> {
        Vec::new()
    }
}

/// Whatever the endpoint takes.
pub(super) struct AnyBody;

impl Shape for AnyBody {}

/// A request by somebody who may make it (`W`), with a body of a shape (`S`). What is wrong with the body is looked at after that, in the
/// reference's words.
pub(super) struct Call<W, S = AnyBody> {
    pub(super) who: W,
    pub(super) model: String,
    /// The body as it came.
    pub(super) bytes: Bytes,
    /// The same, read.
    pub(super) body: Object,
    pub(super) around: Around,
    shape: PhantomData<S>,
}

impl<W: Authority + 'static, S: 'static> FromRequest for Call<W, S> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let who = caller(&request).await?;
            Self::read(who, &request, payload).await
        })
    }
}

/// Who makes a request.
pub(super) async fn caller<W: Authority>(request: &HttpRequest) -> Result<W, ApiError> {
    let app = request.app_data::<Data<App>>().ok_or(ApiError::Misconfigured)?.clone();
    W::establish(&app, request).await
}

impl<W, S> Call<W, S> {
    /// Reads the request of somebody who may make it.
    pub(super) async fn read(who: W, request: &HttpRequest, payload: Payload) -> Result<Self, ApiError> {
        let bytes = request::bytes(request, payload).await?;
        let body = object(&bytes).map_err(ApiError::NoCall)?;
        let model = match body.get("model") {
            Some(Json::Text(model)) if !model.is_empty() => model.clone(),
            None | Some(Json::Null | Json::Text(_)) => return Err(ApiError::NoCall("403: model parameter is required.".to_owned())),
            Some(_) => return Err(ApiError::OpenAi(OpenAiError::new(Wrong::Type, "model", "a string"))),
        };
        Ok(Self { who, model, bytes, body, around: around(request), shape: PhantomData })
    }
}

impl<W: Authority, S: Shape> Describe for Call<W, S> {
    fn describe(description: &mut Description, _: &App) {
        description.authenticated |= W::AUTHENTICATED;
        let model = Asked { name: "model", required: true, schema: measure::<String>() };
        description.body = Some(([model].into_iter().chain(S::fields()).collect(), false));
        description.like_openai = true;
    }
}

/// What is passed on besides the body.
fn around(request: &HttpRequest) -> Around {
    let header = |name: &str| Some((name.to_owned(), request.headers().get(name)?.to_str().ok()?.to_owned()));
    Around { query: request.uri().query().map(str::to_owned), headers: PASSED_ON.into_iter().filter_map(header).collect() }
}

/// The body as an object, or what Python's `json` module would say of it.
fn object(bytes: &[u8]) -> Result<Object, String> {
    match parse(bytes) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(Json::List(_)) => Err("'list' object has no attribute 'get'".to_owned()),
        Ok(_) => Err("not an object".to_owned()),
        Err(Malformed::Unreadable) => Err("not readable".to_owned()),
        Err(Malformed::Syntax { message, at }) => {
            let before: Vec<char> = String::from_utf8_lossy(bytes).chars().take(at).collect();
            let line = before.iter().filter(|&&c| c == '\n').count() + 1;
            let column = before.iter().rev().take_while(|&&c| c != '\n').count() + 1;
            Err(format!("{message}: line {line} column {column} (char {at})"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expect: &str) {
        assert_eq!(object(body.as_bytes()).expect_err("no object"), expect);
    }

    #[test]
    fn what_is_no_object_is_told_as_python_tells_it() {
        check("", "Expecting value: line 1 column 1 (char 0)");
        check("{\n \"é\": 1,\n }", "Expecting property name enclosed in double quotes: line 3 column 2 (char 12)");
        check("{} x", "Extra data: line 1 column 4 (char 3)");
        check("[]", "'list' object has no attribute 'get'");
        check("1", "not an object");
    }
}
