//! A database with rows in every table, and all rows of a database: found in the catalogue, so that a new table is never forgotten.

use super::TestDatabase;
use diesel::{
    QueryableByName, RunQueryDsl, deserialize,
    row::NamedRow,
    sql_query,
    sql_types::{BigInt, Binary, Bool, Double, Integer, Nullable, Text},
};
use lectern_persistence::{
    Backend, Conn, Database, DbError,
    catalogue::{Catalogue, Kind},
    migrate,
    repo::sequences,
    types::{
        JsonValue, Timestamp, UuidValue,
        sql::{JsonType, TimestampType, UuidType},
    },
};
use serde_json::Value;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher as _},
};
use uuid::Uuid;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Bool,
    Integer,
    BigInt,
    Double,
    Text,
    Json,
    Time,
    Uuid,
    Bytes,
}

/// A column.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    kind: Type,
    nullable: bool,
    /// Whether the database gives it a number by itself.
    counts: bool,
    /// Whether an index has it: PostgreSQL's take no large values.
    indexed: bool,
}

/// A table: its name and its columns.
type Table = (String, Vec<Column>);

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
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

/// What is longer than so many bytes is not shown.
const LONG: usize = 4_096;

thread_local! {
    static COLUMNS: RefCell<Vec<Column>> = const { RefCell::new(Vec::new()) };
}

/// Writes rows into every table but those of one row, parents first. Rows of one number refer to each other.
///
/// # Panics
/// Where the database does not take a row: a new table or column with a constraint of its own has to be named above.
pub fn fill(test: &TestDatabase, pool: &Pool) {
    let (tables, pool) = (tables(test.database()), pool.clone());
    let written = test.database().write::<(), DbError>(move |tx| {
        for (table, columns) in &tables {
            for number in 1..=pool.rows {
                insert(tx.conn(), table, columns, number, &pool);
            }
        }
        // As if the database had given the numbers.
        sequences::reset(tx.conn())?;
        Ok(())
    });
    written.unwrap_or_else(|error| panic!("on {}: {error}", test.name()));
}

/// Adds a row to every table, of which the database says the number itself where it gives one: it must be this one.
///
/// # Panics
/// Where the database does not take a row.
pub fn add(test: &TestDatabase, number: usize) {
    let tables = tables(test.database());
    let written = test.database().write::<(), DbError>(move |tx| {
        for (table, mut columns) in tables {
            columns.retain(|column| !column.counts);
            insert(tx.conn(), &table, &columns, number, &Pool::default());
        }
        Ok(())
    });
    written.unwrap_or_else(|error| panic!("on {}: {error}", test.name()));
}

/// Every row of every table, as lines that are the same for equal rows on either backend, in an order of their own.
pub fn rows(database: &Database) -> BTreeMap<String, Vec<String>> {
    let read = |conn: &mut Conn, table: &str| -> Vec<AnyRow> {
        let query = sql_query(format!("SELECT * FROM \"{table}\""));
        match conn {
            Conn::Pg(pg) => query.load(pg),
            Conn::Sqlite(sqlite) => query.load(sqlite),
        }
        .unwrap_or_else(|error| panic!("{table}: {error}"))
    };
    let mut all = BTreeMap::new();
    for (table, columns) in tables(database) {
        COLUMNS.set(columns.clone());
        let rows = database.read::<_, DbError>(|conn| Ok(read(conn, &table))).expect("rows can be read");
        let mut lines: Vec<String> = rows.iter().map(|AnyRow(cells)| line(&columns, cells)).collect();
        lines.sort();
        all.insert(table, lines);
    }
    all
}

fn line(columns: &[Column], cells: &[Cell]) -> String {
    columns.iter().zip(cells).map(|(column, cell)| format!("{}={} ", column.name, shown(cell))).collect()
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Json(Some(document)) => format!("json {}", sorted(&document.0)),
        Cell::Double(Some(number)) if *number == 0.0 => "0".to_owned(),
        Cell::Double(Some(number)) => format!("{number:e}"),
        Cell::Bytes(Some(bytes)) if bytes.len() > LONG => summed(bytes),
        Cell::Text(Some(text)) if text.len() > LONG => summed(text.as_bytes()),
        cell => format!("{cell:?}"),
    }
}

