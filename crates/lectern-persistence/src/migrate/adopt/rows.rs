//! Rows that Lectern could not hold, or could not serve. Each table is read once, however much is looked for.

use super::{
    TableRows,
    look::{EXAMPLES_MAX, Finding},
    query::{numbers, texts},
};
use crate::{conn::Conn, error::DbError};

/// A table of the Albert API with rows for Lectern.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The columns that make a row known.
    key: &'static str,
    /// What a row is called in an example.
    shown: &'static str,
    has_updated_at: bool,
    /// Columns that hold lists as JSON.
    lists: &'static [&'static str],
    /// Columns that name a row of another table.
    references: &'static [(&'static str, &'static str)],
    rules: &'static [Rule],
}

/// What must not be.
struct Rule {
    what: &'static str,
    when: &'static str,
    remedy: &'static str,
}

const fn rule(what: &'static str, when: &'static str, remedy: &'static str) -> Rule {
    Rule { what, when, remedy }
}

const NOBODYS: &str = "give them to somebody with UPDATE, or delete them";

/// In an order in which a table comes after those that it refers to.
pub(super) const TABLES: [Table; 9] = [
    Table {
        name: "users",
        key: "id",
        shown: "concat('id ', id, ', ', username)",
        has_updated_at: true,
        lists: &[],
        references: &[],
        rules: &[rule(
            "hashed_password is no hash of bcrypt",
            r"hashed_password !~ '^\$2[abxy]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$'",
            "nobody can sign in with it: have the password set anew in the Albert API, or delete the account",
        )],
    },
    Table {
        name: "api_tokens",
        key: "id",
        shown: "concat('id ', id, ', ', name)",
        has_updated_at: false,
        lists: &[],
        references: &[("user_id", "users")],
        rules: &[rule(
            "hash is not 64 hexadecimal digits in lower case",
            "hash !~ '^[0-9a-f]{64}$'",
            "no token is found by it: delete them",
        )],
    },
    Table {
        name: "blacklist_tokens",
        key: "id",
        shown: "concat('id ', id)",
        has_updated_at: true,
        lists: &[],
        references: &[],
        rules: &[],
    },
    Table {
        name: "password_reset_tokens",
        key: "id",
        shown: "concat('id ', id)",
        has_updated_at: true,
        lists: &[],
        references: &[("user_id", "users")],
        rules: &[],
    },
    Table {
        name: "chats",
        key: "id",
        shown: "concat('id ', id)",
        has_updated_at: true,
        lists: &["themes", "operators"],
        references: &[("user_id", "users")],
        rules: &[
            rule("user_id is NULL: they belong to nobody", "user_id IS NULL", NOBODYS),
            rule(
                "chat_type is neither 'evaluations' nor 'meeting'",
                "chat_type IS NULL OR chat_type NOT IN ('evaluations', 'meeting')",
                "set chat_type to one of these with UPDATE",
            ),
        ],
    },
    Table {
        name: "streams",
        key: "id",
        shown: "concat('id ', id)",
        has_updated_at: true,
        lists: &["rag_sources", "should_sids", "must_not_sids", "search_sids", "postprocessing"],
        references: &[("user_id", "users"), ("chat_id", "chats")],
        rules: &[rule(
            "temperature is not between 0 and 2",
            "temperature IS NULL OR NOT (temperature >= 0 AND temperature <= 2)",
            "set temperature to what the model was given, at most 2, with UPDATE",
        )],
    },
    Table {
        name: "sources",
        key: "id",
        shown: "concat('id ', id)",
        has_updated_at: false,
        lists: &[],
        references: &[],
        rules: &[rule(
            "source_name is NULL",
            "source_name IS NULL",
            "name them with UPDATE, or delete them and their links in stream_source",
        )],
    },
    Table {
        name: "stream_source",
        key: "stream_id, source_id",
        shown: "concat('stream ', stream_id, ', source ', source_id)",
        has_updated_at: false,
        lists: &[],
        references: &[("stream_id", "streams"), ("source_id", "sources")],
        rules: &[],
    },
    Table {
        name: "feedbacks",
        key: "id",
        shown: "concat('id ', id)",
        has_updated_at: true,
        lists: &["positives", "negatives"],
        references: &[("user_id", "users"), ("stream_id", "streams")],
        rules: &[
            rule("user_id is NULL: they belong to nobody", "user_id IS NULL", NOBODYS),
            rule("stream_id is NULL: they are about nothing", "stream_id IS NULL", "delete them"),
            rule(
                "note is not between 0 and 5",
                "note NOT BETWEEN 0 AND 5",
                "`UPDATE feedbacks SET note = LEAST(GREATEST(note, 0), 5) WHERE note NOT BETWEEN 0 AND 5`, if that is what was meant",
            ),
        ],
    },
];

