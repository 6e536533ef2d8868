//! `lectern db init`, and the scripts that do the same at a container's first start.

use crate::support::{Done, Place, done};
use lectern_testkit::{
    TestDatabase,
    database::{lines, statement},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// Quotes of both kinds, a blank and letters that are normalised.
const PASSWORD: &str = "s3cret'\"\\ \u{e9}\u{2168}";

/// A PostgreSQL server, and names on it that are gone afterwards.
struct Server {
    /// A database to ask from, as a superuser.
    at: TestDatabase,
    place: Place,
    number: u32,
}

impl Server {
    fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Some(at) = TestDatabase::postgres() else {
            println!("skipped: LECTERN_TEST_POSTGRES_URL names no server");
            return None;
        };
        Some(Self { at, place: Place::sqlite(), number: NUMBER.fetch_add(1, Ordering::Relaxed) })
    }

    /// A name of this test's own, for a database or a role. With characters that must be quoted.
    fn name(&self, what: &str) -> String {
        format!("lectern Init-{}-{}-{what}", std::process::id(), self.number)
    }

    /// A database's URL, for who is to sign in.
    fn url(&self, database: &str, user: Option<(&str, &str)>) -> String {
        let url = self.at.url().with_database(&encoded(database)).expose();
        let Some((name, password)) = user else { return url };
        let host = url.rsplit_once('@').expect("a user").1;
        format!("postgresql://{}:{}@{host}", encoded(name), encoded(password))
    }

    fn command(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = self.place.command(arguments);
        command.env("LECTERN__DATABASE__URL", url).env("LECTERN__DATABASE__ROLE_PASSWORD", PASSWORD);
        command
    }

    #[track_caller]
    fn run(&self, url: &str, arguments: &[&str]) -> Done {
        let done = done(self.command(url, arguments));
        for secret in [PASSWORD, "s3cret", "SCRAM-SHA-256"] {
            assert!(!done.out.contains(secret) && !done.err.contains(secret), "{arguments:?} shows a password: {done:?}");
        }
        done
    }

    #[track_caller]
    fn json(&self, url: &str, arguments: &[&str]) -> Value {
        let done = self.run(url, &[arguments, &["--json"]].concat());
        assert_eq!(done.code, Some(0), "{arguments:?}: {done:?}");
        serde_json::from_str(&done.out).unwrap()
    }

    /// The error of a command that is not allowed.
    #[track_caller]
    fn refused(&self, url: &str, arguments: &[&str], statement: &str) {
        let done = self.run(url, arguments);
        assert_eq!(done.code, Some(4), "{arguments:?}: {done:?}");
        assert!(done.err.trim_end().ends_with(&format!("let somebody who may do so run there: {statement}")), "{done:?}");
    }

    /// What a database and a role are, without their names.
    fn facts(&self, database: &str, role: &str) -> Vec<String> {
        let url = self.url(database, None).parse().unwrap();
        let options = lectern_testkit::persistence::DatabaseOptions { connections: 1, ..Default::default() };
        let at = lectern_testkit::persistence::Database::open(&url, &options).unwrap();
        let sql = format!(
            "SELECT concat('extension ', extname) AS line FROM pg_extension
             UNION ALL SELECT concat_ws(' ', 'role', rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolinherit, rolreplication, rolbypassrls,
                 rolconnlimit, left(rolpassword, 14)) FROM pg_authid WHERE rolname = '{role}'
             UNION ALL SELECT concat_ws(' ', 'database', a.privilege_type, a.is_grantable) FROM pg_database, aclexplode(datacl) a
                 WHERE datname = current_database() AND a.grantee = '\"{role}\"'::regrole
             UNION ALL SELECT concat_ws(' ', 'schema', nspname, a.privilege_type, a.is_grantable) FROM pg_namespace, aclexplode(nspacl) a
                 WHERE a.grantee = '\"{role}\"'::regrole
             UNION ALL SELECT concat_ws(' ', 'later', defaclnamespace::regnamespace, defaclobjtype, a.privilege_type) FROM pg_default_acl, aclexplode(defaclacl) a
                 WHERE a.grantee = '\"{role}\"'::regrole
             ORDER BY 1"
        );
        lines(&at, &sql)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for number in ["a", "b"] {
            statement(self.at.database(), &format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name(number)));
        }
        for role in ["role", "other"] {
            statement(self.at.database(), &format!("DROP ROLE IF EXISTS \"{}\"", self.name(role)));
        }
    }
}

