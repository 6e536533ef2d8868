//! `lectern db revision`.

use crate::{context::Context, output::note};
use lectern_service::schema::{self, Comparison};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where the Diesel schema is in a checkout of Lectern.
const SCHEMA: &str = "crates/lectern-persistence/src/schema";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the migration does: its name, and the first line of its scripts
    #[arg(short, long)]
    message: String,
    /// Begin its scripts with what differs between the migrations and the Diesel schema, as the program `diesel` sees it
    #[arg(long)]
    autogenerate: bool,
    /// Also drop the tables and columns that the Diesel schema does not have
    #[arg(long, requires = "autogenerate")]
    allow_destructive: bool,
    /// The folder of the Diesel schema's files
    #[arg(long, value_name = "FOLDER", default_value = SCHEMA)]
    schema: PathBuf,
    /// A database at head to compare, where none can be made for the purpose; once for each backend
    #[arg(long, value_name = "URL", requires = "autogenerate")]
    scratch: Vec<String>,
    /// A PostgreSQL server on which a scratch database can be made, where the settings name none
    #[arg(long, value_name = "URL", requires = "autogenerate")]
    postgres: Option<String>,
}

impl Args {
    pub(super) fn run(&self, context: &Context, folder: &Path) -> anyhow::Result<()> {
        let comparison = self.autogenerate.then(|| self.comparison(context)).transpose()?;
        let files = schema::write(folder, &self.message, comparison.as_ref())?;
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        for backend in ["postgres", "sqlite"] {
            if comparison.as_ref().is_some_and(|comparison| comparison.targets.iter().all(|target| target.backend().as_str() != backend)) {
                note(format_args!(
                    "lectern: {backend} was not compared, its scripts are empty: name a server with --postgres, or a database with --scratch"
                ));
            }
        }
        let lines: String = files.iter().map(|file| format!("wrote {file}\n")).collect();
        Ok(context.out.result(&json!({ "files": files }), lines)?)
    }

    fn comparison(&self, context: &Context) -> anyhow::Result<Comparison<'_>> {
        let urls = self.postgres.iter().map(String::as_str).chain([context.settings.database.url.expose()]);
        let targets = schema::targets(self.scratch.iter().map(String::as_str), urls)?;
        Ok(Comparison { schema: &self.schema, targets, may_destroy: self.allow_destructive })
    }
}
