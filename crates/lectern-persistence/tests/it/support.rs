//! What several tests need.

use diesel::RunQueryDsl;
use lectern_persistence::{Conn, DatabaseUrl, DbError, Tx};

/// The tables of LangGraph's savers, which are made by our migrations or by Python, and are not Rust's.
pub(crate) const BESIDE: &[&str] = &["checkpoint_blobs", "checkpoint_migrations", "checkpoint_writes", "checkpoints", "writes"];

#[derive(diesel::QueryableByName)]
pub(crate) struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) line: String,
}

/// The answers of a query with one text column `line`.
pub(crate) fn lines(conn: &mut Conn, sql: &str) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter().map(|row| row.line).collect()
}

/// Adds a row that needs no other.
pub(crate) fn add_source(tx: &mut Tx<'_>, name: &str) -> Result<(), DbError> {
    use diesel::ExpressionMethods;
    use lectern_persistence::schema::sources;
    diesel::insert_into(sources::table).values(sources::source_name.eq(name)).execute(tx.conn())?;
    Ok(())
}

/// The names that [`add_source`] added.
pub(crate) fn sources(database: &lectern_persistence::Database) -> Vec<String> {
    use diesel::QueryDsl;
    use lectern_persistence::schema::sources;
    let read = database.read::<_, DbError>(|conn| Ok(sources::table.select(sources::source_name).order(sources::id).load(conn)?));
    read.expect("sources can be read")
}

/// The value of an environment variable that a test is told of a server by.
pub(crate) fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "tests are told of their servers by the environment")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A URL that must parse.
pub(crate) fn url(text: &str) -> DatabaseUrl {
    text.parse().expect("a database URL")
}