/// As a part of a URL.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[test]
fn a_server_is_prepared_and_preparing_it_again_changes_nothing() {
    let Some(server) = Server::new() else { return };
    let (database, role) = (server.name("a"), server.name("role"));
    let admin = server.url(&database, None);
    let made = server.json(&admin, &["db", "init", "--role", &role])["databases"][0].clone();
    assert_eq!((&made["outcome"], &made["role"]), (&json!("made"), &json!({ "name": role, "outcome": "made" })));
    let extensions: Vec<&str> = made["extensions"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(extensions, ["vector", "uuid-ossp", "hstore"]);
    assert!(made["extensions"].as_array().unwrap().iter().all(|one| one["outcome"] != "there"), "{made}");

    let facts = server.facts(&database, &role);
    assert!(facts.contains(&"role t f f f t f f -1 SCRAM-SHA-256$".to_owned()), "{facts:?}");
    let again = server.json(&admin, &["db", "init", "--role", &role])["databases"][0].clone();
    assert_eq!((&again["outcome"], &again["role"]["outcome"]), (&json!("there"), &json!("there")));
    let made_again = again["extensions"].as_array().unwrap().iter().filter(|one| one["outcome"] == "made").count();
    assert_eq!((made_again, server.facts(&database, &role)), (0, facts));

    // The role migrates, and uses what it made.
    let own = server.url(&database, Some((&role, PASSWORD)));
    assert_eq!(server.run(&own, &["db", "upgrade"]).code, Some(0));
    assert_eq!(server.run(&own, &["user", "add", "ann", "ann@example.org", "--json"]).code, Some(0));
}

#[test]
fn the_database_of_vectors_is_prepared_with_the_main_one() {
    let Some(server) = Server::new() else { return };
    let [main, vectors, role] = ["a", "b", "role"].map(|what| server.name(what));
    let mut command = server.command(&server.url(&main, None), &["db", "init", "--role", &role, "--json"]);
    command.env("VECTOR_DATABASE_URL", server.url(&vectors, None));
    let done = done(command);
    assert_eq!(done.code, Some(0), "{done:?}");
    let made = serde_json::from_str::<Value>(&done.out).unwrap()["databases"].clone();
    assert_eq!([&made[0]["outcome"], &made[1]["outcome"]], ["made", "made"]);
    assert_eq!([&made[0]["role"]["outcome"], &made[1]["role"]["outcome"]], ["made", "there"]);
    let names: Vec<_> = made[1]["extensions"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["vector"]);
    // Indexes of vectors are in a schema that the role makes.
    assert!(server.facts(&vectors, &role).contains(&"database CREATE f".to_owned()));
}

#[test]
fn the_role_uses_what_somebody_else_migrated_before_or_migrates_later() {
    let Some(server) = Server::new() else { return };
    let (database, role) = (server.name("a"), server.name("role"));
    let (admin, own) = (server.url(&database, None), server.url(&database, Some((&role, PASSWORD))));
    assert_eq!(server.run(&admin, &["db", "init"]).code, Some(0));
    assert_eq!(server.run(&admin, &["db", "upgrade", "20261121000100"]).code, Some(0));
    assert_eq!(server.run(&admin, &["db", "init", "--role", &role]).code, Some(0));
    assert_eq!(server.run(&admin, &["db", "upgrade"]).code, Some(0));
    let added = server.run(&own, &["user", "add", "ann", "ann@example.org", "--json"]);
    assert_eq!(added.code, Some(0), "{added:?}");
    server.place.write("a.jsonl", "{\"_id\": \"a\", \"text\": \"The ferry crosses.\"}\n");
    let added = server.run(&own, &["corpus", "add", "a.jsonl", "--collection", "boats", "--language", "en"]);
    assert_eq!(added.code, Some(0), "{added:?}");
}

#[test]
fn what_the_url_s_role_may_not_do_is_told_with_the_statement() {
    let Some(server) = Server::new() else { return };
    let (database, role, other) = (server.name("a"), server.name("role"), server.name("other"));
    statement(server.at.database(), &format!("CREATE ROLE \"{role}\" LOGIN PASSWORD 'x'"));
    let own = server.url(&database, Some((&role, "x")));
    server.refused(&own, &["db", "init"], &format!("CREATE DATABASE \"{database}\""));

    statement(server.at.database(), &format!("CREATE DATABASE \"{database}\""));
    let some = lines(server.at.database(), "SELECT name::text AS line FROM pg_available_extensions WHERE name IN ('vector', 'hstore')");
    if let Some(extension) = some.first() {
        server.place.write("lectern.toml", format!("[database]\nextensions = [\"{extension}\"]\n"));
        server.refused(&own, &["db", "init"], &format!("CREATE EXTENSION IF NOT EXISTS \"{extension}\""));
    }
    server.place.write("lectern.toml", "[database]\nextensions = []\n");
    server.refused(&own, &["db", "init", "--role", &other], &format!("CREATE ROLE \"{other}\" LOGIN PASSWORD '\u{2026}'"));
    statement(server.at.database(), &format!("CREATE ROLE \"{other}\" LOGIN"));
    let grant = format!("GRANT CONNECT, CREATE, TEMPORARY ON DATABASE \"{database}\" TO \"{other}\"");
    server.refused(&own, &["db", "init", "--role", &other, "--no-password"], &grant);
}

#[test]
fn a_password_is_piped_read_from_a_file_or_missed() {
    let Some(server) = Server::new() else { return };
    let (database, role) = (server.name("a"), server.name("role"));
    let admin = server.url(&database, None);
    let mut none = server.command(&admin, &["db", "init", "--role", &role]);
    none.env_remove("LECTERN__DATABASE__ROLE_PASSWORD");
    let missed = done(none);
    assert!(missed.code == Some(1) && missed.err.contains("--password-stdin"), "{missed:?}");
    assert_eq!(server.run(&admin, &["db", "init", "--role", &role, "--no-password"]).code, Some(0));
    let verifier =
        || lines(server.at.database(), &format!("SELECT coalesce(rolpassword, 'none') AS line FROM pg_authid WHERE rolname = '{role}'"));
    assert_eq!(verifier(), ["none"]);

    server.place.write("password", "from-a-file\n");
    let mut file = server.command(&admin, &["db", "init", "--role", &role]);
    file.env_remove("LECTERN__DATABASE__ROLE_PASSWORD").env("LECTERN__DATABASE__ROLE_PASSWORD_FILE", "password");
    assert_eq!(done(file).code, Some(0));
    let of_file = verifier();
    assert!(of_file[0].starts_with("SCRAM-SHA-256$"), "{of_file:?}");

    let mut piped = server.command(&admin, &["db", "init", "--role", &role, "--password-stdin"]);
    let mut child = piped.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"piped\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert_ne!(verifier(), of_file);
}

fn scripts() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy/postgres/init")
}

