//! Masking an answer while it is streamed: its text is held back up to the end of a sentence, and sent masked in events of the model's
//! own form.

use super::postprocessing::{Masks, sentence_end};
use bytes::Bytes;
use lectern_llm::{
    LlmError,
    sse::{Event, SseDecoder, content_delta},
};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The longest text that is held back, in bytes; a longer sentence is cut at a blank that is not within a number.
const MAX_HELD: usize = 64 * 1024;

/// An answer on its way.
pub(super) struct Masking {
    masks: Masks,
    decoder: SseDecoder,
    /// What was said and not sent yet.
    held: String,
    /// The last event that had text: the form of those that are made.
    form: Option<Value>,
    /// What was sent.
    text: String,
}

impl Masking {
    pub(super) fn new(masks: Masks) -> Self {
        Self { masks, decoder: SseDecoder::new(), held: String::new(), form: None, text: String::new() }
    }

    /// Takes a part of the model's, cut anywhere, and returns the events that are to be sent for it, if any.
    ///
    /// # Errors
    /// [`LlmError::Protocol`] where it is not understood, or has no blank for too long.
    pub(super) fn push(&mut self, part: &[u8]) -> Result<Option<Bytes>, LlmError> {
        let mut sent = String::new();
        for event in self.decoder.push(part)? {
            self.event(event, &mut sent)?;
        }
        Ok(not_empty(sent))
    }

    /// What is still held back.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        let mut sent = String::new();
        if let Some(event) = self.decoder.finish() {
            match content_delta(&event) {
                Some(content) => {
                    self.held.push_str(&content);
                    self.form = serde_json::from_str(&event.data).ok().or(self.form.take());
                }
                None => {
                    self.flush(&mut sent);
                    write(&event.kind, &event.data, &mut sent);
                }
            }
        }
        self.flush(&mut sent);
        not_empty(sent)
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn event(&mut self, event: Event, sent: &mut String) -> Result<(), LlmError> {
        let content = content_delta(&event).filter(|content| !content.is_empty());
        let value = serde_json::from_str::<Value>(&event.data).ok().map(first_choice);
        let finishes = value.as_ref().is_some_and(|value| !value["choices"][0]["finish_reason"].is_null());
        let Some(content) = content else {
            let passes = value.as_ref().is_some_and(|value| value["choices"][0].is_object() && !finishes);
            // The role comes before the text, so nothing is held back then; everything else comes after it.
            if !passes {
                self.flush(sent);
            }
            write(&event.kind, &value.map_or(event.data, |value| value.to_string()), sent);
            return Ok(());
        };
        self.held.push_str(&content);
        self.form = value;
        let mut ready = 0;
        while let Some(end) = sentence_end(&self.held[ready..]) {
            ready += end;
        }
        if ready == 0 && self.held.len() > MAX_HELD {
            ready = cut(&self.held).ok_or_else(|| LlmError::Protocol(format!("{MAX_HELD} bytes without a blank cannot be masked")))?;
        }
        if finishes {
            ready = self.held.len();
        }
        self.send(ready, sent, finishes);
        Ok(())
    }

    /// Sends what is held back.
    fn flush(&mut self, sent: &mut String) {
        self.send(self.held.len(), sent, false);
    }

    /// Sends the first bytes of what is held back, sentence by sentence, as one event.
    fn send(&mut self, ready: usize, sent: &mut String, finishes: bool) {
        if ready == 0 {
            return;
        }
        let whole: String = self.held.drain(..ready).collect();
        let (mut rest, mut masked) = (whole.as_str(), String::new());
        while !rest.is_empty() {
            let (sentence, next) = rest.split_at(sentence_end(rest).unwrap_or(rest.len()));
            masked.push_str(&self.masks.mask(sentence));
            rest = next;
        }
        let mut form = self.form.clone().unwrap_or_else(|| json!({ "choices": [{ "index": 0 }] }));
        form["choices"][0]["delta"]["content"] = Value::String(masked.clone());
        if !finishes
            && let Some(choice) = form["choices"][0].as_object_mut()
            && let Some(reason) = choice.get_mut("finish_reason")
        {
            *reason = Value::Null;
        }
        write("", &form.to_string(), sent);
        self.text.push_str(&masked);
    }
}

/// An event with its first choice alone, and of that the role and the text: nothing passes by the masks.
fn first_choice(mut event: Value) -> Value {
    if let Some(choices) = event.get_mut("choices").and_then(Value::as_array_mut) {
        choices.truncate(1);
        if let Some(choice) = choices.first_mut().and_then(Value::as_object_mut) {
            choice.retain(|key, _| matches!(key.as_str(), "index" | "delta" | "finish_reason"));
            if let Some(delta) = choice.get_mut("delta").and_then(Value::as_object_mut) {
                *delta = std::mem::take(delta).into_iter().filter(|(key, _)| key == "role" || key == "content").collect::<Map<_, _>>();
            }
        }
    }
    event
}

/// The last blank of a text that cannot be within a number: where to cut it.
fn cut(text: &str) -> Option<usize> {
    let mut before = None;
    let mut found = None;
    for (at, c) in text.char_indices() {
        let numeric = before.is_some_and(|before: char| before.is_ascii_digit() || matches!(before, '(' | ')' | '+' | '.' | '-' | '/'));
        if c.is_whitespace() && !numeric {
            found = Some(at + c.len_utf8());
        }
        before = Some(c);
    }
    found
}

fn write(kind: &str, data: &str, sent: &mut String) {
    if !kind.is_empty() {
        let _ = writeln!(sent, "event: {kind}");
    }
    for line in data.split('\n') {
        // Writing to a text does not fail.
        let _ = writeln!(sent, "data: {line}");
    }
    sent.push('\n');
}

fn not_empty(sent: String) -> Option<Bytes> {
    (!sent.is_empty()).then(|| Bytes::from(sent))
}

#[cfg(test)]
mod tests;
