//! Writing migrations.

use super::{Revision, Schema, scratch_places};
use chrono::Utc;
use lectern_persistence::{
    DatabaseUrl, DbError,
    migrate::{
        author::{self, Retimed, Target},
        in_folder,
    },
};
use std::path::{Path, PathBuf};

/// What is compared with the Diesel schema.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// The folder of the Diesel schema's files.
    pub schema: &'a Path,
    /// One database of each backend at hand.
    pub targets: Vec<Target>,
    /// Whether what the Diesel schema does not have may be dropped.
    pub may_destroy: bool,
}

/// The databases to compare: `scratch`, which are at head, and where there is none of a backend one that is made beside one of `urls`.
///
/// # Errors
/// Where one is not the URL of a database.
pub fn targets<'a>(scratch: impl IntoIterator<Item = &'a str>, urls: impl IntoIterator<Item = &'a str>) -> Result<Vec<Target>, DbError> {
    let given = scratch.into_iter().map(str::parse).collect::<Result<Vec<DatabaseUrl>, _>>()?;
    let mut targets: Vec<Target> = given.into_iter().map(Target::Given).collect();
    for place in scratch_places(urls)? {
        if targets.iter().all(|target| target.backend() != place.backend()) {
            targets.push(Target::Beside(place));
        }
    }
    Ok(targets)
}

/// Writes a new migration below `folder` and returns its files. With a comparison, its scripts begin with what differs between the databases and
/// the Diesel schema.
///
/// # Errors
/// As [`author::compare`] and [`author::create`].
pub fn write(folder: &Path, message: &str, comparison: Option<&Comparison<'_>>) -> Result<Vec<PathBuf>, DbError> {
    let mut compared = Vec::new();
    if let Some(Comparison { schema, targets, may_destroy }) = comparison {
        for target in targets {
            let scripts = in_folder(&folder.join(target.backend().as_str()))?;
            compared.push((target.backend(), author::compare(target, &scripts, schema, *may_destroy)?));
        }
    }
    author::create(folder, message, Utc::now(), &compared)
}

/// Gives a migration of `folder` that is not applied a time after all others.
///
/// # Errors
/// As [`author::retime`].
pub fn retime(schema: &Schema, folder: &Path, revision: &Revision) -> Result<Retimed, DbError> {
    author::retime(&schema.migrator(), folder, revision, Utc::now())
}