#[test]
fn a_container_s_first_start_makes_the_same() {
    let Some(server) = Server::new() else { return };
    if Command::new("psql").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("skipped: there is no psql");
        return;
    }
    let (ours, theirs, role, other) = (server.name("a"), server.name("b"), server.name("role"), server.name("other"));
    assert_eq!(server.run(&server.url(&ours, None), &["db", "init", "--role", &role]).code, Some(0));

    statement(server.at.database(), &format!("CREATE DATABASE \"{theirs}\""));
    let url = server.at.url().expose();
    let (user, rest) = url.strip_prefix("postgresql://").unwrap().rsplit_once('@').unwrap();
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = rest.split('/').next().unwrap().rsplit_once(':').unwrap();
    let data = server.place.path("cluster");
    server.place.write("cluster/postgresql.conf", "# made by initdb\n");
    // As the image's entrypoint does, twice: a start that was cut off begins anew.
    for _ in 0..2 {
        let mut files: Vec<PathBuf> = fs::read_dir(scripts()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let mut command = match file.extension().and_then(|extension| extension.to_str()) {
                Some("sh") => Command::new(&file),
                Some("sql") => {
                    let mut psql = Command::new("psql");
                    psql.args(["--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--username", user, "--dbname", &theirs, "--file"]).arg(&file);
                    psql
                }
                _ => continue,
            };
            command.env("PGHOST", host).env("PGPORT", port).env("PGPASSWORD", password).env("PGDATA", &data);
            command
                .env("POSTGRES_USER", user)
                .env("POSTGRES_DB", &theirs)
                .env("LECTERN_ROLE", &other)
                .env("LECTERN_ROLE_PASSWORD", PASSWORD);
            let ran = done(command);
            assert_eq!(ran.code, Some(0), "{}: {ran:?}", file.display());
            assert!(!ran.out.contains("s3cret") && !ran.err.contains("s3cret"), "{ran:?}");
        }
    }
    let facts = server.facts(&ours, &role);
    assert!(facts.len() > 10, "{facts:?}");
    assert_eq!(server.facts(&theirs, &other), facts);
    let conf = fs::read_to_string(data.join("postgresql.conf")).unwrap();
    assert_eq!(conf, "# made by initdb\ninclude 'lectern.conf'\n");
    assert_eq!(fs::read(data.join("lectern.conf")).unwrap(), fs::read(scripts().join("postgresql.conf")).unwrap());
}

