//! The migrations, compiled in.

use crate::conn::Backend;
use crate::error::DbError;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
#[cfg(feature = "sqlite")]
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The migrations of a backend, the oldest first.
pub(super) fn migrations<DB: diesel::backend::Backend>(backend: Backend) -> Result<Vec<Box<dyn Migration<DB>>>, DbError> {
    let found = match backend {
        #[cfg(feature = "postgres")]
        Backend::Postgres => MigrationSource::<DB>::migrations(&POSTGRES),
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => MigrationSource::<DB>::migrations(&SQLITE),
        #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
        _ => Ok(Vec::new()),
    };
    let mut all = found.map_err(|source| DbError::Migration { name: "list".to_owned(), source })?;
    all.sort_by_key(|migration| migration.name().version().as_owned());
    Ok(all)
}
