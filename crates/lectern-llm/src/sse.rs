//! Server-sent events, decoded from bytes that may be cut anywhere.
//!
//! The format is that of the WHATWG HTML standard, "Parsing an event stream": lines end with CR, LF or CRLF, a blank line ends an
//! event, a line that starts with a colon is a comment, and one space after a field's colon belongs to the separator.

use crate::LlmError;
use serde::Deserialize;

/// The longest event, in bytes, that [`SseDecoder::new`] accepts: 1 MiB.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The event's type (`event:`), empty when the stream names none.
    pub kind: String,
    /// Its data (`data:`); several lines are joined with a line feed.
    pub data: String,
}

impl Event {
    /// Whether this is the `[DONE]` that ends an answer.
    pub fn is_done(&self) -> bool {
        self.data.trim() == "[DONE]"
    }
}

/// Turns a stream of bytes into events.
#[derive(Debug)]
pub struct SseDecoder {
    /// The line that is being read, without its end.
    line: Vec<u8>,
    /// The event that is being read.
    kind: String,
    /// Its data, each line followed by a line feed.
    data: String,
    /// Whether the last byte was a CR, whose LF is still to be swallowed.
    after_cr: bool,
    /// Whether no line was completed yet: only the first may start with a byte order mark.
    first_line: bool,
    limit: usize,
}

impl Default for SseDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl SseDecoder {
    /// A decoder that refuses events above [`MAX_EVENT_BYTES`].
    pub fn new() -> Self {
        Self::with_limit(MAX_EVENT_BYTES)
    }

    /// A decoder that refuses events above `limit` bytes.
    pub fn with_limit(limit: usize) -> Self {
        Self { line: Vec::new(), kind: String::new(), data: String::new(), after_cr: false, first_line: true, limit }
    }

    /// Takes the next bytes and returns the events that they complete.
    ///
    /// # Errors
    /// [`LlmError::Protocol`] where an event is longer than the limit; the stream cannot be read any further.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, LlmError> {
        let mut events = Vec::new();
        while let Some(&first) = bytes.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let part = &bytes[..end.unwrap_or(bytes.len())];
            if self.line.len() + part.len() + self.data.len() > self.limit {
                return Err(LlmError::Protocol(format!("an event is longer than {} bytes", self.limit)));
            }
            let Some(end) = end else {
                self.line.extend_from_slice(part);
                break;
            };
            self.after_cr = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            // Most lines come whole: they are read where they are.
            events.extend(if self.line.is_empty() { self.end_line(part) } else { self.end_cut_line(part) });
        }
        Ok(events)
    }

    /// The event that the stream's end cut before its blank line, if it has data. The standard drops it; an answer whose last line end
    /// is missing would lose its end with it.
    pub fn finish(&mut self) -> Option<Event> {
        if !self.line.is_empty()
            && let Some(event) = self.end_cut_line(b"")
        {
            return Some(event);
        }
        self.end_event()
    }

    /// Ends the line of which a part came before.
    fn end_cut_line(&mut self, rest: &[u8]) -> Option<Event> {
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(rest);
        let event = self.end_line(&line);
        line.clear();
        self.line = line;
        event
    }

    fn end_line(&mut self, mut line: &[u8]) -> Option<Event> {
        if std::mem::take(&mut self.first_line) {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            return self.end_event();
        }
        let colon = line.iter().position(|&byte| byte == b':');
        let (field, value) = match colon {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, &line[line.len()..]),
        };
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match field {
            b"data" => {
                self.data.push_str(&value);
                self.data.push('\n');
            }
            b"event" => self.kind = value.into_owned(),
            // Comments, `id`, `retry` (nobody reconnects to an answer) and unknown fields.
            _ => {}
        }
        None
    }

    fn end_event(&mut self) -> Option<Event> {
        let kind = std::mem::take(&mut self.kind);
        let mut data = std::mem::take(&mut self.data);
        // The line feed after the last line is not part of the data; without any, there was no `data` line and so no event.
        data.pop()?;
        Some(Event { kind, data })
    }
}

/// What an event of a streamed answer adds to the text: `choices[0].delta.content`. `None` for `[DONE]`, for an event that adds
/// nothing, and for one that is not understood.
pub fn content_delta(event: &Event) -> Option<String> {
    #[derive(Deserialize)]
    struct Part {
        choices: Vec<Choice>,
    }
    #[derive(Deserialize)]
    struct Choice {
        delta: Delta,
    }
    #[derive(Deserialize)]
    struct Delta {
        content: Option<String>,
    }
    let part: Part = serde_json::from_str(&event.data).ok()?;
    part.choices.into_iter().next()?.delta.content
}