/// A number with PostgreSQL's units, in the unit of its setting.
fn in_unit(value: &str, unit: &str) -> f64 {
    let units = [
        ("kB", 1024.0),
        ("MB", 1_048_576.0),
        ("GB", 1_073_741_824.0),
        ("8kB", 8_192.0),
        ("ms", 1.0),
        ("min", 60_000.0),
        ("s", 1_000.0),
        ("", 1.0),
    ];
    let factor = |name: &str| units.iter().find(|(unit, _)| *unit == name).unwrap_or_else(|| panic!("{name} is no unit")).1;
    let digits = value.find(|char: char| !char.is_ascii_digit() && char != '.' && char != '-').unwrap_or(value.len());
    let number: f64 = value[..digits].parse().unwrap();
    if value[digits..].is_empty() { number } else { number * factor(&value[digits..]) / factor(unit) }
}

#[test]
fn the_server_takes_every_setting_of_the_file() {
    let Some(server) = Server::new() else { return };
    let text = fs::read_to_string(scripts().join("postgresql.conf")).unwrap();
    let settings: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, value)| (name, value.trim_matches('\'')))
        .collect();
    assert!(settings.len() > 20);
    for (name, value) in settings {
        let sql = format!(
            "SELECT concat_ws('|', vartype, coalesce(unit, ''), coalesce(min_val, ''), coalesce(max_val, ''), coalesce(array_to_string(enumvals, ','), '')) AS line
               FROM pg_settings WHERE name = '{}'",
            // Its view has them as they were first written.
            if name.eq_ignore_ascii_case("timezone") { "TimeZone" } else { name }
        );
        let known = lines(server.at.database(), &sql);
        assert_eq!(known.len(), 1, "PostgreSQL knows no setting {name}");
        let [kind, unit, least, most, words] = known[0].splitn(5, '|').collect::<Vec<_>>()[..] else { panic!("{known:?}") };
        let fits = match kind {
            "bool" => ["on", "off"].contains(&value),
            "enum" => words.split(',').any(|word| word == value) || ["on", "off"].contains(&value),
            "integer" | "real" => (least.parse().unwrap()..=most.parse::<f64>().unwrap()).contains(&in_unit(value, unit)),
            _ => !value.is_empty(),
        };
        assert!(fits, "{name} = {value}: {known:?}");
    }
}

#[test]
fn on_sqlite_there_is_a_file_and_no_role() {
    let place = Place::sqlite();
    let run = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("LECTERN__DATABASE__URL", format!("sqlite://{}", place.path("new/lectern.db").display()));
        done(command)
    };
    let refused = run(&["db", "init", "--role", "ann", "--no-password"]);
    assert!(refused.code == Some(2) && refused.err.contains("SQLite has no roles"), "{refused:?}");
    for outcome in ["made", "was there"] {
        let done = run(&["db", "init"]);
        assert!(done.code == Some(0) && done.out.ends_with(&format!("{outcome}\n")), "{done:?}");
    }
    assert!(place.path("new/lectern.db").is_file());
}
