//! PostgreSQL: `COPY`, in the binary format.

use super::{Watch, refused, unreadable};
use crate::{
    schema::schema_ledger,
    transfer::{
        error::TransferError,
        limits::{i32_of, no_escaped_nul, no_nul},
        parse::{Line, Parser},
        scan::EPOCH,
        shape::{Kind, Table, quoted},
        value::Value,
        verify::lines,
    },
};
use diesel::{
    QueryResult, copy_from,
    pg::{CopyFormat, CopyTarget, Pg, PgConnection},
    prelude::ExecuteCopyFromDsl as _,
    query_builder::AstPass,
    sql_types::Integer,
};
use std::{cell::RefCell, io::Write};

/// How many bytes are handed over at once.
const CHUNK: usize = 64 * 1024;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

thread_local! {
    /// Diesel's `COPY` knows its target from a type alone; ours are known from the catalogue.
    static TARGET: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Target;

impl CopyTarget for Target {
    // Some table: it is not asked for its name.
    type Table = schema_ledger::table;
    type SqlType = Integer;

    fn walk_target(mut pass: AstPass<'_, '_, Pg>) -> QueryResult<()> {
        TARGET.with_borrow(|target| pass.push_sql(target));
        Ok(())
    }
}

pub(super) fn load(conn: &mut PgConnection, into: &str, table: &Table, part: &[u8], watch: Watch<'_>) -> Result<u64, TransferError> {
    TARGET.set(format!("{} ({})", quoted(into), table.column_list()));
    // What goes wrong on this side is told to the server, whose answer to it is no cause.
    let failure = RefCell::new(None);
    let watch = RefCell::new(watch);
    let rows = copy_from(schema_ledger::table)
        .from_raw_data(Target, |out: &mut dyn Write| {
            let written = write_rows(table, part, *watch.borrow_mut(), out);
            written.map_err(|error| {
                failure.replace(Some(error));
                diesel::result::Error::RollbackTransaction
            })
        })
        .with_format(CopyFormat::Binary)
        .execute(conn);
    match (failure.into_inner(), rows) {
        // The connection was lost: what libpq says comes with the statement's end.
        (Some(TransferError::Io { .. }), Err(error)) => Err(refused(&table.name, error)),
        (Some(error), _) => Err(error),
        (None, rows) => Ok(rows.map_err(|error| refused(&table.name, error))? as u64),
    }
}

fn write_rows(table: &Table, part: &[u8], watch: Watch<'_>, out: &mut dyn Write) -> Result<(), TransferError> {
    let send = |out: &mut dyn Write, bytes: &[u8]| out.write_all(bytes).map_err(TransferError::io("the database does not take rows"));
    let parser = Parser::new(table);
    let mut buffer = SIGNATURE.to_vec();
    for line in lines(part) {
        let row = parser.row(line)?;
        watch(&row)?;
        write_row(table, &row, &mut buffer)?;
        if buffer.len() >= CHUNK {
            send(out, &buffer)?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&(-1_i16).to_be_bytes());
    send(out, &buffer)
}

fn write_row(table: &Table, row: &Line<'_>, out: &mut Vec<u8>) -> Result<(), TransferError> {
    let count = i16::try_from(table.columns.len()).map_err(|_many| TransferError::Unfit(format!("{} has too many columns", table.name)))?;
    out.extend_from_slice(&count.to_be_bytes());
    for (at, column) in table.columns.iter().enumerate() {
        let start = out.len();
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        let value = row.value(at).and_then(|value| match value {
            Value::Null => Ok(false),
            value => write_value(column.kind, &value, out).map(|()| true),
        });
        if value.map_err(|why| unreadable(table, row, at, why))? {
            let length = i32::try_from(out.len() - start - 4)
                .map_err(|_large| unreadable(table, row, at, "PostgreSQL takes at most 1 GB".to_owned()))?;
            out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(())
}

fn write_value(kind: Kind, value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    match value {
        Value::Null => {}
        Value::Boolean(value) => out.push((*value).into()),
        Value::Integer(number) if kind == Kind::Integer => {
            out.extend_from_slice(&i32_of(*number)?.to_be_bytes());
        }
        Value::Integer(number) => out.extend_from_slice(&number.to_be_bytes()),
        Value::Double(number) => out.extend_from_slice(&number.to_be_bytes()),
        Value::Text(text) => {
            no_nul(text)?;
            out.extend_from_slice(text.as_bytes());
        }
        Value::Json(document) => {
            no_escaped_nul(document)?;
            // The version of the binary format.
            out.push(1);
            out.extend_from_slice(document.as_bytes());
        }
        Value::Timestamp(micros) => out.extend_from_slice(&(micros - EPOCH).to_be_bytes()),
        Value::Uuid(bytes) => out.extend_from_slice(bytes),
        Value::Bytes(bytes) => out.extend_from_slice(bytes),
    }
    Ok(())
}
