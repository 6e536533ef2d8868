//! Where a new password comes from.

use anyhow::Context as _;
use lectern_domain::password::Password;
use lectern_service::accounts::random_password;
use std::io::{self, BufRead as _, Read as _};

/// The most bytes that are read for a password.
const BYTES: u64 = 1_024;

#[derive(Debug, clap::Args)]
pub(super) struct PasswordArgs {
    /// Read the password from the first line of standard input [default: make a random one and print it once]
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordArgs {
    /// The password, and its text where it is to be printed.
    pub(super) fn choose(&self) -> anyhow::Result<(Password, Option<String>)> {
        if !self.password_stdin {
            let password = random_password()?;
            let shown = password.reveal().to_owned();
            return Ok((password, Some(shown)));
        }
        let mut line = String::new();
        io::stdin().lock().take(BYTES).read_line(&mut line).context("the password cannot be read from standard input")?;
        Ok((Password::try_from(line.trim_end_matches(['\r', '\n']).to_owned())?, None))
    }
}
