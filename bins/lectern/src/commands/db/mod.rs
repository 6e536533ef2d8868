//! `lectern db`: looking after the database. Nothing here upgrades unless it is asked to.

mod adopt;
mod archive;
mod backup;
mod check;
mod copy;
mod current;
mod downgrade;
mod ending;
mod freeze;
mod heads;
mod history;
mod info;
mod init;
mod merge;
mod ping;
mod rebase;
mod rehearse;
mod repair;
mod restore;
mod revision;
mod sequences;
mod shell;
mod show;
mod stamp;
mod tables;
mod travel;
mod upgrade;

use crate::context::Context;
use lectern_service::schema::{Revision, Schema};
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Where migrations are written.
const FOLDER: &str = "migrations";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Take the migrations of a folder with `postgres` and `sqlite` below it, instead of this program's own
    #[arg(long, global = true, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// How long another process that migrates is waited for, in seconds
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 60)]
    lock_timeout: u64,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make the database where there is none, its extensions, and the role that is to use it
    Init(init::Args),
    /// Apply what is pending
    Upgrade(upgrade::Args),
    /// Say at which migration the database is
    Current(current::Args),
    /// List the migrations and how each stands
    History(history::Args),
    /// Show a migration's scripts
    Show(show::Args),
    /// Revert migrations, the newest first
    Downgrade(downgrade::Args),
    /// Write a new migration for both backends
    Revision(revision::Args),
    /// Give a migration that landed late, and is not applied, a time after all others
    Rebase(rebase::Args),
    /// Say that the database is at a revision, where it is like that, and run nothing
    Stamp(stamp::Args),
    /// Say which migration is the last one
    Heads,
    /// Why there is nothing to merge
    Merge,
    /// Compare the database with what its migrations make: their order, their checksums, and every table
    Check(check::Args),
    /// Take over the database of an Albert API
    Adopt(adopt::Args),
    /// Take edited scripts for what was applied, and forget that migrations were begun
    Repair,
    /// Refuse all writes, of every process on the database, while it is moved
    Freeze(freeze::Args),
    /// Let everybody write again
    Thaw,
    /// Put the counters of ids right
    Sequences(sequences::Args),
    /// List the tables with their rows and bytes
    Tables,
    /// Write the database into an archive, or read one back and check it
    Backup(backup::Args),
    /// Read an archive into the database, all of it or nothing
    Restore(restore::Args),
    /// Copy one database into another, of either backend
    Copy(copy::Args),
    /// Try an upgrade on a copy of the database, and say how long each migration takes
    Rehearse(rehearse::Args),
    /// Ask the database for an answer
    Ping,
    /// Say which database it is, where its URL came from, and how it stands
    Info,
    /// Run psql or sqlite3 on the database
    Shell(shell::Args),
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        // Who writes migrations has them in a checkout.
        let written = self.folder.clone().unwrap_or_else(|| PathBuf::from(FOLDER));
        let patience = Duration::from_secs(self.lock_timeout);
        let open = |folder| lectern_compose::schema(&context.settings, folder, patience);
        match self.command {
            Command::Check(check::Args { write: true, postgres }) => return check::write(context, &written, postgres.as_deref()),
            Command::Revision(args) => args.run(context, &written)?,
            Command::Merge => return Ok(merge::run()),
            Command::Init(args) => args.run(context)?,
            Command::Info => info::run(context, || open(self.folder.as_deref()))?,
            Command::Shell(args) => return args.run(context),
            Command::Backup(args @ backup::Args { verify: true, .. }) => args.verify(context)?,
            Command::Copy(args) => args.run(context, self.folder.as_deref(), patience)?,
            Command::Rebase(args) => {
                let schema = open(Some(&written))?;
                args.run(context, &schema, &written)?;
                schema.close();
            }
            command => {
                let folder = self.folder.as_deref();
                let schema = match command {
                    // A name that is mistyped is no new database.
                    Command::Backup(_) | Command::Rehearse(_) => lectern_compose::source_at(&context.settings, None, folder, patience)?,
                    _ => open(folder)?,
                };
                let outcome = command.run(context, &schema);
                schema.close();
                return outcome;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Command {
    /// Runs a command that needs the database and nothing else.
    fn run(self, context: &Context, schema: &Schema) -> anyhow::Result<ExitCode> {
        match self {
            Self::Upgrade(args) => args.run(context, schema)?,
            Self::Current(args) => return args.run(context, schema),
            Self::History(args) => args.run(context, schema)?,
            Self::Show(args) => args.run(context, schema)?,
            Self::Downgrade(args) => return args.run(context, schema),
            Self::Stamp(args) => args.run(context, schema)?,
            Self::Heads => heads::run(context, schema)?,
            Self::Check(_) => return check::run(context, schema),
            Self::Adopt(args) => return args.run(context, schema),
            Self::Repair => repair::run(context, schema)?,
            Self::Freeze(args) => args.run(context, schema)?,
            Self::Thaw => freeze::run_thaw(context, schema)?,
            Self::Sequences(args) => args.run(context, schema)?,
            Self::Tables => tables::run(context, schema)?,
            Self::Backup(args) => args.run(context, schema)?,
            Self::Restore(args) => args.run(context, schema)?,
            Self::Rehearse(args) => args.run(context, schema)?,
            Self::Ping => ping::run(context, schema)?,
            // These were run above.
            Self::Init(_) | Self::Revision(_) | Self::Rebase(_) | Self::Merge | Self::Info | Self::Shell(_) | Self::Copy(_) => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Parses a revision.
fn revision_of(text: &str) -> Result<Revision, String> {
    text.parse().map_err(|error: lectern_service::schema::RevisionError| error.to_string())
}

/// A command that was not meant like that.
fn usage(message: &str) -> anyhow::Error {
    lectern_compose::Usage(message.to_owned()).into()
}
