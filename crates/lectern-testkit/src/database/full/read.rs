//! Every row, as lines.

use super::{
    cells::Cell,
    tables::{Column, Type, tables},
};
use diesel::{
    QueryableByName, RunQueryDsl, deserialize,
    row::NamedRow,
    sql_query,
    sql_types::{BigInt, Binary, Bool, Double, Integer, Nullable, Text},
};
use lectern_persistence::{
    Conn, Database, DbError,
    types::sql::{JsonType, TimestampType, UuidType},
};
use serde_json::Value;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    hash::{DefaultHasher, Hasher as _},
};

/// What is longer than so many bytes is not shown.
const LONG: usize = 4_096;

thread_local! {
    static COLUMNS: RefCell<Vec<Column>> = const { RefCell::new(Vec::new()) };
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