/// What stands for what is too long to be shown.
fn summed(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{} bytes, {:016x}", bytes.len(), hasher.finish())
}

/// A document with its keys in order and its numbers as doubles: backends spell them in different ways. The last digits are not told: they
/// depend on the spelling that is read.
fn sorted(document: &Value) -> String {
    match document {
        Value::Object(members) => {
            let members: BTreeMap<&String, String> = members.iter().map(|(key, value)| (key, sorted(value))).collect();
            format!("{members:?}")
        }
        Value::Array(elements) => format!("{:?}", elements.iter().map(sorted).collect::<Vec<_>>()),
        Value::Number(number) => format!("{:.12e}", number.as_f64().unwrap_or_default() + 0.0),
        other => other.to_string(),
    }
}

/// The tables with their columns, those that are referred to first.
fn tables(database: &Database) -> Vec<Table> {
    let catalogue = database.read(Catalogue::read).expect("the catalogue can be read");
    let promised = migrate::catalogue_of(&migrate::embedded(Backend::Postgres)).expect("it adds up");
    let mut waiting: Vec<(Table, Vec<String>)> = Vec::new();
    for (name, facts) in catalogue.tables().filter(|(name, _)| !matches!(*name, "installation" | "freezes" | "checkpoint_migrations")) {
        let of_kind = |kind: Kind| facts.iter().filter(move |(fact, _)| fact.kind == kind);
        let indexed = |column: &str| {
            let all = facts.iter().chain(promised.table(name).into_iter().flatten());
            let mut indexes =
                all.filter(|(fact, _)| matches!(fact.kind, Kind::PrimaryKey | Kind::Unique | Kind::Index | Kind::UniqueIndex));
            indexes.any(|(_, definition)| definition.split(|char: char| !char.is_alphanumeric() && char != '_').any(|word| word == column))
        };
        let columns = of_kind(Kind::Column).map(|(fact, definition)| {
            let same = promised.table(name).and_then(|facts| facts.get(fact));
            // SQLite gives a key of one whole number a number where it is NULL.
            let nullable = !definition.to_lowercase().contains("not null") && !matches!(fact.name.as_str(), "id" | "seq");
            let counts = definition.contains("generated by default as identity");
            let indexed = indexed(&fact.name);
            Column { name: fact.name.clone(), kind: kind(definition, same.map(String::as_str)), nullable, counts, indexed }
        });
        let parents = of_kind(Kind::ForeignKey).filter_map(|(fact, definition)| parent(&format!("{} {definition}", fact.name)));
        waiting.push(((name.to_owned(), columns.collect()), parents.collect()));
    }
    let mut done: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let ready = |(_, parents): &(Table, Vec<String>)| parents.iter().all(|parent| done.iter().any(|(name, _)| name == parent));
        let at = waiting.iter().position(ready).expect("no circle");
        done.push(waiting.remove(at).0);
    }
    done
}

fn parent(definition: &str) -> Option<String> {
    let lower = definition.to_lowercase();
    let rest = &definition[lower.find("references ")? + "references ".len()..];
    Some(rest.split(|char: char| !char.is_alphanumeric() && char != '_').find(|word| !word.is_empty())?.to_owned())
}

/// What a column holds: on SQLite, what its types do not tell is told by PostgreSQL's.
fn kind(definition: &str, promised: Option<&str>) -> Type {
    let of = |text: &str| {
        let text = text.to_lowercase();
        let types = [
            ("boolean", Type::Bool),
            ("integer", Type::Integer),
            ("bigint", Type::BigInt),
            ("double", Type::Double),
            ("text", Type::Text),
            ("jsonb", Type::Json),
            ("timestamp", Type::Time),
            ("uuid", Type::Uuid),
            ("bytea", Type::Bytes),
            ("blob", Type::Bytes),
        ];
        types.into_iter().find(|(name, _)| text.starts_with(name)).unwrap_or_else(|| panic!("the type of {text}")).1
    };
    match (of(definition), promised.map(of)) {
        (Type::Text, Some(kind @ (Type::Json | Type::Time))) | (Type::Bytes, Some(kind @ Type::Uuid)) => kind,
        (Type::Integer, Some(Type::BigInt)) => Type::BigInt,
        (kind, _) => kind,
    }
}

