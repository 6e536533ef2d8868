//! `lectern db adopt --undo`.

use super::REFUSED;
use crate::{context::Context, output::note};
use lectern_service::schema::{KEPT_IN, Schema};
use serde_json::json;
use std::process::ExitCode;

/// The exit code of a command that was not meant like that.
const USAGE: u8 = 2;

pub(super) fn run(context: &Context, schema: &Schema, yes: bool) -> anyhow::Result<ExitCode> {
    let nothing = || {
        note(format_args!("lectern: there is no adoption to undo: the old tables are not in a schema {KEPT_IN}"));
        Ok(ExitCode::from(REFUSED))
    };
    if !yes {
        let Some(plan) = schema.migrator().undo_adoption_plan()? else { return nothing() };
        let names: Vec<&str> = plan.iter().map(|step| step.name.as_str()).collect();
        context.out.result(&json!({ "would_revert": names, "would_move_back": KEPT_IN }), lines("would revert", "would move", &names))?;
        note("lectern: nothing was changed: add --yes to give the database back; what was written since it was adopted is lost");
        return Ok(ExitCode::from(USAGE));
    }
    let Some(reverted) = schema.migrator().undo_adoption()? else { return nothing() };
    let names: Vec<&str> = reverted.iter().map(|one| one.name.as_str()).collect();
    context.out.result(&json!({ "reverted": names, "moved_back": KEPT_IN }), lines("reverted", "moved", &names))?;
    Ok(ExitCode::SUCCESS)
}

fn lines(revert: &str, moved: &str, names: &[&str]) -> String {
    let reverted: String = names.iter().map(|name| format!("{revert} {name}\n")).collect();
    format!("{reverted}{moved} the tables of {KEPT_IN} back\n")
}
