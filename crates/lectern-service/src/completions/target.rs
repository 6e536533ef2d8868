//! Who answers for a model.

use crate::{ServiceError, app::App};
use lectern_llm::{
    ChatModel,
    openai::{Endpoints, ModelKind},
};
use std::sync::Arc;

/// Who answers for a model.
pub struct Target {
    pub(super) model: String,
    pub(super) place: Place,
}

/// Where a model is.
pub(super) enum Place {
    /// In this process.
    BuiltIn(Arc<dyn ChatModel>),
    /// Behind endpoints.
    Endpoints(Endpoints, ModelKind),
}

/// Finds who answers for a model. Where nobody is known to, endpoints that have not been asked for a while are asked.
///
/// # Errors
/// [`ServiceError::ModelNotFound`].
pub async fn target(app: &App, model: &str) -> Result<Target, ServiceError> {
    let place = match app.models.built_in(model) {
        Some(built_in) => Place::BuiltIn(built_in),
        None => {
            let found = app.models.locate(model).await;
            let (endpoints, kind) = found.ok_or_else(|| ServiceError::ModelNotFound(model.to_owned()))?;
            Place::Endpoints(endpoints, kind)
        }
    };
    Ok(Target { model: model.to_owned(), place })
}