/// Whether an event reports an error of the endpoint instead of a part of the answer: `{"error": …}`.
pub fn is_error(event: &Event) -> bool {
    #[derive(Deserialize)]
    struct Report {
        error: serde_json::Value,
    }
    event.kind == "error" || serde_json::from_str::<Report>(&event.data).is_ok_and(|report| !report.error.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way to cut `stream` in two, and byte by byte, must give the same events.
    #[track_caller]
    fn check(stream: &[u8], expect: &[(&str, &str)]) {
        let expect: Vec<Event> = expect.iter().map(|(kind, data)| Event { kind: (*kind).into(), data: (*data).into() }).collect();
        for cut in 0..=stream.len() {
            let mut decoder = SseDecoder::new();
            let mut events = decoder.push(&stream[..cut]).unwrap();
            events.extend(decoder.push(&stream[cut..]).unwrap());
            assert_eq!(events, expect, "cut at {cut} of {:?}", String::from_utf8_lossy(stream));
        }
        let mut decoder = SseDecoder::new();
        let events: Vec<Event> = stream.iter().flat_map(|byte| decoder.push(&[*byte]).unwrap()).collect();
        assert_eq!(events, expect, "byte by byte");
    }

    #[test]
    fn events_are_whole_wherever_the_bytes_are_cut() {
        check(b"data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")]);
        check(b"data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]);
        check(b"data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]);
        check(b"data: a\r\n\ndata: b\n\r\n", &[("", "a"), ("", "b")]);
        check("data: ça va ✓ 🚀\n\n".as_bytes(), &[("", "ça va ✓ 🚀")]);
        check(b"\xef\xbb\xbfdata: after a mark\n\n", &[("", "after a mark")]);
    }

    #[test]
    fn fields_are_read_as_the_standard_says() {
        check(b"data:no space\n\n", &[("", "no space")]);
        check(b"data:  two spaces\n\n", &[("", " two spaces")]);
        check(b"data: one\ndata: two\ndata\n\n", &[("", "one\ntwo\n")]);
        check(b"data\n\n", &[("", "")]);
        check(b": a comment\n\nid: 7\nretry: 10\nunknown: x\n\n", &[]);
        check(b"event: error\ndata: x\n\ndata: y\n\n", &[("error", "x"), ("", "y")]);
        check(b"event: lonely\n\ndata: y\n\n", &[("", "y")]);
        check(b"data: a:b\n\ndatabase: no\n\n", &[("", "a:b")]);
        check(b"data: \xff\xfe\n\n", &[("", "\u{fffd}\u{fffd}")]);
        check(b"data: unfinished\n", &[]);
    }

    #[test]
    fn finish_returns_what_lacks_its_blank_line() {
        for (stream, expect) in [("data: a\n\n", None), ("data: a\n", Some("a")), ("data: a", Some("a")), ("", None), (": note", None)] {
            let mut decoder = SseDecoder::new();
            decoder.push(stream.as_bytes()).unwrap();
            assert_eq!(decoder.finish().map(|event| event.data).as_deref(), expect, "{stream:?}");
        }
    }

    #[test]
    fn an_event_has_a_bound() {
        let mut decoder = SseDecoder::with_limit(16);
        assert_eq!(decoder.push(b"data: 0123456789\n\n").unwrap().len(), 1);
        assert!(matches!(decoder.push(b"data: 0123456789a"), Err(LlmError::Protocol(_))));
        let mut decoder = SseDecoder::with_limit(16);
        assert!(decoder.push(b"data: 01234567\ndata: 01234567\n").is_err(), "lines of one event count together");
    }

    #[test]
    fn content_is_the_first_choices_delta() {
        for (data, expect) in [
            (r#"{"id":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"Bon"}}]}"#, Some("Bon")),
            (r#"{"choices":[{"delta":{"content":"é\n"}},{"delta":{"content":"no"}}]}"#, Some("é\n")),
            (r#"{"choices":[{"delta":{"content":null}}]}"#, None),
            (r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#, None),
            (r#"{"choices":[],"usage":{"total_tokens":3}}"#, None),
            ("[DONE]", None),
            ("{", None),
        ] {
            let event = Event { data: data.into(), ..Event::default() };
            assert_eq!(content_delta(&event).as_deref(), expect, "{data}");
            assert_eq!(event.is_done(), data == "[DONE]");
        }
    }

    #[test]
    fn an_error_report_is_recognised() {
        for (data, expect) in [(r#"{"error":{"message":"full"}}"#, true), (r#"{"error":null,"choices":[]}"#, false), ("[DONE]", false)] {
            assert_eq!(is_error(&Event { data: data.into(), ..Event::default() }), expect, "{data}");
        }
    }
}
