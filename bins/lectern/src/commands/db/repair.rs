//! `lectern db repair`.

use crate::context::Context;
use lectern_service::schema::{Schema, State};
use serde_json::{Value, json};

pub(super) fn run(context: &Context, schema: &Schema) -> anyhow::Result<()> {
    let repaired = schema.migrator().repair()?;
    let json: Vec<Value> = repaired.iter().map(|one| json!({ "migration": one.name, "was": one.was.as_str() })).collect();
    let line = |name: &str, was: State| match was {
        State::HalfApplied => format!("{name} counts as not applied: the next upgrade runs it again\n"),
        _ => format!("{name}: the script of this program counts as the one that was applied\n"),
    };
    let lines: String = repaired.iter().map(|one| line(&one.name, one.was)).collect();
    let lines = if lines.is_empty() { "there is nothing to repair\n".to_owned() } else { lines };
    Ok(context.out.result(&json!({ "repaired": json }), lines)?)
}
