//! An answer in the format of OpenAI's server-sent events (`chat.completion.chunk`).

use bytes::Bytes;
use serde_json::{Value, json};

/// How many words a delta has.
const WORDS: usize = 4;

/// The events of a whole answer: the role, the text by groups of words, the reason of the end, and `[DONE]`.
pub(super) fn events(id: &str, created: u64, model: &str, text: &str) -> Vec<Bytes> {
    let event = |delta: Value, finish: Option<&str>| {
        let choices = [json!({"index": 0, "delta": delta, "finish_reason": finish})];
        let chunk = json!({"id": id, "object": "chat.completion.chunk", "created": created, "model": model, "choices": choices});
        Bytes::from(format!("data: {chunk}\n\n"))
    };
    let mut events = vec![event(json!({"role": "assistant", "content": ""}), None)];
    let pieces: Vec<_> = text.split_inclusive(' ').collect();
    events.extend(pieces.chunks(WORDS).map(|words| event(json!({"content": words.concat()}), None)));
    events.push(event(json!({}), Some("stop")));
    events.push(Bytes::from_static(b"data: [DONE]\n\n"));
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deltas_make_the_text() {
        let text = "Un deux trois quatre cinq, six \"sept\".\nHuit  neuf [1].";
        let events = events("chatcmpl-1", 7, "m", text);
        let mut said = String::new();
        for event in &events[..events.len() - 1] {
            let event = std::str::from_utf8(event).unwrap();
            let chunk: Value = serde_json::from_str(event.strip_prefix("data: ").unwrap().strip_suffix("\n\n").unwrap()).unwrap();
            assert_eq!((&chunk["id"], &chunk["created"], &chunk["model"]), (&json!("chatcmpl-1"), &json!(7), &json!("m")));
            assert_eq!(chunk["object"], "chat.completion.chunk");
            said += chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
        }
        assert_eq!(said, text);
        assert!(events[0].starts_with(b"data: ") && std::str::from_utf8(&events[0]).unwrap().contains(r#""role":"assistant""#));
        assert!(std::str::from_utf8(&events[events.len() - 2]).unwrap().contains(r#""finish_reason":"stop""#));
        assert_eq!(events[events.len() - 1], "data: [DONE]\n\n");
    }
}
