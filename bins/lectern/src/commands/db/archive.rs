//! What the commands about archives have in common: where an archive is, and how it is encrypted.

use super::usage;
use crate::context::Context;
use anyhow::Context as _;
use lectern_service::schema::{Input, Keys, Passphrase, Place, Seal};
use std::{
    fs::File,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

/// The most bytes of a passphrase's file.
const PASSPHRASE_BYTES: u64 = 64 * 1024;

/// Parses where an archive is.
pub(super) fn place(text: &str) -> Result<Place, std::convert::Infallible> {
    Ok(if text == "-" { Place::Standard } else { Place::File(PathBuf::from(text)) })
}

/// What an archive is opened with.
#[derive(Debug, clap::Args)]
pub(super) struct KeyArgs {
    /// A file with the age identity that opens an encrypted archive
    #[arg(long, value_name = "FILE")]
    identity: Vec<PathBuf>,
    /// A file whose first line is the archive's passphrase [default: the setting backup.passphrase]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl KeyArgs {
    /// The keys that were named; the passphrase is asked for only where nothing else opens the archive.
    pub(super) fn keys(&self, context: &Context, archive: &Input) -> anyhow::Result<Keys> {
        let mut passphrase = given(self.passphrase_file.as_deref(), context)?;
        if passphrase.is_none() && self.identity.is_empty() && archive.is_encrypted() && io::stdin().is_terminal() {
            passphrase = Some(ask("passphrase: ")?);
        }
        Ok(Keys { identities: self.identity.clone(), passphrase })
    }
}

/// For whom an archive is encrypted.
#[derive(Debug, clap::Args)]
pub(super) struct SealArgs {
    /// Encrypt the archive with age: for the recipients, or else with a passphrase
    #[arg(long)]
    encrypt: bool,
    /// Encrypt for the holder of this key (age1…)
    #[arg(long, value_name = "KEY")]
    recipient: Vec<String>,
}

impl SealArgs {
    pub(super) fn seal(&self, keys: &KeyArgs, context: &Context) -> anyhow::Result<Seal> {
        if !keys.identity.is_empty() {
            return Err(usage(
                "--identity opens an archive, with --verify: to encrypt one for the holder of a key, give --recipient age1…",
            ));
        }
        if !self.recipient.is_empty() && keys.passphrase_file.is_some() {
            return Err(usage(
                "an archive is for the holders of keys or for who knows a passphrase: give --recipient or --passphrase-file, not both",
            ));
        }
        if !self.recipient.is_empty() {
            return Ok(Seal::Recipients(self.recipient.clone()));
        }
        if !self.encrypt && keys.passphrase_file.is_none() {
            return Ok(Seal::Open);
        }
        if let Some(passphrase) = given(keys.passphrase_file.as_deref(), context)? {
            return Ok(Seal::Passphrase(passphrase));
        }
        if !io::stdin().is_terminal() {
            return Err(usage("what to encrypt with? Give --recipient KEY, --passphrase-file FILE, or the setting backup.passphrase"));
        }
        let passphrase = ask("passphrase: ")?;
        if ask("the same again: ")? != passphrase {
            return Err(usage("these are two different passphrases"));
        }
        Ok(Seal::Passphrase(passphrase))
    }
}

/// The passphrase of a file, or else of the settings.
fn given(file: Option<&Path>, context: &Context) -> anyhow::Result<Option<Passphrase>> {
    let Some(path) = file else {
        let setting = context.settings.backup.passphrase.as_ref();
        return Ok(setting.map(|secret| Passphrase::from(secret.expose().clone())));
    };
    let mut text = String::new();
    let file = File::open(path).with_context(|| path.display().to_string())?;
    file.take(PASSPHRASE_BYTES).read_to_string(&mut text).with_context(|| path.display().to_string())?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Some(Passphrase::from(line.to_owned()))),
        _ => Err(usage(&format!("the first line of {} is empty: it is to be the passphrase", path.display()))),
    }
}

fn ask(prompt: &str) -> anyhow::Result<Passphrase> {
    Ok(Passphrase::from(rpassword::prompt_password(prompt).context("the passphrase cannot be read")?))
}
