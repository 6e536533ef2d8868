//! SQLite: rows are stepped to. A value may be of any type, whatever its column says.

use super::Each;
use crate::{
    error::DbError,
    transfer::{
        error::TransferError,
        json,
        shape::{Kind, Table, list, quoted},
        time,
        value::{Row, Value},
    },
};
use diesel::{
    connection::{DefaultLoadingMode, LoadConnection},
    row::Field as _,
    sqlite::{Sqlite, SqliteConnection, SqliteType},
};
use std::str;

pub(super) fn scan(conn: &mut SqliteConnection, table: &Table, condition: &str, each: Each<'_>) -> Result<(), TransferError> {
    let order = table.key.iter().map(|name| format!("{} COLLATE BINARY", quoted(name))).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {} FROM {} t WHERE {condition} ORDER BY {order}", table.column_list(), list([table.name.as_str()]));
    let rows = LoadConnection::<DefaultLoadingMode>::load(conn, diesel::sql_query(sql)).map_err(DbError::from)?;
    for row in rows {
        let row = row.map_err(DbError::from)?;
        each(&SqliteRow { row: &row, table })?;
    }
    Ok(())
}

struct SqliteRow<'a, R> {
    row: &'a R,
    table: &'a Table,
}

impl<'c, R: diesel::row::Row<'c, Sqlite>> Row for SqliteRow<'_, R> {
    fn with(&self, column: usize, f: &mut dyn FnMut(Value<'_>) -> Result<(), String>) -> Result<(), String> {
        let field = self.row.get(column).ok_or("the row has fewer columns")?;
        let Some(mut value) = field.value() else { return f(Value::Null) };
        let kind = self.table.columns[column].kind;
        let found = value.value_type();
        match (kind, found) {
            (_, None) => f(Value::Null),
            (Kind::Boolean, Some(SqliteType::Long | SqliteType::Integer | SqliteType::SmallInt)) => match value.read_long() {
                number @ 0..=1 => f(Value::Boolean(number == 1)),
                number => Err(format!("{number} is neither 0 nor 1")),
            },
            (Kind::Integer | Kind::Bigint, Some(SqliteType::Long | SqliteType::Integer | SqliteType::SmallInt)) => {
                f(Value::Integer(value.read_long()))
            }
            (Kind::Double, Some(SqliteType::Double | SqliteType::Float)) => f(Value::Double(value.read_double())),
            (Kind::Text | Kind::Json | Kind::Timestamp, Some(SqliteType::Text)) => {
                let text = str::from_utf8(value.read_blob()).map_err(|error| format!("the text is not UTF-8: {error}"))?;
                match kind {
                    Kind::Json => {
                        json::check(text)?;
                        f(Value::Json(text.into()))
                    }
                    Kind::Timestamp => f(Value::Timestamp(time::read(text).ok_or_else(|| format!("'{text}' is no time"))?)),
                    _ => f(Value::Text(text.into())),
                }
            }
            (Kind::Uuid, Some(SqliteType::Binary)) => {
                let bytes = value.read_blob();
                f(Value::Uuid(bytes.try_into().map_err(|_length| format!("a UUID has 16 bytes, these are {}", bytes.len()))?))
            }
            (Kind::Bytes, Some(SqliteType::Binary)) => f(Value::Bytes(value.read_blob().into())),
            (kind, Some(found)) => Err(format!("a value of the type {kind} was expected, this is {}", word(found))),
        }
    }
}

fn word(found: SqliteType) -> &'static str {
    match found {
        SqliteType::Binary => "a blob",
        SqliteType::Text => "a text",
        SqliteType::Float | SqliteType::Double => "a floating-point number",
        SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long => "a whole number",
    }
}
