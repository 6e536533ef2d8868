//! `lectern db backup`.

use super::{
    archive::{KeyArgs, SealArgs, place},
    travel::Travel,
    usage,
};
use crate::{context::Context, output::note};
use lectern_service::{
    ServiceError,
    schema::{BackupOptions, BackupRequest, Input, Manifest, Place, Schema, Written, backup, verify},
};
use serde_json::{Value, json};
use std::{
    io::{self, IsTerminal as _},
    time::Instant,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The archive (.tar.zst, or .tar.zst.age where it is encrypted), or - for standard output
    #[arg(value_name = "FILE", value_parser = place)]
    file: Place,
    /// Read the archive back and check every digest in it, instead of writing one; - is standard input
    #[arg(long, conflicts_with_all = ["without_vectors", "overwrite", "encrypt", "recipient"])]
    pub(super) verify: bool,
    /// Leave the vectors out: they are made again from the texts, which takes its time
    #[arg(long)]
    without_vectors: bool,
    /// Replace the file where it is there
    #[arg(long)]
    overwrite: bool,
    #[command(flatten)]
    seal: SealArgs,
    #[command(flatten)]
    keys: KeyArgs,
}

impl Args {
    pub(super) fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<()> {
        if self.file == Place::Standard && io::stdout().is_terminal() {
            return Err(usage("an archive is nothing for a terminal: write to a file, or into a pipe"));
        }
        let seal = self.seal.seal(&self.keys, context)?;
        let options = BackupOptions { without_vectors: self.without_vectors };
        let request = BackupRequest { to: self.file, seal, overwrite: self.overwrite, options };
        let begun = Instant::now();
        let travel = Travel::new();
        let written = backup(schema, &request, &mut |progress| travel.take(progress));
        travel.end();
        let Written { backup, bytes } = written?;
        for table in &backup.passed_by {
            note(format_args!("{table} is none of Lectern's tables, and is not in the archive"));
        }
        let mut view = view(&backup.manifest);
        view["bytes"] = json!(bytes);
        view["passed_by"] = json!(backup.passed_by);
        view["milliseconds"] = json!(begun.elapsed().as_millis() as u64);
        let summary = summary(&backup.manifest);
        match &request.to {
            // Standard output has the archive.
            Place::Standard => note(if context.out.json { view.to_string() } else { format!("wrote {summary}") }),
            Place::File(path) => {
                let bytes = indicatif::HumanBytes(bytes.unwrap_or_default());
                context.out.result(&view, format_args!("{}: wrote {summary}, {bytes}\n", path.display()))?;
            }
        }
        Ok(())
    }

    /// Reads the archive back; no database is asked.
    pub(super) fn verify(self, context: &Context) -> anyhow::Result<()> {
        let archive = Input::open(&self.file).map_err(ServiceError::from)?;
        let keys = self.keys.keys(context, &archive)?;
        let travel = Travel::new();
        let manifest = verify(archive, &keys, &mut |progress| travel.take(progress));
        travel.end();
        let manifest = manifest?;
        Ok(context.out.result(&view(&manifest), format_args!("the archive is whole: {}\n", summary(&manifest)))?)
    }
}

fn summary(manifest: &Manifest) -> String {
    let rows: u64 = manifest.tables.iter().map(|table| table.head.rows).sum();
    let at = manifest.about.migrations.last().map_or("base", |migration| migration.name.as_str());
    format!("{} rows of {} tables at {at}", indicatif::HumanCount(rows), manifest.tables.len())
}

fn view(manifest: &Manifest) -> Value {
    let about = &manifest.about;
    let tables: Vec<Value> = manifest
        .tables
        .iter()
        .map(|table| json!({ "name": table.head.table.name, "rows": table.head.rows, "sha256": table.sha256 }))
        .collect();
    json!({
        "created_at": about.created_at,
        "application": about.application,
        "backend": about.backend,
        "revision": about.migrations.last().map(|migration| &migration.version),
        "without": about.without,
        "tables": tables,
    })
}
