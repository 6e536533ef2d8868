//! `lectern db copy`.

use super::travel::Travel;
use crate::{context::Context, output::note};
use anyhow::Context as _;
use lectern_compose::one_line;
use lectern_service::{
    ServiceError,
    schema::{Changed, Copied, CopyOptions, TransferError, copy},
};
use lectern_settings::DatabaseUrl;
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The database to copy [default: the one of the settings]
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// The database to copy into, which is made where it is not there [default: the one of the settings]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Bring an earlier copy up to date, to which nobody wrote since: rows that the source does not have any more are removed
    #[arg(long)]
    resume: bool,
    /// Leave the vectors out: they are made again from the texts, which takes its time
    #[arg(long)]
    without_vectors: bool,
    /// Leave out the checkpoints of conversation agents, which the other backend cannot read
    #[arg(long)]
    without_checkpoints: bool,
}

impl Args {
    pub(super) fn run(self, context: &Context, folder: Option<&Path>, patience: Duration) -> anyhow::Result<()> {
        let (from, to) = (url(self.from)?, url(self.to)?);
        if from.is_none() && to.is_none() {
            return Err(super::usage("which databases? Give --from URL, --to URL, or both: the other one is that of the settings"));
        }
        let source = lectern_compose::source_at(&context.settings, from, folder, patience).context("the source cannot be opened")?;
        let target = lectern_compose::schema_at(&context.settings, to, folder, patience).context("the target cannot be opened")?;
        let options =
            CopyOptions { resume: self.resume, without_vectors: self.without_vectors, without_checkpoints: self.without_checkpoints };
        let begun = Instant::now();
        let travel = Travel::new();
        let copied = copy(&source, &target, options, &mut |progress| travel.take(progress));
        travel.end();
        source.close();
        target.close();
        let copied = match copied {
            Err(error @ ServiceError::Transfer(TransferError::InDoubt(_))) => return Err(error.into()),
            copied => copied.context("nothing was copied, the target is as it was")?,
        };
        for table in &copied.passed_by {
            note(format_args!("{table} is none of Lectern's tables, and is not in the copy"));
        }
        for table in &copied.left_out {
            note(format_args!("the rows of {table} were left out"));
        }
        let (mut view, summary) = (view(&copied), summary(&copied));
        view["milliseconds"] = json!(begun.elapsed().as_millis() as u64);
        if let Err(error) = copied.changed {
            note(format_args!("lectern: {}", unknown(error)));
        }
        Ok(context.out.result(&view, summary)?)
    }
}

/// Read here: what is wrong with it is told without it, since it may hold a password.
fn url(text: Option<String>) -> anyhow::Result<Option<DatabaseUrl>> {
    let parse = |text: String| {
        DatabaseUrl::parse(&text)
            .ok_or_else(|| super::usage("--from and --to take database URLs: sqlite:///path/to/file.db or postgresql://user@host/name"))
    };
    text.map(parse).transpose()
}

fn view(copied: &Copied) -> Value {
    let tables: Vec<Value> = copied
        .tables
        .iter()
        .map(|table| json!({ "name": table.name, "rows": table.rows, "sha256": table.sha256, "was_there": table.was_there }))
        .collect();
    let changed = copied.changed.as_ref().ok().map(|changed| {
        let table = |(name, Changed { added, removed, altered }): &(String, Changed)| {
            json!({ "name": name, "added": added, "removed": removed, "altered": altered })
        };
        changed.iter().map(table).collect::<Vec<Value>>()
    });
    json!({
        "revision": copied.revision,
        "tables": tables,
        "left_out": copied.left_out,
        "passed_by": copied.passed_by,
        "changed_since": changed,
    })
}

fn summary(copied: &Copied) -> String {
    let rows: u64 = copied.tables.iter().map(|table| table.rows).sum();
    let same = copied.tables.iter().filter(|table| table.was_there && table.rows > 0).count();
    let count = indicatif::HumanCount;
    let mut lines = format!("copied {} rows of {} tables, compared row by row", count(rows), copied.tables.len());
    if same > 0 {
        lines.push_str(&format!("; {same} tables were the same before"));
    }
    lines.push('\n');
    let changed = copied.changed.as_deref().unwrap_or_default();
    for (name, Changed { added, removed, altered }) in changed {
        let (added, removed, altered) = (count(*added), count(*removed), count(*altered));
        lines.push_str(&format!("changed in the source meanwhile: {name}: {added} rows added, {removed} removed, {altered} altered\n"));
    }
    if !changed.is_empty() {
        lines.push_str("to take these over: `lectern db freeze` on the source, then this command with --resume\n");
    }
    lines
}

/// What is told where the copy is there, and nobody knows what it misses.
fn unknown(error: TransferError) -> String {
    let error = one_line(&error.into());
    format!(
        "the copy is complete as of its beginning; what changed in the source since then is not known: {error}: run this command again with --resume"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_service::schema::CopiedTable;

    #[test]
    fn a_copy_is_told_as_one_where_what_changed_since_is_not_known() {
        let error = TransferError::Unfit("the table users was changed while it was copied".to_owned());
        let tables = vec![CopiedTable { name: "users".to_owned(), rows: 3, sha256: "0".to_owned(), was_there: false }];
        let copied = Copied { revision: None, tables, left_out: Vec::new(), passed_by: Vec::new(), changed: Err(error) };
        assert_eq!(summary(&copied), "copied 3 rows of 1 tables, compared row by row\n");
        assert_eq!((&view(&copied)["changed_since"], &view(&copied)["tables"][0]["rows"]), (&Value::Null, &json!(3)));
        let told = copied.changed.map_err(unknown).unwrap_err();
        assert!(told.contains("the copy is complete") && told.contains("users was changed") && told.contains("--resume"), "{told}");
    }
}
