//! `lectern db init`.

use crate::context::Context;
use anyhow::Context as _;
use lectern_service::schema::{NewRole, Outcome, Prepared};
use serde_json::{Value, json};
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

/// The most bytes that are read for a password.
const BYTES: u64 = 1_024;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also make this role, where it is not there, and let it use the database. Its password is the setting `database.role_password`, or asked for
    #[arg(long, value_name = "NAME")]
    role: Option<String>,
    /// Read the role's password from the first line of standard input
    #[arg(long, requires = "role", conflicts_with = "no_password")]
    password_stdin: bool,
    /// Give the role no password: it keeps its own, or signs in without
    #[arg(long, requires = "role")]
    no_password: bool,
}

impl Args {
    pub(super) fn run(&self, context: &Context) -> anyhow::Result<()> {
        let role = self.role.clone().map(|name| anyhow::Ok(NewRole { password: self.password(context)?, name })).transpose()?;
        let prepared = lectern_compose::init(&context.settings, role)?;
        let json: Vec<Value> = prepared.iter().map(view).collect();
        let lines: String = prepared.iter().map(lines).collect();
        Ok(context.out.result(&json!({ "databases": json }), lines)?)
    }

    /// Never an argument, which everybody on the machine could read.
    fn password(&self, context: &Context) -> anyhow::Result<Option<String>> {
        let text = match &context.settings.database.role_password {
            _ if self.no_password => return Ok(None),
            _ if self.password_stdin => {
                let mut line = String::new();
                io::stdin().lock().take(BYTES).read_line(&mut line).context("the password cannot be read from standard input")?;
                line.trim_end_matches(['\r', '\n']).to_owned()
            }
            Some(password) => password.expose().clone(),
            None if io::stdin().is_terminal() => {
                rpassword::prompt_password("The role's password: ").context("the password cannot be read from the terminal")?
            }
            None => String::new(),
        };
        anyhow::ensure!(
            !text.is_empty(),
            "the role has no password: set LECTERN__DATABASE__ROLE_PASSWORD or LECTERN__DATABASE__ROLE_PASSWORD_FILE, pipe one with \
             --password-stdin, or use --no-password"
        );
        Ok(Some(text))
    }
}

fn view(prepared: &Prepared) -> Value {
    let extensions: Vec<Value> =
        prepared.extensions.iter().map(|(name, outcome)| json!({ "name": name, "outcome": outcome.as_str() })).collect();
    let role = prepared.role.as_ref().map(|(name, outcome)| json!({ "name": name, "outcome": outcome.as_str() }));
    json!({ "url": prepared.url, "outcome": prepared.database.as_str(), "extensions": extensions, "role": role })
}

fn lines(prepared: &Prepared) -> String {
    let mut lines = format!("database {}: {}\n", prepared.url, said(prepared.database));
    for (name, outcome) in &prepared.extensions {
        lines.push_str(&format!("extension {name}: {}\n", said(*outcome)));
    }
    if let Some((name, outcome)) = &prepared.role {
        lines.push_str(&format!("role {name}: {}, and may use the database\n", said(*outcome)));
    }
    lines
}

fn said(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Made => "made",
        Outcome::There => "was there",
        Outcome::Unavailable => "left out, since the server does not have it",
    }
}