/// Something to look for in a table.
struct Sought {
    what: String,
    when: String,
    remedy: String,
}

impl Table {
    fn has_times(&self) -> bool {
        !matches!(self.name, "sources" | "stream_source")
    }

    fn sought(&self) -> Vec<Sought> {
        let rules = self.rules.iter().map(|rule| Sought { what: rule.what.into(), when: rule.when.into(), remedy: rule.remedy.into() });
        let times = ["created_at", "updated_at"].into_iter().take(usize::from(self.has_times()) + usize::from(self.has_updated_at));
        let lists = self.lists.iter().flat_map(|column| [no_list(column), no_text(column)]);
        let references = self.references.iter().map(|(column, table)| Sought {
            what: format!("{column} names a row of {table} that is not there"),
            when: format!("{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.id = {}.{column})", self.name),
            remedy: "the foreign key was switched off when they were written: delete them, or restore what they name".to_owned(),
        });
        rules.chain(times.map(no_time)).chain(lists).chain(references).collect()
    }
}

fn no_time(column: &str) -> Sought {
    Sought {
        what: format!("{column} is not a time of the years 1 to 9999"),
        // A day less at both ends: times move with their zone.
        when: format!("NOT isfinite({column}) OR {column} NOT BETWEEN '0001-01-02' AND '9999-12-30'"),
        remedy: format!("set {column} to another time, or to NULL, with UPDATE"),
    }
}

fn no_list(column: &str) -> Sought {
    Sought {
        what: format!("{column} is neither a list nor null"),
        when: format!("json_typeof({column}) NOT IN ('array', 'null')"),
        remedy: format!("set {column} to a list, or to NULL, with UPDATE"),
    }
}

/// Escapes that `json` takes and `jsonb` does not: U+0000, and halves of surrogate pairs. Escaped backslashes are taken away first, then whole
/// pairs; no half may be left.
fn no_text(column: &str) -> Sought {
    let bare = format!(r"replace({column}::text, '\\', '-')");
    let pair = r"\\u[dD][89abAB][[:xdigit:]]{2}\\u[dD][c-fC-F][[:xdigit:]]{2}";
    Sought {
        what: format!(r"{column} holds a character that no text of PostgreSQL can hold: \u0000, or half of a surrogate pair"),
        when: format!(
            r"{column}::text ~ '\\u(0000|[dD][89a-fA-F])' AND (strpos({bare}, '\u0000') > 0 OR regexp_replace({bare}, '{pair}', '-', 'g') ~ '\\u[dD][89a-fA-F]')"
        ),
        remedy: format!(r"take it out, as in `UPDATE … SET {column} = replace({column}::text, '\u0000', '')::json WHERE …`"),
    }
}

/// How many rows each table has, and which of them are not as they should be.
pub(super) fn look(conn: &mut Conn) -> Result<(Vec<TableRows>, Vec<Finding>), DbError> {
    let (mut counted, mut findings) = (Vec::new(), Vec::new());
    for table in &TABLES {
        let sought = table.sought();
        let mut expressions = vec!["count(*)".to_owned()];
        expressions.extend(sought.iter().map(|one| format!("count(*) FILTER (WHERE {})", one.when)));
        let mut counts = numbers(conn, &expressions, table.name)?.into_iter();
        let before = counts.next().unwrap_or_default();
        counted.push(TableRows { name: table.name, before, after: before });
        for (sought, rows) in sought.into_iter().zip(counts).filter(|(_, rows)| *rows > 0) {
            findings.push(finding(conn, table, sought, rows)?);
        }
    }
    Ok((counted, findings))
}

fn finding(conn: &mut Conn, table: &Table, sought: Sought, rows: i64) -> Result<Finding, DbError> {
    let Table { name, key, shown, .. } = table;
    let Sought { what, when, remedy } = sought;
    let examples = texts(conn, &format!("SELECT {shown} AS answer FROM {name} WHERE {when} ORDER BY {key} LIMIT {EXAMPLES_MAX}"))?;
    let query = format!("SELECT * FROM {name} WHERE {when}");
    Ok(Finding { what: format!("{name}.{what}"), rows: Some(rows), examples, remedy, query: Some(query) })
}
