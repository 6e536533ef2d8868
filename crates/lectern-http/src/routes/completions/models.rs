//! `GET /models` and `GET /models/{model}`, in OpenAI's shape.

use crate::{
    caller::CurrentUser,
    error::{ApiError, ApiResult},
    openai::{OpenAiError, Wrong},
    validate::{Checked, Fields, FromFields, Path},
};
use actix_web::web::{Data, Json};
use lectern_service::llm::EXTRACTIVE_MODEL;
use lectern_service::{
    app::App,
    completions::{self, ListedModel},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A model.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenAiModel)]
pub(super) struct ModelView {
    id: String,
    object: &'static str,
    created: u64,
    owned_by: String,
    /// What it is for; the reference's upstreams say so too.
    #[serde(rename = "type")]
    kind: String,
}

impl From<ListedModel> for ModelView {
    fn from(model: ListedModel) -> Self {
        Self { id: model.id, object: "model", created: model.created, owned_by: model.owned_by, kind: model.kind }
    }
}

/// One that is always there.
pub(super) fn example() -> Value {
    json!({ "id": EXTRACTIVE_MODEL, "object": "model", "created": 0, "owned_by": "lectern", "type": "text-generation" })
}

/// All models.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenAiModels)]
pub(super) struct ListView {
    object: &'static str,
    data: Vec<ModelView>,
}

/// The path; a model's name may hold slashes.
pub(super) struct ModelPath(String);

impl FromFields for ModelPath {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required("model").map(Self)
    }
}

pub(super) async fn list(app: Data<App>, Checked(_, ()): Checked<CurrentUser, ()>) -> Json<ListView> {
    Json(ListView { object: "list", data: completions::models(&app).await.into_iter().map(ModelView::from).collect() })
}

pub(super) async fn get(app: Data<App>, Checked(_, Path(path)): Checked<CurrentUser, Path<ModelPath>>) -> ApiResult<Json<ModelView>> {
    match completions::model(&app, &path.0).await {
        Some(model) => Ok(Json(model.into())),
        None => Err(ApiError::OpenAi(OpenAiError::new(Wrong::NoModel, "model", path.0))),
    }
}
