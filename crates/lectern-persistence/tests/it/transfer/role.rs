//! A database of PostgreSQL's for a role that is no superuser.

use lectern_persistence::{Database, DatabaseOptions, DatabaseUrl, migrate};
use lectern_testkit::{TestDatabase, database::statement};

/// A migrated database that belongs to a role of its own; both are gone with this value.
pub(super) struct OfRole {
    test: Option<TestDatabase>,
    pub(super) role: String,
}

impl OfRole {
    /// None, and a line that says so, where there is no server.
    pub(super) fn new() -> Option<Self> {
        let Some(test) = TestDatabase::postgres_empty() else {
            println!("skipped: LECTERN_TEST_POSTGRES_URL names no server");
            return None;
        };
        let name = test.url().database_name().expect("a name").to_owned();
        let role = format!("{name}_role");
        statement(test.database(), &format!("CREATE ROLE {role} LOGIN PASSWORD 'of-role'"));
        statement(test.database(), &format!("ALTER DATABASE {name} OWNER TO {role}"));
        let new = Self { test: Some(test), role };
        migrate::upgrade(&new.open()).expect("upgraded");
        Some(new)
    }

    /// As the superuser sees it.
    pub(super) fn test(&self) -> &TestDatabase {
        self.test.as_ref().expect("it is there until the drop")
    }

    /// As the role sees it.
    pub(super) fn open(&self) -> Database {
        let url = self.test().url().expose();
        let host = url.rsplit_once('@').expect("a user").1;
        let url: DatabaseUrl = format!("postgresql://{}:of-role@{host}", self.role).parse().expect("a URL");
        Database::open(&url, &DatabaseOptions { connections: 2, ..DatabaseOptions::default() }).expect("the role may connect")
    }
}

impl Drop for OfRole {
    fn drop(&mut self) {
        // The database first: what a role owns keeps it.
        self.test = None;
        if let Some(other) = TestDatabase::postgres_empty() {
            statement(other.database(), &format!("DROP ROLE IF EXISTS {}", self.role));
        }
    }
}
