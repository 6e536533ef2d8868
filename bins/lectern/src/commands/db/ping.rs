//! `lectern db ping`.

use crate::context::Context;
use lectern_service::schema::{Schema, ping};
use serde_json::json;

pub(super) fn run(context: &Context, schema: &Schema) -> anyhow::Result<()> {
    let took = ping(schema)?.as_secs_f64() * 1_000.0;
    Ok(context.out.result(&json!({ "milliseconds": took }), format_args!("the database answers in {took:.3} ms\n"))?)
}
