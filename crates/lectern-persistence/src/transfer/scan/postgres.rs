//! PostgreSQL: rows come one by one, in the binary format.

use super::Each;
use crate::{
    error::DbError,
    transfer::{
        error::TransferError,
        shape::{Kind, Table, list, quoted},
        value::{Row, Value},
    },
};
use diesel::{
    connection::LoadConnection,
    pg::{PgConnection, PgRowByRowLoadingMode},
    row::Field as _,
};
use std::str;

/// The microseconds from 1970 to 2000, where PostgreSQL's times begin.
pub(crate) const EPOCH: i64 = 946_684_800_000_000;

pub(super) fn scan(conn: &mut PgConnection, table: &Table, condition: &str, each: Each<'_>) -> Result<(), TransferError> {
    // A document's binary format is a text too, behind one more byte.
    let columns = table.columns.iter().map(|column| match column.kind {
        Kind::Json => format!("{}::text", quoted(&column.name)),
        _ => quoted(&column.name),
    });
    let kind = |name: &str| table.position(name).map(|at| table.columns[at].kind);
    // The order of bytes, whatever language the database speaks.
    let order = table.key.iter().map(|name| match kind(name) {
        Some(Kind::Text) => format!("{} COLLATE \"C\"", quoted(name)),
        _ => quoted(name),
    });
    let (columns, order) = (columns.collect::<Vec<_>>().join(", "), order.collect::<Vec<_>>().join(", "));
    let query = diesel::sql_query(format!("SELECT {columns} FROM {} t WHERE {condition} ORDER BY {order}", list([table.name.as_str()])));
    let rows = LoadConnection::<PgRowByRowLoadingMode>::load(conn, query).map_err(DbError::from)?;
    for row in rows {
        let row = row.map_err(DbError::from)?;
        each(&PgRow { row: &row, table })?;
    }
    Ok(())
}

struct PgRow<'a, R> {
    row: &'a R,
    table: &'a Table,
}

impl<'c, R: diesel::row::Row<'c, diesel::pg::Pg>> Row for PgRow<'_, R> {
    fn with(&self, column: usize, f: &mut dyn FnMut(Value<'_>) -> Result<(), String>) -> Result<(), String> {
        let field = self.row.get(column).ok_or("the row has fewer columns")?;
        match field.value() {
            None => f(Value::Null),
            Some(value) => f(read(self.table.columns[column].kind, value.as_bytes())?),
        }
    }
}

fn read(kind: Kind, bytes: &[u8]) -> Result<Value<'_>, String> {
    let text = || str::from_utf8(bytes).map_err(|error| error.to_string());
    Ok(match kind {
        Kind::Boolean => Value::Boolean(fixed::<1>(bytes)? != [0]),
        Kind::Integer => Value::Integer(i32::from_be_bytes(fixed(bytes)?).into()),
        Kind::Bigint => Value::Integer(i64::from_be_bytes(fixed(bytes)?)),
        Kind::Double => Value::Double(f64::from_be_bytes(fixed(bytes)?)),
        Kind::Text => Value::Text(text()?.into()),
        Kind::Json => Value::Json(text()?.into()),
        // Those that are infinite are the ends of the range.
        Kind::Timestamp => Value::Timestamp(i64::from_be_bytes(fixed(bytes)?).saturating_add(EPOCH)),
        Kind::Uuid => Value::Uuid(fixed(bytes)?),
        Kind::Bytes => Value::Bytes(bytes.into()),
    })
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    bytes.try_into().map_err(|_length| format!("{N} bytes were expected, these are {}", bytes.len()))
}
