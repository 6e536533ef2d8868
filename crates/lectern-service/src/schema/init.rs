//! Preparing a server for its databases.

use lectern_persistence::{
    DatabaseUrl, DbError,
    init::{self, Wanted},
};

pub use lectern_persistence::init::{NewRole, Outcome, Prepared};

/// A database that is to be prepared.
#[derive(Debug, Clone)]
pub struct InitSpec {
    /// Its URL; may hold a password.
    pub url: String,
    /// PostgreSQL's extensions that it is to have, where the server has them.
    pub extensions: Vec<String>,
}

/// Makes each database where it does not exist, its extensions and the role that is to use them.
///
/// # Errors
/// What the role of the URL may not do, with the statement that somebody else is to run; failures of the database.
pub fn init(databases: &[InitSpec], role: Option<&NewRole>) -> Result<Vec<Prepared>, DbError> {
    let mut prepared = Vec::with_capacity(databases.len());
    for InitSpec { url, extensions } in databases {
        let url: DatabaseUrl = url.parse()?;
        prepared.push(init::init(&url, &Wanted { extensions: extensions.clone(), role: role.cloned() })?);
    }
    Ok(prepared)
}
