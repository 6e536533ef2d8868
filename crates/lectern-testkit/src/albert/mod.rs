//! The database of an Albert API, at the head of its own migrations.

use crate::database::{TestDatabase, execute};
use diesel::{QueryableByName, RunQueryDsl};
use lectern_persistence::DbError;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Rows of every table; their times are Paris', as the database says. Everybody's password is `changeme`.
const ROWS: &str = include_str!("rows.sql");

/// The API token of the user `reader`.
pub const API_TOKEN: &str = "0b1b6b0c-43a5-4a02-9b33-1f9f0f4d7d6e";

/// The key that signed the sessions.
pub const SECRET_KEY: &str = "the-key-of-the-albert-api";

/// A session of the user `reader`, until the year 2100.
pub const SESSION: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjQxMDI0NDQ4MDAsImlhdCI6MTc2MzcwMDAwMCwic3ViIjoiMiJ9.Gy6QnDHjmAyfKf9Plh889PTL-tA1uly4r0MqBLVgmmY";

/// Another one, which was ended.
pub const ENDED_SESSION: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjQxMDI0NDQ4MDEsImlhdCI6MTc2MzcwMDAwMSwic3ViIjoiMiJ9.zvTQ_rISG36na6JUyN-i6UG-4hYjOpmAHrGgaenv2VQ";

/// Links for a new password: one of the user `reader` that is new, one of the user `admin` that is over, and one of nobody.
pub const RESET_TOKENS: [&str; 3] =
    ["5d3c1a90f1f04e0aa2f6cbb0a3a3f5d1", "77c8f9d0a7a24f6ea4a0f5be8a6f0c22", "00000000000000000000000000000000"];

/// A database with the tables alone. None where there is no PostgreSQL, or the tables' script is absent from the folder of shared material beside the
/// workspace, or in `LECTERN_SHARED`.
pub fn empty() -> Option<TestDatabase> {
    #[expect(clippy::disallowed_methods, reason = "tests are told of outside data by the environment")]
    let named = std::env::var_os("LECTERN_SHARED").map(PathBuf::from);
    let shared = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let script = shared.join("data/albert-database/schema.sql");
    let Ok(script) = fs::read_to_string(&script) else {
        println!("skipped: {} is absent", script.display());
        return None;
    };
    let Some(database) = TestDatabase::postgres_empty() else {
        println!("skipped: no PostgreSQL");
        return None;
    };
    execute(database.database(), &script);
    Some(database)
}

/// The same with rows of every table.
pub fn filled() -> Option<TestDatabase> {
    let database = empty()?;
    // For the sessions to come; this one is in UTC, and so are its times that are told by `now()`.
    let zone = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Europe/Paris''', current_database()); END $$; SET LOCAL TimeZone = 'Europe/Paris';";
    execute(database.database(), &format!("{zone}\n{ROWS}"));
    Some(database)
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// Every table, index and sequence with what the server knows it by, and what each holds, a line each: equal where nothing was changed.
pub fn contents(database: &TestDatabase) -> Vec<String> {
    let read = database.database().read::<_, DbError>(|conn| {
        let mut lines = |sql: &str| -> Result<Vec<String>, DbError> {
            let rows: Vec<Line> = diesel::sql_query(sql).load(conn)?;
            Ok(rows.into_iter().map(|row| row.line).collect())
        };
        let mut all = lines(
            "SELECT concat(c.relkind, ' ', n.nspname, '.', c.relname, ' ', c.oid, ' ', c.relfilenode) AS line
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_|^information_schema$'
              UNION ALL SELECT concat('t ', n.nspname, '.', t.typname, ' ', t.oid) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                         WHERE n.nspname !~ '^pg_|^information_schema$'
              UNION ALL SELECT concat('s ', schemaname, '.', sequencename, ' ', last_value) FROM pg_sequences ORDER BY 1",
        )?;
        for table in lines("SELECT format('%I.%I', schemaname, tablename) AS line FROM pg_tables WHERE schemaname !~ '^pg_|^information_schema$' ORDER BY 1")? {
            all.extend(lines(&format!("SELECT concat('{table} ', r::text) AS line FROM {table} AS r ORDER BY 1"))?);
        }
        Ok(all)
    });
    read.unwrap_or_else(|error| panic!("what is in the database: {error}"))
}
