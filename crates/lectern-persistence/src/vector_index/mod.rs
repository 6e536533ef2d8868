//! Vectors in PostgreSQL, for pgvector: tables of a schema of their own, `lectern_index`, in the main database or another one.
//!
//! They are an index, not a part of Lectern's schema: they are made on demand, hold nothing that is not elsewhere, and migrations, checks and
//! backups pass them by. Each generation has a table; `lectern_index.indexes` says what each is and how far it follows the change log.

mod extension;
mod held;
mod search;
mod table;
mod write;

pub use extension::{Extension, OLDEST, extension, prepare};
pub use held::held;
pub use search::{Nearest, nearest};
pub use table::{Described, VectorTable, clear, describe, drop_table, ensure};
pub use write::{VectorRow, commit, index_if_large, put, remove};

use crate::{Conn, DbError};
use diesel::pg::PgConnection;

/// The longest vectors that can be indexed at all, as `halfvec`.
pub const MOST_DIMENSIONS: u32 = 4_000;

/// The longest vectors that are indexed with all their bits, as `vector`.
const MOST_WHOLE: u32 = 2_000;

/// The connection as what it must be.
pub(crate) fn pg(conn: &mut Conn) -> Result<&mut PgConnection, DbError> {
    match conn {
        Conn::Pg(conn) => Ok(conn),
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => Err(DbError::Data("vectors can be kept in PostgreSQL alone, and this is SQLite".to_owned())),
    }
}
