//! Rows of the Albert API that have no place in Lectern's tables, where nothing is lost by that.

use super::{
    look::EXAMPLES_MAX,
    query::{numbers, texts},
};
use crate::{conn::Conn, error::DbError};

/// Rows that are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Their table.
    pub table: &'static str,
    /// Why.
    pub why: &'static str,
    /// How many.
    pub rows: i64,
    /// Which: at most 100.
    pub examples: Vec<String>,
}

/// Rows to be left out: their table, why, and a query of them with the columns `key`, by which they are shown in order, and `shown`.
struct Rule {
    table: &'static str,
    why: &'static str,
    rows: &'static str,
}

/// The first row of each name stays: its number is the lowest.
const SOURCES: &str = "SELECT id, source_name, min(id) OVER (PARTITION BY source_name) AS first FROM sources";

/// The latest one stays: the one that was changed last, else the one that was made last.
const FEEDBACKS: &str = "SELECT id, user_id, stream_id,
    row_number() OVER (PARTITION BY user_id, stream_id ORDER BY coalesce(updated_at, created_at) DESC NULLS LAST, id DESC) AS place FROM feedbacks";

const RULES: [Rule; 6] = [
    Rule {
        table: "api_tokens",
        why: "they belong to nobody, and open nothing",
        rows: "SELECT id AS key, concat('id ', id, ', ', name) AS shown FROM api_tokens WHERE user_id IS NULL",
    },
    Rule {
        table: "password_reset_tokens",
        why: "they belong to nobody, and open nothing",
        rows: "SELECT id AS key, concat('id ', id) AS shown FROM password_reset_tokens WHERE user_id IS NULL",
    },
    Rule {
        table: "sources",
        why: "another one has the same name: the links go to that one",
        rows: "SELECT id AS key, concat('id ', id, ', ', source_name, ', to id ', first) AS shown FROM (SOURCES) AS named WHERE id <> first",
    },
    Rule {
        table: "stream_source",
        why: "they lead from nowhere, or to nothing",
        rows:
            "SELECT coalesce(stream_id, source_id) AS key, concat('stream ', stream_id, ', source ', source_id) AS shown FROM stream_source
                WHERE stream_id IS NULL OR source_id IS NULL",
    },
    Rule {
        table: "stream_source",
        why: "another one leads from the same stream to a source of the same name",
        rows: "SELECT stream_id AS key, concat('stream ', stream_id, ', source ', source_id) AS shown FROM (
                   SELECT l.stream_id, l.source_id, row_number() OVER (PARTITION BY l.stream_id, s.first ORDER BY l.source_id) AS place
                     FROM stream_source l JOIN (SOURCES) AS s ON s.id = l.source_id WHERE l.stream_id IS NOT NULL) AS links
                WHERE place > 1",
    },
    Rule {
        table: "feedbacks",
        why: "a later one is by the same user on the same stream",
        rows: "SELECT id AS key, concat('id ', id, ', user ', user_id, ', stream ', stream_id) AS shown FROM (FEEDBACKS) AS placed WHERE place > 1",
    },
];

impl Rule {
    fn rows(&self) -> String {
        self.rows.replace("SOURCES", SOURCES).replace("FEEDBACKS", FEEDBACKS)
    }
}

/// What is left out, and why.
pub(super) fn look(conn: &mut Conn) -> Result<Vec<LeftOut>, DbError> {
    let mut all = Vec::new();
    for rule in &RULES {
        let rows = numbers(conn, &["count(*)".to_owned()], &format!("({}) AS rows", rule.rows()))?.into_iter().sum();
        if rows > 0 {
            let examples = format!("SELECT shown AS answer FROM ({}) AS rows ORDER BY key, shown LIMIT {EXAMPLES_MAX}", rule.rows());
            all.push(LeftOut { table: rule.table, why: rule.why, rows, examples: texts(conn, &examples)? });
        }
    }
    Ok(all)
}
