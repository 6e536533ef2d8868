//! SQLite: a prepared statement for each row.

use super::{Watch, refused, unreadable};
use crate::transfer::{
    error::TransferError,
    parse::Parser,
    shape::{Kind, Table, quoted},
    time,
    value::Value,
    verify::lines,
};
use diesel::{
    Connection as _, QueryResult,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::{DatabaseErrorKind, Error as DieselError},
    sql_types::{BigInt, Binary, Bool, Double, Nullable, Text},
    sqlite::{Sqlite, SqliteConnection},
};
use std::borrow::Cow;

pub(super) fn load(conn: &mut SqliteConnection, into: &str, table: &Table, part: &[u8], watch: Watch<'_>) -> Result<u64, TransferError> {
    let start = format!("INSERT INTO {} ({}) VALUES (", quoted(into), table.column_list());
    let parser = Parser::new(table);
    let mut rows = 0;
    for line in lines(part) {
        let row = parser.row(line)?;
        watch(&row)?;
        let values = (0..table.columns.len()).map(|at| {
            let value = row.value(at).and_then(|value| bind(table.columns[at].kind, value));
            value.map_err(|why| unreadable(table, &row, at, why))
        });
        let insert = Insert { start: &start, values: values.collect::<Result<_, _>>()? };
        conn.execute_returning_count(&insert).map_err(|error| match (is_conflict(&error), refused(&table.name, error)) {
            (true, TransferError::Refused { table: name, why }) => {
                TransferError::Conflict { table: name, row: crate::transfer::line::key(table, &row), why }
            }
            (_, error) => error,
        })?;
        rows += 1;
    }
    Ok(rows)
}

/// Whether it is the row that is wrong, rather than the file or its disk.
fn is_conflict(error: &DieselError) -> bool {
    use DatabaseErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation};
    matches!(error, DieselError::DatabaseError(UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation, _))
}

/// A value as SQLite stores it.
enum Bind<'a> {
    Null(Kind),
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

fn bind(kind: Kind, value: Value<'_>) -> Result<Bind<'_>, String> {
    Ok(match value {
        Value::Null => Bind::Null(kind),
        Value::Boolean(value) => Bind::Boolean(value),
        Value::Integer(number) => Bind::Integer(number),
        Value::Double(number) => Bind::Double(number),
        Value::Text(text) | Value::Json(text) => Bind::Text(text),
        Value::Timestamp(micros) => {
            let mut text = Vec::new();
            time::write(micros, &mut text).ok_or("the time is outside the years 1 to 9999")?;
            Bind::Text(String::from_utf8(text).map_err(|error| error.to_string())?.into())
        }
        Value::Uuid(bytes) => Bind::Bytes(bytes.to_vec().into()),
        Value::Bytes(bytes) => Bind::Bytes(bytes),
    })
}

/// Its text is the same for every row of a table, so that it is prepared once.
struct Insert<'a> {
    start: &'a str,
    values: Vec<Bind<'a>>,
}

impl QueryId for Insert<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Sqlite> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(self.start);
        for (at, value) in self.values.iter().enumerate() {
            if at > 0 {
                out.push_sql(", ");
            }
            match value {
                // A statement that is prepared once has the same types each time.
                Bind::Null(Kind::Boolean) => out.push_bind_param::<Nullable<Bool>, Option<bool>>(&None)?,
                Bind::Null(Kind::Integer | Kind::Bigint) => out.push_bind_param::<Nullable<BigInt>, Option<i64>>(&None)?,
                Bind::Null(Kind::Double) => out.push_bind_param::<Nullable<Double>, Option<f64>>(&None)?,
                Bind::Null(Kind::Text | Kind::Json | Kind::Timestamp) => out.push_bind_param::<Nullable<Text>, Option<String>>(&None)?,
                Bind::Null(Kind::Uuid | Kind::Bytes) => out.push_bind_param::<Nullable<Binary>, Option<Vec<u8>>>(&None)?,
                Bind::Boolean(value) => out.push_bind_param::<Bool, bool>(value)?,
                Bind::Integer(value) => out.push_bind_param::<BigInt, i64>(value)?,
                Bind::Double(value) => out.push_bind_param::<Double, f64>(value)?,
                Bind::Text(value) => out.push_bind_param::<Text, str>(value)?,
                Bind::Bytes(value) => out.push_bind_param::<Binary, [u8]>(value)?,
            }
        }
        out.push_sql(")");
        Ok(())
    }
}
