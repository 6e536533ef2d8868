//! A migration that keeps the ledger: its row and Diesel's version are written in the transaction of the script.

use super::{
    ledger::{LedgerRow, statement},
    script::Script,
};
use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    connection::BoxableConnection,
    migration::{self, Migration, MigrationMetadata, MigrationName, MigrationVersion},
};
use std::{fmt, time::Instant};

/// A script, as Diesel's harness takes it.
pub(super) struct Recorded<'a>(pub(super) &'a Script);

macro_rules! migrates {
    ($feature:literal, $backend:ty, $connection:ty) => {
        #[cfg(feature = $feature)]
        impl Migration<$backend> for Recorded<'_> {
            fn run(&self, conn: &mut dyn BoxableConnection<$backend>) -> migration::Result<()> {
                let start = Instant::now();
                conn.batch_execute(&self.0.up)?;
                let row = LedgerRow::applied(self.0, Some(start.elapsed()));
                statement!(write &row, conn.downcast_mut::<$connection>().ok_or(ANOTHER)?)?;
                Ok(())
            }

            fn revert(&self, conn: &mut dyn BoxableConnection<$backend>) -> migration::Result<()> {
                conn.batch_execute(&self.0.down)?;
                statement!(remove self.0.version.as_str(), conn.downcast_mut::<$connection>().ok_or(ANOTHER)?)?;
                Ok(())
            }

            fn metadata(&self) -> &dyn MigrationMetadata {
                self
            }

            fn name(&self) -> &dyn MigrationName {
                self
            }
        }
    };
}

/// Diesel hands a migration the connection that it was given.
const ANOTHER: &str = "a connection of another kind";

migrates!("postgres", diesel::pg::Pg, diesel::pg::PgConnection);
migrates!("sqlite", diesel::sqlite::Sqlite, diesel::sqlite::SqliteConnection);

impl MigrationMetadata for Recorded<'_> {
    fn run_in_transaction(&self) -> bool {
        self.0.in_transaction
    }
}

impl MigrationName for Recorded<'_> {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.0.version)
    }
}

impl fmt::Display for Recorded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)
    }
}
