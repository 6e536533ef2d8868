//! Rows as lines of JSON: what archives hold, and what digests are made of.
//!
//! A line is an object with the row's columns in the table's order. A NULL is left out; `null` is a JSON document. JSON documents and doubles
//! stand as the database spells them, and a table's digest takes them in their one spelling, so that it is the same whichever backend
//! the rows are on.

use super::{
    json,
    shape::{Kind, Table},
    time,
    value::{Row, Value},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Why a row can't be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bad {
    /// The row's key, as people read it.
    pub(crate) row: String,
    pub(crate) column: String,
    pub(crate) why: String,
}

/// How many rows a table has, and the SHA-256 of their lines in the one spelling, as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) rows: u64,
    pub(crate) sha256: String,
}

/// Writes a table's rows as lines, and sums them up.
pub(crate) struct Lines<'t> {
    table: &'t Table,
    /// `"name":` of each column.
    names: Vec<Vec<u8>>,
    /// Whether a value may be spelled in several ways.
    spelled: bool,
    canonical: Vec<u8>,
    hash: Sha256,
    rows: u64,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(table: &'t Table) -> Self {
        let names = table.columns.iter().map(|column| format!("{}:", serde_json::Value::from(column.name.as_str())).into_bytes()).collect();
        let spelled = table.columns.iter().any(|column| matches!(column.kind, Kind::Json | Kind::Double));
        Self { table, names, spelled, canonical: Vec::new(), hash: Sha256::new(), rows: 0 }
    }

    /// Writes a row and the end of its line.
    pub(crate) fn add(&mut self, row: &dyn Row, out: &mut Vec<u8>) -> Result<(), Bad> {
        let start = out.len();
        out.push(b'{');
        self.canonical.clear();
        self.canonical.push(b'{');
        for at in 0..self.names.len() {
            let (name, spelled, canonical) = (&self.names[at], self.spelled, &mut self.canonical);
            let wrote = row.with(at, &mut |value| {
                if value == Value::Null {
                    return Ok(());
                }
                begin(name, out);
                let start = out.len();
                write(&value, out)?;
                if spelled {
                    begin(name, canonical);
                    match &value {
                        Value::Json(document) => json::write_canonical(document, canonical)?,
                        Value::Double(_) => json::write_number(&String::from_utf8_lossy(&out[start..]), canonical),
                        _ => canonical.extend_from_slice(&out[start..]),
                    }
                }
                Ok(())
            });
            if let Err(why) = wrote {
                out.truncate(start);
                return Err(Bad { row: key(self.table, row), column: self.table.columns[at].name.clone(), why });
            }
        }
        out.extend_from_slice(b"}\n");
        if self.spelled {
            self.canonical.extend_from_slice(b"}\n");
            self.hash.update(&self.canonical);
        } else {
            self.hash.update(&out[start..]);
        }
        self.rows += 1;
        Ok(())
    }

    /// How many rows there were so far.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    pub(crate) fn finish(self) -> Sum {
        Sum { rows: self.rows, sha256: hex(&self.hash.finalize()) }
    }
}

/// Writes what stands before a value. No value ends with a bracket that opens.
fn begin(name: &[u8], out: &mut Vec<u8>) {
    if !out.ends_with(b"{") {
        out.push(b',');
    }
    out.extend_from_slice(name);
}

fn write(value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    let failed = |error: serde_json::Error| error.to_string();
    match value {
        Value::Null => {}
        Value::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Integer(number) => serde_json::to_writer(out, number).map_err(failed)?,
        Value::Double(number) if number.is_finite() => serde_json::to_writer(out, number).map_err(failed)?,
        Value::Double(number) => return Err(format!("{number} is not a finite number")),
        Value::Text(text) => serde_json::to_writer(out, text).map_err(failed)?,
        Value::Json(document) => json::write_compact(document, out),
        Value::Timestamp(micros) => {
            out.push(b'"');
            time::write(*micros, out).ok_or("the time is outside the years 1 to 9999")?;
            out.push(b'"');
        }
        Value::Uuid(bytes) => {
            let mut buffer = uuid::Uuid::encode_buffer();
            out.push(b'"');
            out.extend_from_slice(uuid::Uuid::from_bytes(*bytes).hyphenated().encode_lower(&mut buffer).as_bytes());
            out.push(b'"');
        }
        Value::Bytes(bytes) => {
            out.push(b'"');
            let start = out.len();
            out.resize(start + bytes.len().div_ceil(3) * 4, 0);
            STANDARD.encode_slice(bytes, &mut out[start..]).map_err(|error| error.to_string())?;
            out.push(b'"');
        }
    }
    Ok(())
}

/// A row's key as people read it.
pub(crate) fn key(table: &Table, row: &dyn Row) -> String {
    let mut parts = Vec::new();
    for at in table.key_positions() {
        let mut text = Vec::new();
        // A key that can't be read is told as far as it can.
        let _ = row.with(at, &mut |value| write(&value, &mut text));
        parts.push(format!("{} {}", table.columns[at].name, String::from_utf8_lossy(&text)));
    }
    cut(parts.join(", "))
}

/// How many characters of a key are told.
const TOLD: usize = 200;

/// A key, or the beginning of a long one.
pub(crate) fn cut(mut key: String) -> String {
    if let Some((end, _)) = key.char_indices().nth(TOLD) {
        key.truncate(end);
        key.push('…');
    }
    key
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
