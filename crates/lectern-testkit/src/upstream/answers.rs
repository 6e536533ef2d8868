//! What the server answers when it behaves.

use super::{Recorded, Shared};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// An answer: JSON with its status, or server-sent events, a piece for each.
pub(super) enum Answer {
    Json(u16, Value),
    Events(Vec<Vec<u8>>),
}

/// Server-sent events that stream a text word by word, as OpenAI does: a first event with the role, one for each word, one with the
/// reason of the end, `[DONE]`.
pub fn chat_events(model: &str, text: &str) -> String {
    let event = |delta: Value, finish: Value| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
        let event = json!({ "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": [choice] });
        format!("data: {event}\n\n")
    };
    let mut events = event(json!({ "role": "assistant", "content": "" }), Value::Null);
    events.extend(text.split_inclusive(' ').map(|word| event(json!({ "content": word }), Value::Null)));
    events + &event(json!({}), json!("stop")) + "data: [DONE]\n\n"
}

/// A deterministic embedding that is not normalised: each word moves a few components, so texts that share words are near each other.
pub fn embed(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0; dimensions];
    for word in text.split_whitespace() {
        let mut hash = fnv1a(word.to_lowercase().as_bytes());
        for _ in 0..3 {
            let sign = if hash & 1 == 0 { 1.0 } else { -1.0 };
            vector[(hash >> 1) as usize % dimensions] += sign;
            hash = fnv1a(&hash.to_le_bytes());
        }
    }
    if vector.iter().all(|x| *x == 0.0) {
        vector[0] = 1.0;
    }
    vector
}

/// The FNV-1a hash, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The usual answer to a request.
pub(super) fn answer(shared: &Shared, request: &Recorded) -> Answer {
    let state = shared.state();
    let body = request.json();
    let path = request.path.split('?').next().unwrap_or_default();
    if state.refused.as_ref().is_some_and(|user| body["user"] == user.as_str()) {
        return Answer::Json(400, json!({ "error": { "message": "this user is refused", "type": "invalid_request_error" } }));
    }
    match (request.method.as_str(), path) {
        ("GET", path) if path.ends_with("/models") => {
            let data: Vec<Value> = state
                .models
                .iter()
                .map(|(name, kind)| match kind {
                    Some(kind) => json!({ "id": name, "object": "model", "type": kind }),
                    None => json!({ "id": name, "object": "model" }),
                })
                .collect();
            Answer::Json(200, json!({ "object": "list", "data": data }))
        }
        ("POST", path) if path.ends_with("/chat/completions") => {
            let model = body["model"].as_str().unwrap_or_default();
            if body["stream"] == json!(true) {
                let events = chat_events(model, &state.answer);
                return Answer::Events(events.split_inclusive("\n\n").map(|event| event.as_bytes().to_vec()).collect());
            }
            let choice = json!({ "index": 0, "message": { "role": "assistant", "content": state.answer }, "finish_reason": "stop" });
            Answer::Json(200, json!({ "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice] }))
        }
        ("POST", path) if path.ends_with("/embeddings") => {
            let texts: Vec<String> = match &body["input"] {
                Value::Array(texts) => texts.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect(),
                one => vec![one.as_str().unwrap_or_default().to_owned()],
            };
            let data: Vec<Value> = texts
                .iter()
                .enumerate()
                .map(|(index, text)| {
                    let vector = embed(text, state.dimensions);
                    let shown = match body["encoding_format"].as_str() {
                        Some("base64") => json!(STANDARD.encode(vector.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())),
                        _ => json!(vector),
                    };
                    json!({ "object": "embedding", "index": index, "embedding": shown })
                })
                // The API promises no order.
                .rev()
                .collect();
            let words: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
            let usage = json!({ "prompt_tokens": words, "total_tokens": words });
            Answer::Json(200, json!({ "object": "list", "model": body["model"], "data": data, "usage": usage }))
        }
        ("POST", path) if body["model"].is_string() => Answer::Json(200, json!({ "object": "scripted", "path": path, "received": body })),
        _ => Answer::Json(404, json!({ "error": { "message": "no such path", "type": "invalid_request_error" } })),
    }
}
