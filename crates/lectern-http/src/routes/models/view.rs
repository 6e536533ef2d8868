//! A model in an answer.

use lectern_service::prompts::{ModeDescription, ModelKindDescription, PromptsDescription, Sampling};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Models, as an object by their names.
#[derive(ToSchema)]
#[schema(value_type = std::collections::BTreeMap<String, ModelView>)]
pub(super) struct ModelsView(pub(super) Vec<ModelView>);

impl Serialize for ModelsView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|model| (&model.model, model)))
    }
}

/// A model.
#[derive(Serialize, ToSchema)]
pub(super) struct ModelView {
    pub(super) model: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// For models that write text.
    #[serde(flatten)]
    pub(super) prompts: Option<PromptsView>,
}

/// What models are told: the same for each of them.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct PromptsView {
    global_config: GlobalView,
    models: Vec<KindView>,
    prompts: Vec<ModeView>,
}

#[derive(Clone, Serialize, ToSchema)]
struct GlobalView {
    sampling_params: SamplingView,
}

#[derive(Clone, Serialize, ToSchema)]
struct SamplingView {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
}

#[derive(Clone, Serialize, ToSchema)]
struct KindView {
    model_kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_format: Option<String>,
    sampling_params: SamplingView,
}

#[derive(Clone, Serialize, ToSchema)]
struct ModeView {
    mode: String,
    template: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<DefaultView>,
    system_prompt: Option<String>,
    sampling_params: SamplingView,
    variables: Vec<String>,
}

#[derive(Clone, Serialize, ToSchema)]
struct DefaultView {
    limit: u32,
}

impl From<Sampling> for SamplingView {
    fn from(sampling: Sampling) -> Self {
        Self { temperature: sampling.temperature, max_tokens: sampling.max_tokens }
    }
}

impl From<ModelKindDescription> for KindView {
    fn from(kind: ModelKindDescription) -> Self {
        Self { model_kind: kind.model_kind, prompt_format: kind.prompt_format, sampling_params: kind.sampling.into() }
    }
}

impl From<ModeDescription> for ModeView {
    fn from(mode: ModeDescription) -> Self {
        Self {
            mode: mode.mode,
            template: mode.template,
            default: mode.limit.map(|limit| DefaultView { limit }),
            system_prompt: mode.system_prompt,
            sampling_params: mode.sampling.into(),
            variables: mode.variables,
        }
    }
}

impl From<PromptsDescription> for PromptsView {
    fn from(prompts: PromptsDescription) -> Self {
        Self {
            global_config: GlobalView { sampling_params: prompts.sampling.into() },
            models: prompts.kinds.into_iter().map(KindView::from).collect(),
            prompts: prompts.modes.into_iter().map(ModeView::from).collect(),
        }
    }
}

/// An example for the documentation.
pub(super) fn example() -> Value {
    json!({
        "lectern-extractive": {
            "model": "lectern-extractive",
            "type": "text-generation",
            "global_config": { "sampling_params": { "temperature": 0.3, "max_tokens": 8192 } },
            "models": [{ "model_kind": "gemma", "sampling_params": { "max_tokens": 2048 } }],
            "prompts": [{
                "mode": "rag",
                "template": "rag.jinja",
                "default": { "limit": 7 },
                "system_prompt": null,
                "sampling_params": {},
                "variables": ["chunks_collection", "limit", "query"],
            }],
        },
    })
}
