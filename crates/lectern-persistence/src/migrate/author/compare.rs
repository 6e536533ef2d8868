//! How a database differs from the Diesel schema, as Diesel's command line sees it.

use super::{AuthorError, DIESEL, declared::declared, tidy};
use crate::{
    conn::{Backend, DatabaseUrl},
    database::{Database, DatabaseOptions, Scratch},
    error::DbError,
    migrate::{Migrator, Revision, Script, State, UpgradeOptions},
};
use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::Path,
    process::{Command, Stdio},
};

/// Statements that lead from a database at head to the Diesel schema, and back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// There.
    pub up: String,
    /// And back.
    pub down: String,
}

/// The database that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// One that is made for the purpose beside this one, and taken to head.
    Beside(DatabaseUrl),
    /// This one, which must be at head.
    Given(DatabaseUrl),
}

impl Target {
    /// Which backend it is on.
    pub fn backend(&self) -> Backend {
        let (Self::Beside(url) | Self::Given(url)) = self;
        url.backend()
    }
}

/// Compares a database with the Diesel schema, whose files are in the folder `schema`. Head is the last one of `scripts`.
///
/// # Errors
/// [`AuthorError::NoDiesel`], [`AuthorError::Diesel`], [`AuthorError::NotAtHead`]; [`AuthorError::Destructive`] where something would be
/// dropped and `may_destroy` is not set; failures of the database and of files.
pub fn compare(target: &Target, scripts: &[Script], schema: &Path, may_destroy: bool) -> Result<Compared, DbError> {
    let compared = match target {
        Target::Beside(url) => {
            let scratch = Scratch::beside(url)?;
            Migrator::with_scripts(scratch.database(), scripts.to_vec()).upgrade(&Revision::Head, UpgradeOptions::default())?;
            run(scratch.database(), scripts, &declared(schema, url.backend())?)?
        }
        Target::Given(url) => {
            let database = Database::open(url, &DatabaseOptions { connections: 1, ..DatabaseOptions::default() })?;
            check_head(&database, scripts)?;
            run(&database, scripts, &declared(schema, url.backend())?)?
        }
    };
    let statements = tidy::destructive(&compared.up);
    if !statements.is_empty() && !may_destroy {
        return Err(AuthorError::Destructive { statements }.into());
    }
    Ok(compared)
}

fn check_head(database: &Database, scripts: &[Script]) -> Result<(), DbError> {
    let history = Migrator::with_scripts(database, scripts.to_vec()).history()?;
    let unknown = history.iter().filter(|step| matches!(step.state, State::Future | State::Missing)).count();
    let pending = history.iter().filter(|step| step.state != State::Applied).count() - unknown;
    if pending + unknown > 0 {
        return Err(AuthorError::NotAtHead { pending, unknown }.into());
    }
    Ok(())
}

/// Runs Diesel's command line in a folder of its own, and takes what it writes.
fn run(database: &Database, scripts: &[Script], schema: &str) -> Result<Compared, DbError> {
    let folder = tempfile::tempdir().map_err(|source| DbError::Io { path: std::env::temp_dir(), source })?;
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| fs::write(path(name), text).map_err(|source| DbError::Io { path: path(name), source });
    write("schema.rs", schema)?;
    write("diesel.toml", "[print_schema]\nfile = \"schema.rs\"\n")?;
    fs::create_dir(path("migrations")).map_err(|source| DbError::Io { path: path("migrations"), source })?;
    let output = Command::new(DIESEL)
        .args(["migration", "generate", "compared", "--version", "1", "--diff-schema=schema.rs"])
        .args(["--migration-dir", "migrations", "--config-file", "diesel.toml", "--except-tables"])
        .args(shared(scripts).iter().map(|table| format!("^{table}$")).chain(["^__".to_owned()]))
        // A password on the command line could be read by everybody on the machine.
        .env("DATABASE_URL", database.place())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => AuthorError::NoDiesel,
        _ => AuthorError::Diesel(error.to_string()),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        return Err(AuthorError::Diesel(database.url().without_secrets(&said)).into());
    }
    let read = |file: &str| {
        let path = path("migrations").join("1_compared").join(file);
        fs::read_to_string(&path).map_err(|source| DbError::Io { path, source })
    };
    Ok(tidy::tidied(&read("up.sql")?, &read("down.sql")?, database.backend() == Backend::Sqlite))
}

/// The tables that migrations make only where they are absent: others use them too, and our Diesel schema may not have them.
fn shared(scripts: &[Script]) -> BTreeSet<String> {
    let mut tables = BTreeSet::new();
    for script in scripts {
        let words: Vec<&str> =
            script.up.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty()).collect();
        for [create, table, condition @ .., name] in words.windows(6).filter_map(|words| words.as_array::<6>()) {
            let all = [create, table].into_iter().chain(condition);
            if all.zip(["create", "table", "if", "not", "exists"]).all(|(word, expected)| word.eq_ignore_ascii_case(expected)) {
                tables.insert((*name).to_owned());
            }
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_may_be_there_are_shared() {
        let up = "CREATE TABLE mine (id INTEGER);\nCREATE TABLE\n  IF NOT EXISTS \"theirs\" (id INTEGER);\ncreate table if not exists others(id INTEGER);";
        let script = Script::new("2026-01-01-000001_a", up, "", true);
        assert_eq!(shared(&[script]).into_iter().collect::<Vec<_>>(), ["others", "theirs"]);
    }
}
