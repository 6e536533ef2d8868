//! Where an answer says which passages it was given: `rag_context`, at its end.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use lectern_llm::{ByteStream, LlmError, sse::SseDecoder};
use serde_json::{Value, json};
use uuid::Uuid;

/// The lines that end a stream.
const DONE: [&[u8]; 2] = [b"data: [DONE]", b"data:[DONE]"];

fn context(references: &[String]) -> Value {
    json!([{ "strategy": "last", "references": references }])
}

/// Adds `rag_context` to a JSON object, which is otherwise left as it is.
///
/// # Errors
/// [`LlmError::Protocol`] where it is no object.
pub(super) fn append(mut whole: Vec<u8>, references: Vec<String>) -> Result<Vec<u8>, LlmError> {
    let refuse = |why: String| LlmError::Protocol(format!("not a chat completion ({why})"));
    let members = serde_json::from_slice::<serde_json::Map<String, Value>>(&whole).map_err(|error| refuse(error.to_string()))?;
    let end = whole.iter().rposition(|&byte| byte == b'}').ok_or_else(|| refuse("no end".to_owned()))?;
    whole.truncate(end);
    let comma = if members.is_empty() { "" } else { "," };
    whole.extend_from_slice(format!("{comma}\"rag_context\":{}}}", context(&references)).as_bytes());
    Ok(whole)
}

/// Puts an event with `rag_context` before the `[DONE]` of a stream, or at the end of one that ends without. Every other byte comes
/// through as it is, and as soon as it is known not to begin the end.
pub(super) fn before_done(body: ByteStream, model: &str, references: Vec<String>) -> ByteStream {
    let inserter = Inserter::new(model, references);
    stream::unfold(Some((body, inserter)), |state| async {
        let (mut body, mut inserter) = state?;
        loop {
            match body.next().await {
                Some(Ok(part)) => {
                    let out = inserter.push(&part);
                    if !out.is_empty() {
                        return Some((Ok(Bytes::from(out)), Some((body, inserter))));
                    }
                }
                Some(Err(error)) => return Some((Err(error), None)),
                None => {
                    let out = inserter.finish();
                    return (!out.is_empty()).then(|| (Ok(Bytes::from(out)), None));
                }
            }
        }
    })
    .boxed()
}

/// Finds the line that ends a stream in bytes that may be cut anywhere.
struct Inserter {
    model: String,
    references: Vec<String>,
    /// The line that is being read, while it may still be the last one; `None` where it is not.
    held: Option<Vec<u8>>,
    /// Reads the first event, whose id the added one shares; gone afterwards.
    decoder: Option<SseDecoder>,
    first: Value,
    inserted: bool,
    /// How many line ends came last, up to two.
    line_ends: u8,
    /// Whether the last byte was a CR: a LF after it ends no line of its own.
    after_cr: bool,
}

impl Inserter {
    fn new(model: &str, references: Vec<String>) -> Self {
        let (held, decoder) = (Some(Vec::new()), Some(SseDecoder::new()));
        Self { model: model.to_owned(), references, held, decoder, first: Value::Null, inserted: false, line_ends: 2, after_cr: false }
    }

    /// The event, a chunk without text of the same completion.
    fn event(&mut self) -> String {
        self.inserted = true;
        let id = self.first["id"].as_str().map_or_else(|| format!("chatcmpl-{}", Uuid::new_v4().simple()), str::to_owned);
        let model = self.first["model"].as_str().unwrap_or(&self.model);
        let created = self.first["created"].as_u64().unwrap_or_default();
        let choices = [json!({ "index": 0, "delta": {}, "finish_reason": null })];
        let event = json!({
            "id": id, "object": "chat.completion.chunk", "created": created, "model": model, "choices": choices,
            "rag_context": context(&self.references),
        });
        format!("data: {event}\n\n")
    }

    /// Takes the next bytes and returns those that can go out.
    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.look(bytes);
        let mut out = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            let ends = matches!(byte, b'\n' | b'\r');
            if let Some(mut held) = self.held.take() {
                if ends && !self.inserted && DONE.contains(&held.as_slice()) {
                    out.extend_from_slice(self.event().as_bytes());
                }
                held.push(byte);
                if !ends && !self.inserted && DONE.iter().any(|done| done.starts_with(&held)) {
                    self.held = Some(held);
                    continue;
                }
                out.append(&mut held);
            } else {
                out.push(byte);
            }
            if ends {
                self.held = Some(Vec::new());
            }
        }
        self.count_line_ends(&out);
        out
    }

    /// What is still held, and the event where the stream had no end of its own.
    fn finish(&mut self) -> Vec<u8> {
        let held = self.held.take().unwrap_or_default();
        if self.inserted {
            return held;
        }
        if DONE.contains(&held.as_slice()) {
            return [self.event().as_bytes(), &held].concat();
        }
        if let Some(event) = self.decoder.take().and_then(|mut decoder| decoder.finish()) {
            self.first = serde_json::from_str(&event.data).unwrap_or_default();
        }
        self.count_line_ends(&held);
        let missing = &b"\n\n"[usize::from(self.line_ends)..];
        [&held, missing, self.event().as_bytes()].concat()
    }

    fn look(&mut self, bytes: &[u8]) {
        let Some(decoder) = &mut self.decoder else { return };
        match decoder.push(bytes) {
            Ok(events) => {
                if let Some(event) = events.first() {
                    self.first = serde_json::from_str(&event.data).unwrap_or_default();
                    self.decoder = None;
                }
            }
            // An event beyond any measure: the added one gets an id of its own.
            Err(_) => self.decoder = None,
        }
    }

    fn count_line_ends(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if after_cr => {}
                b'\r' | b'\n' => self.line_ends = (self.line_ends + 1).min(2),
                _ => self.line_ends = 0,
            }
        }
    }
}

#[cfg(test)]
mod tests;
