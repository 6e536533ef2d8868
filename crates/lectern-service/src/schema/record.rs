//! Writing down what migrations do to the catalogue, for who writes migrations.

use lectern_persistence::{
    Backend, DatabaseUrl, DbError,
    migrate::{self, Recording},
};
use std::path::Path;

/// A migration's `catalogue.txt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// For which backend.
    pub backend: &'static str,
    /// The migration.
    pub migration: String,
    /// Whether the file was missing or said something else.
    pub is_new: bool,
}

/// Runs the migrations of a folder in scratch databases, one backend after the other, and writes into the folder of each what it did. `urls` say
/// where such databases can be made.
///
/// # Errors
/// Where a script can't be read, a file can't be written, a database can't be made or a migration fails.
pub fn record(folder: &Path, urls: &[DatabaseUrl]) -> Result<Vec<Recorded>, DbError> {
    let mut all = Vec::new();
    for url in urls {
        let backend = url.backend().as_str();
        let folder = folder.join(backend);
        for Recording { name, changes, is_written } in migrate::record(url, &migrate::in_folder(&folder)?)? {
            if !is_written {
                migrate::write_catalogue(&folder, &name, &changes)?;
            }
            all.push(Recorded { backend, migration: name, is_new: !is_written });
        }
    }
    Ok(all)
}

/// Where scratch databases can be made: beside the first of these that is on PostgreSQL, and for SQLite always.
///
/// # Errors
/// Where one is not the URL of a database.
pub fn scratch_places<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Vec<DatabaseUrl>, DbError> {
    let urls = urls.into_iter().map(str::parse).collect::<Result<Vec<DatabaseUrl>, _>>()?;
    let sqlite = cfg!(feature = "sqlite").then(DatabaseUrl::memory);
    Ok(sqlite.into_iter().chain(urls.into_iter().find(|url| url.backend() == Backend::Postgres)).collect())
}
