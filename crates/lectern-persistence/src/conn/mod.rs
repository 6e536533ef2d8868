//! One connection type for both backends, and how to get one.

mod client;
mod connect;
mod enumeration;
mod manager;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod private_file;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod url;

pub use client::Client;
pub use connect::Purpose;
pub(crate) use connect::connect;
pub use enumeration::{Conn, MultiBackend, MultiField, MultiRawValue, MultiRow};
pub(crate) use manager::{Failures, Manager};
#[cfg(feature = "postgres")]
pub(crate) use url::percent_decode;
pub use url::{Backend, DatabaseUrl, UrlError};

/// Compiles a query once for each backend, with the backend's own connection under the given name: for what
/// [`Conn`] itself can't do (batch inserts, `on_conflict`, `union`, `as_returning`) and where a query should cost nothing extra.
///
/// ```ignore
/// with_conn!(conn, c => diesel::insert_into(users::table).values(&rows).on_conflict_do_nothing().execute(c))
/// ```
macro_rules! with_conn {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            #[cfg(feature = "postgres")]
            $crate::conn::Conn::Pg($c) => $query,
            #[cfg(feature = "sqlite")]
            $crate::conn::Conn::Sqlite($c) => $query,
        }
    };
}
pub(crate) use with_conn;
