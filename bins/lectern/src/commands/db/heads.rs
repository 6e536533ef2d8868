//! `lectern db heads`.

use crate::context::Context;
use lectern_service::schema::Schema;
use serde_json::json;

pub(super) fn run(context: &Context, schema: &Schema) -> anyhow::Result<()> {
    let head = schema.migrator().head().map(|(version, name)| json!({ "version": version, "name": name }));
    let line = schema.migrator().head().map_or_else(|| "base".to_owned(), |(_, name)| name.to_owned());
    Ok(context.out.result(&json!({ "heads": head.into_iter().collect::<Vec<_>>() }), format_args!("{line}\n"))?)
}
