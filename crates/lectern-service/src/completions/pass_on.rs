//! Pass a request on to the endpoint that serves its model.

use super::{
    Around, Reply, Target,
    target::Place,
    upstream::{failed, reply},
};
use crate::ServiceError;
use bytes::Bytes;
use lectern_llm::openai::Forward;

/// Passes a JSON body on, unchanged, to a path below the API of the model's endpoint. The path must come from a list in the settings.
///
/// # Errors
/// [`ServiceError::ModelNotFound`] for a model in this process, which does nothing but chat; [`ServiceError::Upstream`] and
/// [`ServiceError::UpstreamFailed`].
pub async fn pass_on(target: Target, path: &str, body: Bytes, around: Around) -> Result<Reply, ServiceError> {
    let Place::Endpoints(endpoints, _) = target.place else { return Err(ServiceError::ModelNotFound(target.model)) };
    let request = Forward { path, query: around.query.as_deref(), headers: &around.headers, body };
    endpoints.forward(request).await.map(reply).map_err(failed)
}
