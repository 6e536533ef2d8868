//! `lectern db shell`.

use crate::context::Context;
use anyhow::anyhow;
use lectern_service::{
    PersistenceError,
    schema::{Client, DatabaseUrl},
};
use std::{
    io::ErrorKind,
    process::{Command, ExitCode},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is handed to the program, after --
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Args {
    /// Runs `psql` or `sqlite3` on the database. It takes this process over, so that signals and the terminal are its own.
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<ExitCode> {
        let url: DatabaseUrl = context.settings.database.url.expose().parse().map_err(PersistenceError::from)?;
        let client = url.client().ok_or_else(|| anyhow!("a database in memory is this program's alone: there is nothing to open"))?;
        let Client { program, place, password } = client;
        let mut command = Command::new(program);
        command.arg(place).args(&self.arguments).envs(password);
        let outcome = become_it(&mut command);
        outcome.map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow!("the program `{program}` is not installed: {}", advice(program)),
            _ => anyhow!(error).context(format!("`{program}` cannot be run")),
        })
    }
}

fn advice(program: &str) -> &'static str {
    if program == "psql" {
        "it comes with PostgreSQL's client, such as Debian's postgresql-client"
    } else {
        "it comes with SQLite, such as Debian's sqlite3"
    }
}

#[cfg(unix)]
fn become_it(command: &mut Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
