//! The paths in `[llm] passthrough`: what is sent there goes to the endpoint that serves its model.

use super::{
    call::{AnyBody, Call, Shape, caller},
    embeddings::{self, EmbeddingsBody},
    path::normalised,
    reply,
};
use crate::{
    caller::{Authority, CurrentUser},
    docs::{Asked, Describe, Description, measure},
    error::{ApiError, ApiResult},
    options::HttpOptions,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, web::Data};
use futures_util::future::LocalBoxFuture;
use lectern_service::{app::App, completions};

/// The path whose body may be answered in this process.
const EMBEDDINGS: &str = "embeddings";

/// The paths that have routes of their own, for other spellings of them.
const OWN: [&str; 6] = ["models", "chat/completions", "collections", "documents", "jobs", "search"];

/// A request to a path of the list: who makes it is looked at first, then the path, then the body.
pub(super) struct Passed<W, S = AnyBody> {
    /// As it stands in the list.
    path: String,
    call: Call<W, S>,
}

impl<W: Authority + 'static, S: 'static> FromRequest for Passed<W, S> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let who = caller(&request).await?;
            let path = listed(&request)?;
            Ok(Self { path, call: Call::read(who, &request, payload).await? })
        })
    }
}

impl<W: Authority> Describe for Passed<W> {
    fn describe(description: &mut Description, app: &App) {
        description.path.push(Asked { name: "path", required: true, schema: measure::<String>() });
        Call::<W>::describe(description, app);
    }
}

impl<W: Authority> Describe for Passed<W, EmbeddingsBody> {
    fn describe(description: &mut Description, app: &App) {
        Call::<W, EmbeddingsBody>::describe(description, app);
    }
}

/// The entry of the list that a request's path means.
fn listed(request: &HttpRequest) -> Result<String, ApiError> {
    let list = &request.app_data::<Data<HttpOptions>>().ok_or(ApiError::Misconfigured)?.passthrough;
    let (path, ends_with_slash) = normalised(request.uri().path()).ok_or(ApiError::NotFound)?;
    let is_own = OWN.contains(&path.as_str());
    match list.iter().find(|listed| **listed == path) {
        Some(listed) if !ends_with_slash => Ok(listed.clone()),
        None if !is_own => Err(ApiError::NotFound),
        _ => {
            let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
            Err(ApiError::Moved(format!("/api/v1/{path}{query}")))
        }
    }
}

pub(super) async fn post(app: Data<App>, passed: Passed<CurrentUser>) -> ApiResult<HttpResponse> {
    answer(&app, passed).await
}

/// `POST /embeddings`, which is in the list unless the operator left it out.
pub(super) async fn embed(app: Data<App>, passed: Passed<CurrentUser, EmbeddingsBody>) -> ApiResult<HttpResponse> {
    answer(&app, passed).await
}

async fn answer<S: Shape>(app: &App, Passed { path, call }: Passed<CurrentUser, S>) -> ApiResult<HttpResponse> {
    if path == EMBEDDINGS && completions::embeds_here(app, &call.model) {
        return embeddings::answer(app, &call.model, &call.body).await;
    }
    let target = completions::target(app, &call.model).await?;
    Ok(reply::answer(completions::pass_on(target, &path, call.bytes, call.around).await?))
}

/// Any other method.
pub(super) async fn other(request: HttpRequest) -> ApiResult<HttpResponse> {
    listed(&request)?;
    Err(ApiError::MethodNotAllowed)
}
