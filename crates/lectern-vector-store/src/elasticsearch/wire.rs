//! What the store says, as far as it is looked at.

use crate::{StoreError, rest::one_line};
use lectern_domain::{ids::ChunkId, search::Hit};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// The answer to a search.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    #[serde(default)]
    timed_out: bool,
    hits: Hits,
}

#[derive(Debug, Deserialize)]
struct Hits {
    #[serde(default)]
    hits: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    #[serde(rename = "_id")]
    id: String,
    #[serde(rename = "_score")]
    score: Option<f32>,
}

impl Found {
    /// The hits; none where the store gave up before it had them all.
    pub(super) fn hits(self, store: &'static str) -> Result<Vec<Hit>, StoreError> {
        if self.timed_out {
            return Err(StoreError::Unavailable { store, why: "it does not answer in time".to_owned() });
        }
        let hit = |row: Row| Some(Hit { chunk: ChunkId(Uuid::parse_str(&row.id).ok()?), score: row.score.unwrap_or(0.0) });
        Ok(self.hits.hits.into_iter().filter_map(hit).collect())
    }
}

/// What became of an operation of a bulk request.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) status: u16,
    pub(super) error: Option<Value>,
}

impl Item {
    pub(super) fn reason(&self) -> String {
        self.error.as_ref().map_or_else(|| format!("status {}", self.status), describe)
    }
}

/// The answer to a bulk request; an item is an object of one member, the operation's name.
#[derive(Debug, Deserialize)]
pub(super) struct Bulk {
    pub(super) errors: bool,
    #[serde(default)]
    pub(super) items: Vec<std::collections::HashMap<String, Item>>,
}

/// Why the store refuses, on one line: a body of its own has a type and a reason, one of a proxy is shown as it is.
pub(super) fn reason(body: &[u8]) -> String {
    let said: Value = serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body)));
    describe(said.get("error").unwrap_or(&said))
}

fn describe(error: &Value) -> String {
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    // Why a field could not take its value is told by the cause; the reason beside it quotes the value at length.
    let cause = error.get("caused_by").and_then(|cause| cause.get("reason")).and_then(Value::as_str);
    let said = match (text("type"), text("reason"), cause, error.as_str()) {
        (Some(kind), Some(reason), Some(cause), _) => format!("{kind}: {cause}: {reason}"),
        (Some(kind), Some(reason), None, _) => format!("{kind}: {reason}"),
        (.., Some(plain)) => plain.to_owned(),
        _ => error.to_string(),
    };
    one_line(&said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_one_bounded_line() {
        let check = |body: &str, expect: &str| assert_eq!(reason(body.as_bytes()), expect);
        check(r#"{"error":{"type":"a","reason":"b\n c","caused_by":{"type":"x","reason":"d"}},"status":400}"#, "a: d: b c");
        check(r#"{"error":"no handler"}"#, "no handler");
        check("<html>\n502</html>", "<html> 502</html>");
        check(r#"{"other":1}"#, r#"{"other":1}"#);
        assert_eq!(reason("é".repeat(5_000).as_bytes()).chars().count(), 500);
    }
}
