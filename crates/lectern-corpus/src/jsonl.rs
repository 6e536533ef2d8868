//! Documents from a stream of JSON objects, one a line.

use lectern_domain::{
    Invalid,
    document::{ExternalId, Format, NewDocument},
};
use serde_json::{Map, Value};
use std::io::{self, BufRead};

/// A line that gave no document.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LineError {
    /// The line's number, from 1.
    pub line: u64,
    /// What is wrong with it.
    #[source]
    pub problem: LineProblem,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineProblem {
    /// It is longer than allowed. It was skipped without being kept in memory.
    #[error("longer than {limit} bytes; raise max_line_bytes or cut the document into several")]
    TooLong {
        /// The most bytes of a line.
        limit: usize,
    },
    /// It is not UTF-8.
    #[error("invalid UTF-8 at byte {} of the line; convert the file to UTF-8", .0.valid_up_to())]
    Utf8(#[source] std::str::Utf8Error),
    /// It is not JSON.
    #[error("not valid JSON at column {}; each line holds one whole JSON object", .0.column())]
    Json(#[source] serde_json::Error),
    /// It is JSON, but not an object.
    #[error("not a JSON object; write {{\"_id\": …, \"title\": …, \"text\": …}}")]
    NotAnObject,
    /// A field is missing or has a value that it can't have.
    #[error(transparent)]
    Field(#[from] Invalid),
    /// The stream broke; nothing is read after this.
    #[error("cannot be read")]
    Io(#[source] io::Error),
}

/// The documents of a stream of JSON objects, one a line, in their order.
///
/// A line gives `_id` (text or a whole number), `text`, and optionally `title`, `url` and `source`; every other field becomes metadata.
/// Blank lines are passed over, a byte order mark at the start and a missing end of the last line are no errors. U+0000, which
/// PostgreSQL can't store, is removed wherever it occurs. A line that is wrong is an error and the next one is read; only one line is in memory at any time.
pub struct JsonLines<R> {
    reader: R,
    limit: usize,
    line: u64,
    bytes: u64,
    buffer: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> JsonLines<R> {
    /// Reads `reader`; a line has at most `limit` bytes, its end not counted.
    pub fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, line: 0, bytes: 0, buffer: Vec::new(), ended: false }
    }

    /// The number of the line that was read last, from 1; 0 before the first.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// How many bytes were read.
    pub fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// Reads the next line into the buffer. None at the end, false where the line is too long.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
        // A long line does not keep its memory for the short ones that follow it.
        self.buffer.clear();
        self.buffer.shrink_to(1 << 20);
        let (mut fits, mut any) = (true, false);
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                return Ok(any.then_some(fits));
            }
            any = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            // One byte more than the limit is allowed for a carriage return.
            fits = fits && self.buffer.len() + part.len() <= self.limit.saturating_add(1);
            if fits {
                self.buffer.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            self.bytes += used as u64;
            if end.is_some() {
                return Ok(Some(fits));
            }
        }
    }

    /// The document in the buffer; none where the line is blank.
    fn parse(&self) -> Result<Option<NewDocument>, LineProblem> {
        let mut bytes = self.buffer.as_slice();
        if self.line == 1 {
            bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        }
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        if bytes.len() > self.limit {
            return Err(LineProblem::TooLong { limit: self.limit });
        }
        let line = std::str::from_utf8(bytes).map_err(LineProblem::Utf8)?;
        if line.trim().is_empty() {
            return Ok(None);
        }
        match serde_json::from_str(line).map_err(LineProblem::Json)? {
            Value::Object(fields) => Ok(Some(document(fields)?)),
            _ => Err(LineProblem::NotAnObject),
        }
    }
}

impl<R: BufRead> Iterator for JsonLines<R> {
    type Item = Result<NewDocument, LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let read = self.read_line();
            self.line += 1;
            let line = self.line;
            let document = match read {
                Ok(Some(true)) => self.parse(),
                Ok(Some(false)) => Err(LineProblem::TooLong { limit: self.limit }),
                Ok(None) => {
                    self.line -= 1;
                    self.ended = true;
                    break;
                }
                Err(error) => {
                    self.ended = true;
                    Err(LineProblem::Io(error))
                }
            };
            if let Some(item) = document.transpose() {
                return Some(item.map_err(|problem| LineError { line, problem }));
            }
        }
        None
    }
}

/// The document that an object describes.
fn document(fields: Map<String, Value>) -> Result<NewDocument, Invalid> {
    let mut fields = without_nul(fields);
    let id = match fields.shift_remove("_id") {
        Some(Value::String(id)) => id,
        Some(Value::Number(id)) if id.is_i64() || id.is_u64() => id.to_string(),
        Some(_) => return Err(Invalid::new("_id", "must be text or a whole number")),
        None => return Err(Invalid::new("_id", "is missing; every line needs one that no other line has")),
    };
    Ok(NewDocument {
        external_id: ExternalId::try_from(id)?,
        title: optional_text(&mut fields, "title")?.unwrap_or_default(),
        url: optional_text(&mut fields, "url")?,
        source: optional_text(&mut fields, "source")?,
        format: Format::Text,
        text: match fields.contains_key("text") {
            true => optional_text(&mut fields, "text")?.unwrap_or_default(),
            false => return Err(Invalid::new("text", "is missing; write \"text\": \"\" for a document without text")),
        },
        metadata: fields,
    })
}

/// Takes a field that is text, null or absent.
fn optional_text(fields: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, Invalid> {
    match fields.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Invalid::new(name, "must be text")),
    }
}

/// The same object without U+0000 in any of its texts and keys.
fn without_nul(fields: Map<String, Value>) -> Map<String, Value> {
    fn clean(text: String) -> String {
        if text.contains('\0') { text.replace('\0', "") } else { text }
    }
    fn value(from: Value) -> Value {
        match from {
            Value::String(text) => Value::String(clean(text)),
            Value::Array(items) => Value::Array(items.into_iter().map(value).collect()),
            Value::Object(fields) => Value::Object(without_nul(fields)),
            other => other,
        }
    }
    fields.into_iter().map(|(key, field)| (clean(key), value(field))).collect()
}
