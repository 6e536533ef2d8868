//! A request that sends a document: as JSON, or as a form with a file.

use super::create::DocumentBody;
use crate::{
    caller::Authority,
    docs::{Asked, Describe, Description, measure},
    error::ApiError,
    openai::OpenAiError,
    options::HttpOptions,
    routes::collections::Metadata,
    v1::{V1, V1Error},
    validate::{Body, request::says_json},
};
use actix_multipart::Multipart;
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    web::Data,
};
use futures_util::future::LocalBoxFuture;
use lectern_domain::{collection::CollectionRef, document::ExternalId, upload::UploadFormat};
use lectern_service::{ServiceError, app::App};

/// What a form has besides its file, at most.
const AROUND: u64 = 1 << 20;

/// A request by somebody who may make it (`W`). A form is read by who handles it, part by part.
pub(super) enum Sent<W> {
    Json(W, DocumentBody),
    Form(W, Multipart),
}

impl<W: Authority + 'static> FromRequest for Sent<W> {
    type Error = V1Error;
    type Future = LocalBoxFuture<'static, Result<Self, V1Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if says_json(request) {
            let json = V1::<W, Body<DocumentBody>>::from_request(request, payload);
            return Box::pin(async move {
                let V1(who, Body(body)) = json.await?;
                Ok(Self::Json(who, body))
            });
        }
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let app = request.app_data::<Data<App>>().ok_or(ApiError::Misconfigured)?.clone();
            let who = W::establish(&app, &request).await?;
            who.permit()?;
            if !says_form(&request) {
                let why = "Send JSON (application/json), or a form with a file (multipart/form-data).";
                return Err(OpenAiError::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", why).into());
            }
            let most = request.app_data::<Data<HttpOptions>>().ok_or(ApiError::Misconfigured)?.upload_bytes;
            let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
            if announced.is_some_and(|length| length > most.saturating_add(AROUND)) {
                return Err(ServiceError::UploadTooLarge { most }.into());
            }
            Ok(Self::Form(who, Multipart::new(request.headers(), payload)))
        })
    }
}

fn says_form(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("multipart/form-data"))
}

impl<W: Authority> Describe for Sent<W> {
    fn describe(description: &mut Description, app: &App) {
        V1::<W, Body<DocumentBody>>::describe(description, app);
        let part = |name, required, schema| Asked { name, required, schema };
        description.form = Some(vec![
            part("collection", true, measure::<CollectionRef>()),
            part("format", false, measure::<UploadFormat>()),
            part("external_id", false, measure::<ExternalId>()),
            part("title", false, measure::<String>()),
            part("url", false, measure::<String>()),
            part("source", false, measure::<String>()),
            part("metadata", false, measure::<Metadata>()),
            part("file", true, binary()),
        ]);
    }
}

fn binary() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
    let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build().into()
}
