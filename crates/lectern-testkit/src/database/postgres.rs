//! A copy of a migrated template database, which is made once for all processes that test the same migrations.

use super::{Schema, options};
use diesel::connection::SimpleConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use lectern_persistence::{Database, DatabaseOptions, DatabaseUrl, DbError, migrate};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use uuid::Uuid;

/// Names the server. Its user must be allowed to create databases.
const VARIABLE: &str = "LECTERN_TEST_POSTGRES_URL";

/// The lock under which the template is made, in the server's maintenance database.
const TEMPLATE_LOCK: i64 = 0x6c65_6374_7465_7374;

pub(super) struct Copy {
    url: DatabaseUrl,
    name: String,
    server: &'static Server,
}

struct Server {
    url: DatabaseUrl,
    maintenance: Database,
    template: String,
}

impl Copy {
    pub(super) fn new(schema: Schema) -> Option<Self> {
        let server = server()?;
        let name = format!("lectern_test_{}", Uuid::new_v4().simple());
        let template = match schema {
            Schema::Migrated => server.template.as_str(),
            Schema::Empty => "template0",
        };
        server.run(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Some(Self { url: server.url.with_database(&name), name, server })
    }

    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.server.run(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

impl Server {
    fn run(&self, sql: &str) {
        let outcome = self.maintenance.read::<(), DbError>(|conn| Ok(conn.batch_execute(sql)?));
        outcome.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let start = || {
        #[expect(clippy::disallowed_methods, reason = "tests are told of their server by the environment")]
        let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())?;
        let url: DatabaseUrl = url.parse().unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
        // Tests queue for it: making a database takes a moment, and on a busy machine many wait.
        let few = DatabaseOptions { connections: 2, acquire_timeout: Duration::from_secs(120), ..options() };
        let maintenance = Database::open(&url.with_database("postgres"), &few).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
        let template = format!("lectern_template_{:016x}", fingerprint());
        let server = Server { url, maintenance, template };
        server.prepare();
        Some(server)
    };
    SERVER.get_or_init(start).as_ref()
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    found: bool,
}

impl Server {
    /// Makes the template where there is none. It gets its name when it is complete.
    fn prepare(&self) {
        let Self { url, maintenance, template } = self;
        let building = format!("{template}_building");
        let made = maintenance.read::<(), DbError>(|conn| {
            conn.batch_execute(&format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})"))?;
            let there = format!("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = '{template}') AS found");
            if !sql_query(there).get_result::<Found>(conn)?.found {
                conn.batch_execute(&format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)"))?;
                migrate::upgrade(&Database::open(&url.with_database(&building), &options())?)?;
                // Connections end a moment after their handle; none may be left when the name changes.
                conn.batch_execute(&format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{building}'"))?;
                conn.batch_execute(&format!("ALTER DATABASE {building} RENAME TO {template}"))?;
            }
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})"))?;
            Ok(())
        });
        made.unwrap_or_else(|error| panic!("the template database {template}: {error}"));
    }
}

/// Of the migrations' folders: other migrations, another template.
fn fingerprint() -> u64 {
    let mut hash = DefaultHasher::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let folders = fs::read_dir(&root).expect("the migrations are in the workspace");
    let mut folders: Vec<_> = folders.map(|entry| entry.expect("the folder can be read").path()).collect();
    folders.sort();
    for folder in folders {
        hash.write(folder.file_name().unwrap_or_default().as_encoded_bytes());
        hash.write(&fs::read(folder.join("up.sql")).expect("a migration has an up.sql"));
    }
    hash.finish()
}