/// The value of a column in a row of a number; rows of one number refer to each other.
fn cell(table: &str, column: &Column, number: usize, pool: &Pool) -> Cell {
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

fn insert(conn: &mut Conn, table: &str, columns: &[Column], number: usize, pool: &Pool) {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let places: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
    let sql = format!("INSERT INTO \"{table}\" ({}) VALUES ({})", names.join(", "), places.join(", "));
    let cells = columns.iter().map(|column| cell(table, column, number, pool));
    macro_rules! run {
        ($conn:expr, $backend:ty) => {{
            let mut query = sql_query(sql).into_boxed::<$backend>();
            for cell in cells {
                query = match cell {
                    Cell::Bool(value) => query.bind::<Nullable<Bool>, _>(value),
                    Cell::Integer(value) => query.bind::<Nullable<Integer>, _>(value),
                    Cell::BigInt(value) => query.bind::<Nullable<BigInt>, _>(value),
                    Cell::Double(value) => query.bind::<Nullable<Double>, _>(value),
                    Cell::Text(value) => query.bind::<Nullable<Text>, _>(value),
                    Cell::Json(value) => query.bind::<Nullable<JsonType>, _>(value),
                    Cell::Time(value) => query.bind::<Nullable<TimestampType>, _>(value),
                    Cell::Uuid(value) => query.bind::<Nullable<UuidType>, _>(value),
                    Cell::Bytes(value) => query.bind::<Nullable<Binary>, _>(value),
                };
            }
            query.execute($conn)
        }};
    }
    let inserted = match conn {
        Conn::Pg(pg) => run!(pg, diesel::pg::Pg),
        Conn::Sqlite(sqlite) => run!(sqlite, diesel::sqlite::Sqlite),
    };
    inserted.unwrap_or_else(|error| panic!("{table}: {error}"));
}

/// A row of any table, whose columns were named before.
struct AnyRow(Vec<Cell>);

macro_rules! reads {
    ($backend:ty) => {
        impl QueryableByName<$backend> for AnyRow {
            fn build<'a>(row: &impl NamedRow<'a, $backend>) -> deserialize::Result<Self> {
                let cells = COLUMNS.with_borrow(|columns| {
                    let read = columns.iter().map(|Column { name, kind, .. }| {
                        Ok(match kind {
                            Type::Bool => Cell::Bool(NamedRow::get::<Nullable<Bool>, _>(row, name)?),
                            Type::Integer => Cell::Integer(NamedRow::get::<Nullable<Integer>, _>(row, name)?),
                            Type::BigInt => Cell::BigInt(NamedRow::get::<Nullable<BigInt>, _>(row, name)?),
                            Type::Double => Cell::Double(NamedRow::get::<Nullable<Double>, _>(row, name)?),
                            Type::Text => Cell::Text(NamedRow::get::<Nullable<Text>, _>(row, name)?),
                            Type::Json => Cell::Json(NamedRow::get::<Nullable<JsonType>, _>(row, name)?),
                            Type::Time => Cell::Time(NamedRow::get::<Nullable<TimestampType>, _>(row, name)?),
                            Type::Uuid => Cell::Uuid(NamedRow::get::<Nullable<UuidType>, _>(row, name)?),
                            Type::Bytes => Cell::Bytes(NamedRow::get::<Nullable<Binary>, _>(row, name)?),
                        })
                    });
                    read.collect::<deserialize::Result<Vec<_>>>()
                })?;
                Ok(Self(cells))
            }
        }
    };
}
reads!(diesel::pg::Pg);
reads!(diesel::sqlite::Sqlite);
