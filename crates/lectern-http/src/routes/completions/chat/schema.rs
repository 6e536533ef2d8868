//! The fields of a chat completion: those of OpenAI's API and those that vLLM adds, in vLLM's order.
//!
//! <https://platform.openai.com/docs/api-reference/chat/create>,
//! <https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html>

use super::{messages, rag};
use crate::{
    openai::{OpenAiError, Wrong},
    validate::json::{Json, Object},
};
use lectern_service::completions::ChatCall;
use serde_json::{Map, Value};

/// What a field takes, besides null.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Bool,
    /// A whole number within bounds, both included.
    Whole(i64, i64),
    /// A number within bounds, both included.
    Number(f64, f64),
    Texts,
    TextOrTexts,
    Wholes,
    Object,
    List,
    /// What only the endpoint can judge.
    Any,
}

use Kind::{Any, Bool, List, Number, Object as Members, Text, TextOrTexts, Texts, Whole, Wholes};

const MANY: i64 = i32::MAX as i64;

/// Every field that is passed on besides `messages` and `model`, in the order in which it is.
pub(super) const FIELDS: &[(&str, Kind)] = &[
    ("frequency_penalty", Number(-2.0, 2.0)),
    ("logit_bias", Members),
    ("logprobs", Bool),
    ("top_logprobs", Whole(0, 1000)),
    ("max_tokens", Whole(1, MANY)),
    ("max_completion_tokens", Whole(1, MANY)),
    ("n", Whole(1, 128)),
    ("presence_penalty", Number(-2.0, 2.0)),
    ("response_format", Members),
    ("seed", Whole(i64::MIN, i64::MAX)),
    ("stop", TextOrTexts),
    ("stream", Bool),
    ("stream_options", Members),
    ("temperature", Number(0.0, 2.0)),
    ("top_p", Number(0.0, 1.0)),
    ("tools", List),
    ("tool_choice", Any),
    ("parallel_tool_calls", Bool),
    ("functions", List),
    ("function_call", Any),
    ("user", Text),
    ("metadata", Members),
    ("store", Bool),
    ("service_tier", Text),
    ("reasoning_effort", Text),
    ("modalities", Texts),
    ("audio", Members),
    ("prediction", Members),
    ("verbosity", Text),
    ("best_of", Whole(1, 128)),
    ("use_beam_search", Bool),
    ("top_k", Whole(-1, MANY)),
    ("min_p", Number(0.0, 1.0)),
    ("repetition_penalty", Number(0.0, f64::MAX)),
    ("length_penalty", Number(f64::MIN, f64::MAX)),
    ("early_stopping", Any),
    ("stop_token_ids", Wholes),
    ("include_stop_str_in_output", Bool),
    ("ignore_eos", Bool),
    ("min_tokens", Whole(0, MANY)),
    ("skip_special_tokens", Bool),
    ("spaces_between_special_tokens", Bool),
    ("truncate_prompt_tokens", Whole(-1, MANY)),
    ("prompt_logprobs", Whole(0, MANY)),
    ("allowed_token_ids", Wholes),
    ("bad_words", Texts),
    ("echo", Bool),
    ("add_generation_prompt", Bool),
    ("continue_final_message", Bool),
    ("add_special_tokens", Bool),
    ("include_reasoning", Bool),
    ("documents", List),
    ("chat_template", Text),
    ("chat_template_kwargs", Members),
    ("mm_processor_kwargs", Members),
    ("structured_outputs", Members),
    ("guided_json", Any),
    ("guided_regex", Text),
    ("guided_choice", Texts),
    ("guided_grammar", Text),
    ("guided_decoding_backend", Text),
    ("guided_whitespace_pattern", Text),
    ("priority", Whole(-MANY, MANY)),
    ("logits_processors", List),
    ("return_tokens_as_token_ids", Bool),
];

/// Reads a body whose `model` was read before.
pub(super) fn read(body: &Object) -> Result<ChatCall, OpenAiError> {
    let (sent, turns) = messages::read(body.get("messages"))?;
    let mut passed = Map::new();
    passed.insert("messages".to_owned(), sent);
    passed.insert("model".to_owned(), value(&body["model"])?);
    for (name, kind) in FIELDS {
        if let Some(given) = body.get(*name) {
            check(*kind, given, name)?;
            passed.insert((*name).to_owned(), value(given)?);
        }
    }
    let rag = rag::read(body.get("rag"))?;
    let stream = passed.get("stream") == Some(&Value::Bool(true));
    let temperature = passed.get("temperature").and_then(Value::as_f64);
    Ok(ChatCall { body: passed, turns, stream, temperature, rag })
}

/// The value as it is passed on.
pub(super) fn value(json: &Json) -> Result<Value, OpenAiError> {
    // Fails for no value of this type; whoever changes that is told by a refusal.
    serde_json::to_value(json).map_err(|error| OpenAiError::new(Wrong::Value, "body", error.to_string()))
}

/// Whether a value is null or of its kind.
pub(super) fn check(kind: Kind, value: &Json, param: &str) -> Result<(), OpenAiError> {
    let is_text = |value: &Json| matches!(value, Json::Text(_) | Json::BrokenText(_));
    let is_list = |of: &dyn Fn(&Json) -> bool| matches!(value, Json::List(items) if items.iter().all(of));
    let expected = match kind {
        _ if *value == Json::Null => return Ok(()),
        Any => return Ok(()),
        Whole(low, high) => return between(value, param, low as f64, high as f64, true),
        Number(low, high) => return between(value, param, low, high, false),
        Text if !is_text(value) => "a string",
        Bool if !matches!(value, Json::Bool(_)) => "a boolean",
        Texts if !is_list(&is_text) => "a list of strings",
        TextOrTexts if !is_text(value) && !is_list(&is_text) => "a string or a list of strings",
        Wholes if !is_list(&|item| matches!(item, Json::Int(_))) => "a list of whole numbers",
        Members if !matches!(value, Json::Object(_)) => "an object",
        List if !matches!(value, Json::List(_)) => "a list",
        _ => return Ok(()),
    };
    Err(OpenAiError::new(Wrong::Type, param, expected))
}

fn between(value: &Json, param: &str, low: f64, high: f64, whole: bool) -> Result<(), OpenAiError> {
    let expected = if whole { "a whole number" } else { "a number" };
    let number = match value {
        Json::Int(number) => *number as f64,
        Json::Float(number) if number.is_finite() && (!whole || number.fract() == 0.0) => *number,
        _ => return Err(OpenAiError::new(Wrong::Type, param, expected)),
    };
    if number < low {
        Err(OpenAiError::new(Wrong::Value, param, format!("it is at least {low}")))
    } else if number > high {
        Err(OpenAiError::new(Wrong::Value, param, format!("it is at most {high}")))
    } else {
        Ok(())
    }
}
