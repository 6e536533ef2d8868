//! `lectern db tables`.

use crate::context::Context;
use lectern_service::schema::{Schema, TableSize, tables};
use serde_json::{Value, json};

pub(super) fn run(context: &Context, schema: &Schema) -> anyhow::Result<()> {
    let tables = tables(schema)?;
    let json: Vec<Value> =
        tables.iter().map(|TableSize { name, rows, bytes }| json!({ "name": name, "rows": rows, "bytes": bytes })).collect();
    let lines: String = tables.iter().map(|table| format!("{}\t{} rows\t{} bytes\n", table.name, table.rows, table.bytes)).collect();
    Ok(context.out.result(&json, lines)?)
}
