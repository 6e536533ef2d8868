//! What rows are made of.

use super::tables::{Column, Type};
use lectern_persistence::types::{JsonValue, Timestamp, UuidValue};
use serde_json::Value;
use uuid::Uuid;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Bool(Option<bool>),
    Integer(Option<i32>),
    BigInt(Option<i64>),
    Double(Option<f64>),
    Text(Option<String>),
    Json(Option<JsonValue>),
    Time(Option<Timestamp>),
    Uuid(Option<UuidValue>),
    Bytes(Option<Vec<u8>>),
}

/// What rows are made of. Every list has something in it.
#[derive(Debug, Clone)]
pub struct Pool {
    /// How many rows each table gets, at least 1.
    pub rows: usize,
    /// Texts without NUL.
    pub texts: Vec<String>,
    /// Documents, JSON's `null` among them or not.
    pub documents: Vec<Value>,
    /// Numbers of 32 bits.
    pub integers: Vec<i32>,
    /// Numbers of 64 bits.
    pub bigints: Vec<i64>,
    /// Finite numbers.
    pub doubles: Vec<f64>,
    /// Times, of the years 1 to 9999.
    pub times: Vec<Timestamp>,
    /// Bytes.
    pub bytes: Vec<Vec<u8>>,
}

impl Default for Pool {
    /// A few rows of what is hard to keep.
    fn default() -> Self {
        let time = |text: &str| Timestamp(text.parse().expect("a time"));
        Self {
            rows: 3,
            texts: ["", "plain", "\u{1}\t\n\r\"\\/ \u{7f}\u{2028}é 漢 🦀", " trailing "].map(str::to_owned).to_vec(),
            documents: ["null", "{}", r#"{"b":[1,-2.5e-7,null,true,{"":"\u001f\\"}],"a":"é"}"#, "[]", "\"text\"", "9007199254740993"]
                .map(|text| serde_json::from_str(text).expect("a document"))
                .to_vec(),
            integers: vec![0, i32::MIN, i32::MAX],
            bigints: vec![0, i64::MIN, i64::MAX, 9_007_199_254_740_993],
            doubles: vec![0.0, -0.0, 0.1, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1e21],
            times: vec![time("0001-01-01T00:00:00Z"), time("9999-12-31T23:59:59.999999Z"), time("1969-12-31T23:59:59.999999Z")],
            bytes: vec![Vec::new(), vec![0], (0..=255).collect()],
        }
    }
}

/// Values that a constraint asks for, by column.
const WORDS: &[(&str, &[&str])] = &[
    ("chats.chat_type", &["evaluations", "meeting"]),
    ("feedbacks.type", &["chat", "evaluations"]),
    ("collections.visibility", &["private", "public"]),
    ("collections.language", &["fr", "en", "pt"]),
    ("generations.language", &["de", "es", "it"]),
    ("documents.status", &["pending", "ready", "failed"]),
    ("documents.format", &["text", "markdown", "html"]),
    ("document_events.status", &["pending", "ready", "failed"]),
    ("chunk_embeddings.encoding", &["f32", "f16"]),
    ("changes.kind", &["put", "delete", "embedded"]),
    ("follower_cursors.engine", &["lexical", "vectors", "embedder"]),
    ("dead_letters.engine", &["lexical", "vectors", "embedder"]),
    ("jobs.state", &["queued", "running", "done", "failed"]),
    ("uploads.format", &["jsonl", "text", "markdown", "html"]),
];

/// Columns with numbers that a constraint bounds: they get the row's own.
const SMALL: &[&str] = &["feedbacks.note", "embedding_models.dimensions", "generations.chunk_chars", "generations.chunk_overlap"];

/// Columns that are part of a unique constraint, or of a key, and get something of the row's own.
const UNIQUE: &[&str] = &[
    "users.username",
    "users.email_key",
    "api_tokens.hash",
    "blacklist_tokens.token",
    "password_reset_tokens.token",
    "sources.source_name",
    "embedding_models.name",
    "collections.uid",
    "collections.name",
    "documents.external_id",
    "document_versions.number",
    "chunks.ordinal",
    "chunk_embeddings.text_hash",
    "changes.entry_id",
    "dead_letters.chunk_id",
    "leases.name",
    "rate_limits.key",
    "checkpoints.thread_id",
    "checkpoint_blobs.thread_id",
    "checkpoint_writes.thread_id",
    "writes.thread_id",
];

/// What is longer than so many bytes is in no index.
const INDEXED: usize = 1_024;

/// The value of a column in a row of a number; rows of one number refer to each other.
pub(super) fn cell(table: &str, column: &Column, number: usize, pool: &Pool) -> Cell {
    let Column { name: column, kind, nullable, indexed, .. } = column;
    let most = if *indexed { INDEXED } else { usize::MAX };
    let place = format!("{table}.{column}");
    // Other columns take other values, also NULL.
    let salt = place.bytes().fold(number, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    if *nullable && salt % 5 == 0 {
        return match kind {
            Type::Bool => Cell::Bool(None),
            Type::Integer => Cell::Integer(None),
            Type::BigInt => Cell::BigInt(None),
            Type::Double => Cell::Double(None),
            Type::Text => Cell::Text(None),
            Type::Json => Cell::Json(None),
            Type::Time => Cell::Time(None),
            Type::Uuid => Cell::Uuid(None),
            Type::Bytes => Cell::Bytes(None),
        };
    }
    let own = i32::try_from(number).expect("few rows");
    let is_unique = UNIQUE.contains(&place.as_str());
    let is_key = column == "id" || column.ends_with("_id") || column == "seq";
    match kind {
        Type::Bool => Cell::Bool(Some(salt % 2 == 0)),
        Type::Integer if is_key || is_unique => Cell::Integer(Some(own)),
        // The overlap is less than the length.
        Type::Integer if SMALL.contains(&place.as_str()) => Cell::Integer(Some(i32::from(column != "chunk_overlap"))),
        Type::Integer => Cell::Integer(Some(pool.integers[salt % pool.integers.len()])),
        Type::BigInt if is_key => Cell::BigInt(Some(own.into())),
        Type::BigInt => Cell::BigInt(Some(pool.bigints[salt % pool.bigints.len()])),
        Type::Double => Cell::Double(Some(pool.doubles[salt % pool.doubles.len()])),
        Type::Text => {
            let words = WORDS.iter().find(|(name, _)| *name == place).map(|(_, words)| words);
            let text = match words {
                Some(words) => words[salt % words.len()].to_owned(),
                None if is_unique => format!("{}#{number}", some(&pool.texts, salt, most)),
                None => some(&pool.texts, salt, most),
            };
            Cell::Text(Some(text))
        }
        Type::Json => Cell::Json(Some(JsonValue(pool.documents[salt % pool.documents.len()].clone()))),
        Type::Time => Cell::Time(Some(pool.times[salt % pool.times.len()])),
        Type::Uuid if is_key || is_unique => Cell::Uuid(Some(UuidValue(Uuid::from_u128(number as u128)))),
        Type::Uuid => Cell::Uuid(Some(UuidValue(Uuid::from_u128((salt as u128) << 64 | number as u128)))),
        Type::Bytes => {
            let mut bytes = some(&pool.bytes, salt, most);
            if is_unique {
                bytes.extend_from_slice(&own.to_be_bytes());
            }
            Cell::Bytes(Some(bytes))
        }
    }
}

/// One of the values that are not longer than `most`.
fn some<T: AsRef<[u8]> + Clone + Default>(values: &[T], salt: usize, most: usize) -> T {
    let fit: Vec<&T> = values.iter().filter(|value| value.as_ref().len() <= most).collect();
    if fit.is_empty() { T::default() } else { fit[salt % fit.len()].clone() }
}
