//! `lectern config show`.

use crate::context::Context;

/// Shows what is in force: the key, its value, and where it came from.
pub(super) fn run(context: &Context) -> anyhow::Result<()> {
    let entries = context.settings.describe();
    let width = entries.iter().map(|entry| entry.key.len()).max().unwrap_or_default();
    let lines: String =
        entries.iter().map(|entry| format!("{:width$} = {}  ({})\n", entry.key, entry.value_text(), entry.origin)).collect();
    Ok(context.out.result(&entries, lines)?)
}
