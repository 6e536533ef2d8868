//! A database for a test, gone with it.

mod contents;
pub mod full;
mod postgres;
mod rows;
mod sqlite;

pub use contents::Contents;
use lectern_persistence::{Conn, Database, DatabaseOptions, DatabaseUrl, DbError, Tx};
pub use rows::lines;
use std::fmt;

/// A database that one test has for itself: dropped with this value, whoever still holds a connection.
pub struct TestDatabase {
    // Declared in the order of going: the handle first, then what it is open on.
    database: Option<Database>,
    place: Place,
}

enum Place {
    Sqlite(sqlite::File),
    Postgres(postgres::Copy),
}

/// How far a new database is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schema {
    Migrated,
    Empty,
}

impl TestDatabase {
    /// A migrated SQLite database in a folder of its own.
    pub fn sqlite() -> Self {
        Self::new(Place::Sqlite(sqlite::File::new(Schema::Migrated)), Schema::Migrated)
    }

    /// A migrated PostgreSQL database, where `LECTERN_TEST_POSTGRES_URL` names a server on which databases may be created.
    pub fn postgres() -> Option<Self> {
        postgres::Copy::new(Schema::Migrated).map(|copy| Self::new(Place::Postgres(copy), Schema::Migrated))
    }

    /// One migrated database for each backend at hand: SQLite always.
    pub fn all() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres()].into_iter().flatten().collect()
    }

    /// As [`TestDatabase::all`], before any migration.
    pub fn all_empty() -> Vec<Self> {
        let sqlite = Self::new(Place::Sqlite(sqlite::File::new(Schema::Empty)), Schema::Empty);
        [Some(sqlite), Self::postgres_empty()].into_iter().flatten().collect()
    }

    /// A PostgreSQL database before any migration, where there is a server.
    pub fn postgres_empty() -> Option<Self> {
        postgres::Copy::new(Schema::Empty).map(|copy| Self::new(Place::Postgres(copy), Schema::Empty))
    }

    fn new(place: Place, schema: Schema) -> Self {
        let mut new = Self { database: None, place };
        let database = new.open(&options());
        if schema == Schema::Migrated {
            // A copy of a template would share its id.
            database.write::<(), DbError>(fresh_installation).expect("a new database can be written");
        }
        new.database = Some(database);
        new
    }

    /// The handle that this value holds.
    pub fn database(&self) -> &Database {
        self.database.as_ref().expect("the handle is there until the drop")
    }

    /// Another handle, as another process would have it.
    pub fn open(&self, options: &DatabaseOptions) -> Database {
        Database::open(self.url(), options).unwrap_or_else(|error| panic!("on {}: {error}", self.name()))
    }

    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        match &self.place {
            Place::Sqlite(file) => file.url(),
            Place::Postgres(copy) => copy.url(),
        }
    }

    /// `sqlite` or `postgres`, for messages.
    pub fn name(&self) -> &'static str {
        self.url().backend().as_str()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the test failed on {}", self.name());
        }
    }
}

impl fmt::Debug for TestDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestDatabase({})", self.url())
    }
}

/// Runs a test on a migrated database of each backend at hand. A failure tells which one it was.
pub fn on_every_database(test: impl Fn(&TestDatabase)) {
    for database in TestDatabase::all() {
        test(&database);
    }
}

/// Does something to a database that no use case does, such as breaking it.
pub fn execute(database: &Database, sql: &str) {
    use diesel::connection::SimpleConnection as _;
    let text = sql.to_owned();
    let done = database.write::<(), DbError>(move |tx| Ok(tx.conn().batch_execute(&text)?));
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The same outside a transaction, on PostgreSQL: for what makes and removes databases.
pub fn statement(database: &Database, sql: &str) {
    use diesel::connection::SimpleConnection as _;
    let done = database.read::<(), DbError>(|conn| Ok(conn.batch_execute(sql)?));
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Does something beside a transaction of PostgreSQL's that has run `sql`, which is undone afterwards.
pub fn beside<T>(database: &Database, sql: &str, work: impl FnOnce() -> T) -> T {
    use diesel::connection::SimpleConnection as _;
    let done = database.read::<_, DbError>(|conn| {
        conn.batch_execute(&format!("BEGIN; {sql}"))?;
        let done = work();
        conn.batch_execute("ROLLBACK")?;
        Ok(done)
    });
    done.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The `number` that a query gives.
///
/// # Errors
/// What the database says.
pub fn number(conn: &mut Conn, sql: &str) -> Result<i64, DbError> {
    use diesel::RunQueryDsl as _;
    #[derive(diesel::QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    Ok(diesel::sql_query(sql).get_result::<Number>(conn)?.number)
}

/// Few connections: hundreds of tests share a server.
fn options() -> DatabaseOptions {
    DatabaseOptions { connections: 4, ..DatabaseOptions::default() }
}

fn fresh_installation(tx: &mut Tx<'_>) -> Result<(), DbError> {
    use diesel::{ExpressionMethods, RunQueryDsl};
    use lectern_persistence::schema::installation;
    let uid = lectern_persistence::types::UuidValue(uuid::Uuid::new_v4());
    diesel::update(installation::table).set(installation::uid.eq(uid)).execute(tx.conn())?;
    Ok(())
}
