//! `lectern db upgrade`.

use crate::context::Context;
use serde_json::{Value, json};

/// Applies what is pending, and says what that was.
pub(super) fn run(context: &Context) -> anyhow::Result<()> {
    let applied = lectern_compose::upgrade(&context.settings)?;
    let migrations: Vec<Value> =
        applied.iter().map(|(name, took)| json!({ "migration": name, "milliseconds": took.as_millis() as u64 })).collect();
    let mut lines: String = applied.iter().map(|(name, took)| format!("applied {name} in {} ms\n", took.as_millis())).collect();
    if lines.is_empty() {
        lines.push_str("the database is up to date\n");
    }
    Ok(context.out.result(&json!({ "applied": migrations }), lines)?)
}
