//! How a model wants to be run, as its sentence-transformers files say.

use super::{ModelError, source::Source};
use candle_transformers::models::bert::Config;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// How the vectors of a text's tokens become the text's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The first one's.
    Cls,
    /// The largest of each component.
    Max,
}

/// How a model is run. Vectors always have length 1, whether or not the model's files ask for it: every index compares directions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// How tokens become a text.
    pub pooling: Pooling,
    /// The most tokens of a text, the tokenizer's own markers included; what is longer is cut.
    pub max_tokens: usize,
    /// Whether texts are put in lower case before the tokenizer sees them.
    pub lower_case: bool,
    /// Put before a question.
    pub query_prefix: String,
    /// Put before a passage.
    pub passage_prefix: String,
}

/// The bound of a settings file.
const MAX_JSON_BYTES: u64 = 1024 * 1024;

/// Reads the architecture, and refuses those that are not BERT.
pub(super) fn config(bytes: &[u8]) -> Result<Config, ModelError> {
    #[derive(Deserialize)]
    struct Kind {
        model_type: Option<String>,
        position_embedding_type: Option<String>,
    }
    let malformed = |error: serde_json::Error| ModelError::malformed("config.json", error);
    let kind: Kind = serde_json::from_slice(bytes).map_err(malformed)?;
    if let Some(other) = kind.model_type.filter(|kind| kind != "bert") {
        return Err(ModelError::Unsupported(format!("a model of type {other:?} is not supported; one of type \"bert\" is")));
    }
    if let Some(other) = kind.position_embedding_type.filter(|kind| kind != "absolute") {
        return Err(ModelError::Unsupported(format!("position embeddings of type {other:?} are not supported; \"absolute\" ones are")));
    }
    let config: Config = serde_json::from_slice(bytes).map_err(malformed)?;
    let plausible = (1..=1_000_000).contains(&config.vocab_size)
        && (1..=16_384).contains(&config.hidden_size)
        && (1..=65_536).contains(&config.intermediate_size)
        && (1..=256).contains(&config.num_hidden_layers)
        && config.num_attention_heads > 0
        && config.hidden_size.is_multiple_of(config.num_attention_heads)
        && (3..=65_536).contains(&config.max_position_embeddings)
        && config.type_vocab_size > 0;
    if plausible { Ok(config) } else { Err(ModelError::malformed("config.json", "sizes that no BERT has")) }
}

/// Reads how the model in a folder of the source is run. Files that are missing leave the usual: the mean, and as many tokens as the
/// model has positions.
pub(super) fn layout(source: &mut Source, folder: &str, config: &Config) -> Result<Layout, ModelError> {
    #[derive(Default, Deserialize)]
    struct SentenceBert {
        max_seq_length: Option<usize>,
        #[serde(default)]
        do_lower_case: bool,
    }
    #[derive(Default, Deserialize)]
    struct TokenizerConfig {
        // Some files write 1e30 for "no limit".
        model_max_length: Option<f64>,
    }
    #[derive(Default, Deserialize)]
    struct SentenceTransformers {
        #[serde(default)]
        prompts: BTreeMap<String, Option<String>>,
    }
    let sentence: SentenceBert = json(source, folder, "sentence_bert_config.json")?.unwrap_or_default();
    let tokenizer: TokenizerConfig = json(source, folder, "tokenizer_config.json")?.unwrap_or_default();
    let mut transformers: SentenceTransformers = json(source, folder, "config_sentence_transformers.json")?.unwrap_or_default();
    let positions = config.max_position_embeddings;
    // As f64 → usize, what is too large becomes the largest number, and the positions are the bound.
    let max_tokens =
        sentence.max_seq_length.or(tokenizer.model_max_length.map(|length| length as usize)).unwrap_or(positions).min(positions);
    if max_tokens < 3 {
        return Err(ModelError::malformed("sentence_bert_config.json", format!("at most {max_tokens} tokens leave no room for a text")));
    }
    let mut prompt = |names: [&str; 2]| names.iter().find_map(|name| transformers.prompts.remove(*name).flatten()).unwrap_or_default();
    Ok(Layout {
        pooling: pooling(source, folder)?,
        max_tokens,
        lower_case: sentence.do_lower_case,
        query_prefix: prompt(["query", "s2p_query"]),
        passage_prefix: prompt(["document", "passage"]),
    })
}

/// Finds the pooling in `modules.json` and in the file that it points to.
fn pooling(source: &mut Source, folder: &str) -> Result<Pooling, ModelError> {
    #[derive(Deserialize)]
    struct Module {
        path: String,
        #[serde(rename = "type")]
        kind: String,
    }
    let modules: Option<Vec<Module>> = json(source, folder, "modules.json")?;
    let mut path = "1_Pooling".to_owned();
    for module in modules.unwrap_or_default() {
        match module.kind.rsplit('.').next().unwrap_or_default() {
            "Transformer" if module.path.is_empty() => {}
            "Pooling" => path = module.path,
            "Normalize" => {}
            other => return Err(ModelError::Unsupported(format!("modules.json: a module of type {other:?} is not supported"))),
        }
    }
    // Only ever looked up among the source's own files, so the path cannot lead anywhere else.
    let Some(settings) = json::<BTreeMap<String, serde_json::Value>>(source, folder, &format!("{path}/config.json"))? else {
        return Ok(Pooling::Mean);
    };
    // Either one `pooling_mode`, or a flag for each mode.
    let mut modes: Vec<String> = settings
        .iter()
        .filter(|(_, on)| **on == serde_json::Value::Bool(true))
        .filter_map(|(key, _)| key.strip_prefix("pooling_mode_").map(str::to_owned))
        .collect();
    if let Some(mode) = settings.get("pooling_mode").and_then(|mode| mode.as_str()) {
        modes = vec![mode.to_owned()];
    }
    match modes.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["mean_tokens" | "mean"] | [] => Ok(Pooling::Mean),
        ["cls_token" | "cls"] => Ok(Pooling::Cls),
        ["max_tokens" | "max"] => Ok(Pooling::Max),
        _ => Err(ModelError::Unsupported(format!("pooling by {} is not supported; mean, cls or max is", modes.join(" and ")))),
    }
}

/// A file of settings; `None` where there is none.
fn json<T: DeserializeOwned>(source: &mut Source, folder: &str, name: &str) -> Result<Option<T>, ModelError> {
    let path = format!("{folder}{name}");
    if !source.has(&path) {
        return Ok(None);
    }
    let bytes = source.read_all(&path, MAX_JSON_BYTES)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| ModelError::malformed(name, error))
}
