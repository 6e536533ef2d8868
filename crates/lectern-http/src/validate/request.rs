//! A request, checked in the order that clients know: a body that is no JSON, then who is calling, then everything that is wrong
//! with path, query and body in one answer.

use super::{
    errors::{Context, Mistake, Mistakes, Step},
    fields::{Fields, FromFields},
    json::{Json, Malformed, Object, parse},
};
use crate::{caller::Authority, docs::Description, error::ApiError, options::HttpOptions};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    web::{Bytes, BytesMut, Data},
};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use lectern_service::app::App;
use std::borrow::Cow;

/// A request by somebody who may make it (`W`: [`crate::caller`]), with its values (`I`). What a handler takes.
pub(crate) struct Checked<W, I>(pub W, pub I);

/// The values of the path.
pub(crate) struct Path<T>(pub T);
/// The values of the query; of equal names the last.
pub(crate) struct Query<T>(pub T);
/// The values of a JSON body.
pub(crate) struct Body<T>(pub T);

/// Something that is read from a request.
pub(crate) trait Input: Sized {
    /// Whether there is a body to be read.
    const BODY: bool = false;

    /// Reads it; `None` means that mistakes were noted.
    fn read(parts: &mut Parts<'_>) -> Option<Self>;

    /// Says what it reads.
    fn describe(_: &mut Description, _: &App) {}
}

/// A request in parts, and what is wrong with it.
pub(crate) struct Parts<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    body: Received,
    mistakes: Mistakes,
}

enum Received {
    Nothing,
    Json(Json),
    Other(Bytes),
}

impl Input for () {
    fn read(_: &mut Parts<'_>) -> Option<Self> {
        Some(())
    }
}

impl<T: FromFields> Input for Path<T> {
    fn read(parts: &mut Parts<'_>) -> Option<Self> {
        let decode = |(name, value): (&str, &str)| (name.to_owned(), text(percent_decoded(value.as_bytes(), false)));
        let object: Object = parts.request.match_info().iter().map(decode).collect();
        fields("path", &object, parts).map(Self)
    }

    fn describe(description: &mut Description, app: &App) {
        description.path = Fields::asked_by::<T>(app, "path").0;
    }
}

impl<T: FromFields> Input for Query<T> {
    fn read(parts: &mut Parts<'_>) -> Option<Self> {
        let pairs = parts.request.query_string().split('&').filter(|pair| !pair.is_empty());
        let decode = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (String::from_utf8_lossy(&percent_decoded(name.as_bytes(), true)).into_owned(), text(percent_decoded(value.as_bytes(), true)))
        };
        let object: Object = pairs.map(decode).collect();
        fields("query", &object, parts).map(Self)
    }

    fn describe(description: &mut Description, app: &App) {
        description.query = Fields::asked_by::<T>(app, "query").0;
    }
}

impl<T: FromFields> Input for Body<T> {
    const BODY: bool = true;

    fn read(parts: &mut Parts<'_>) -> Option<Self> {
        let wrong = |kind, message: &'static str, input| Mistake {
            kind,
            at: vec![Step::Name(Cow::Borrowed("body"))],
            message: Cow::Borrowed(message),
            input,
            context: None,
        };
        const NO_OBJECT: &str = "Input should be a valid dictionary or object to extract fields from";
        let mistake = match std::mem::replace(&mut parts.body, Received::Nothing) {
            Received::Json(Json::Object(object)) => return fields("body", &object, parts).map(Self),
            Received::Nothing | Received::Json(Json::Null) => wrong("missing", "Field required", Json::Null),
            Received::Json(other) => wrong("model_attributes_type", NO_OBJECT, other),
            Received::Other(bytes) => wrong("model_attributes_type", NO_OBJECT, text(bytes.to_vec())),
        };
        parts.mistakes.push(mistake);
        None
    }

    fn describe(description: &mut Description, app: &App) {
        description.body = Some(Fields::asked_by::<T>(app, "body"));
    }
}

impl<A: Input, B: Input> Input for (A, B) {
    const BODY: bool = A::BODY || B::BODY;

    fn read(parts: &mut Parts<'_>) -> Option<Self> {
        // Both, so that the answer has the mistakes of both.
        let (a, b) = (A::read(parts), B::read(parts));
        Some((a?, b?))
    }

    fn describe(description: &mut Description, app: &App) {
        A::describe(description, app);
        B::describe(description, app);
    }
}

/// Reads a shape whose rules between fields see the mistakes of its own fields alone.
fn fields<T: FromFields>(part: &'static str, object: &Object, parts: &mut Parts<'_>) -> Option<T> {
    let mut own = Mistakes::default();
    let read = T::read(&mut Fields::new(parts.app, part, object, &mut own));
    let read = read.filter(|_| own.is_empty());
    parts.mistakes.append(own);
    read
}

fn text(bytes: Vec<u8>) -> Json {
    Json::Text(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// `%41` is `A`, and in a query `+` is a blank; what is no escape stays as it is.
pub(crate) fn percent_decoded(bytes: &[u8], plus_is_blank: bool) -> Vec<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', ..) if plus_is_blank => decoded.push(b' '),
            (byte, ..) => decoded.push(byte),
        }
        at += 1;
    }
    decoded
}

impl<W: Authority + 'static, I: Input + 'static> FromRequest for Checked<W, I> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let app = request.app_data::<Data<App>>().ok_or(ApiError::Misconfigured)?.clone();
            let body = if I::BODY { receive(&request, payload).await? } else { Received::Nothing };
            let who = W::establish(&app, &request).await?;
            let mut parts = Parts { app: &app, request: &request, body, mistakes: Mistakes::default() };
            let read = I::read(&mut parts);
            match read {
                Some(input) if parts.mistakes.is_empty() => who.permit().map(|()| Self(who, input)),
                _ => {
                    who.before_complaints(&app).await?;
                    Err(ApiError::Unprocessable(parts.mistakes))
                }
            }
        })
    }
}

/// The bytes of a body, within the bound of the settings.
pub(crate) async fn bytes(request: &HttpRequest, mut payload: Payload) -> Result<Bytes, ApiError> {
    let limit = request.app_data::<Data<HttpOptions>>().ok_or(ApiError::Misconfigured)?.body_bytes;
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ApiError::TooLarge { most: limit });
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.or(Err(ApiError::Unreadable))?;
        if bytes.len() + chunk.len() > limit {
            return Err(ApiError::TooLarge { most: limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

async fn receive(request: &HttpRequest, payload: Payload) -> Result<Received, ApiError> {
    let bytes = bytes(request, payload).await?;
    if bytes.is_empty() {
        return Ok(Received::Nothing);
    }
    if !says_json(request) {
        return Ok(Received::Other(bytes));
    }
    match parse(&bytes) {
        Ok(value) => Ok(Received::Json(value)),
        Err(Malformed::Unreadable) => Err(ApiError::Unreadable),
        Err(Malformed::Syntax { message, at }) => Err(ApiError::Unprocessable(Mistakes::one(Mistake {
            kind: "json_invalid",
            at: vec![Step::Name(Cow::Borrowed("body")), Step::Index(at)],
            message: Cow::Borrowed("JSON decode error"),
            input: Json::Object(Object::new()),
            context: Some(Context::Text("error", Cow::Borrowed(message))),
        }))),
    }
}

/// Whether the content type is absent, `application/json` or `application/*+json`.
pub(crate) fn says_json(request: &HttpRequest) -> bool {
    let Some(value) = request.headers().get(CONTENT_TYPE).filter(|value| !value.is_empty()) else { return true };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.strip_prefix("application/").is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}
