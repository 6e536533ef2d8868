//! The database's own command line.

use super::{DatabaseUrl, url::percent_decode};

/// How a database's own command line is started on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// The program.
    pub program: &'static str,
    /// What tells it where the database is; no password is in it, since everybody on the machine can read it.
    pub place: String,
    /// The variable that it takes the password from, and the password.
    pub password: Option<(&'static str, String)>,
}

impl DatabaseUrl {
    /// `psql` or `sqlite3`; none for a database in memory, which nobody else can open.
    pub fn client(&self) -> Option<Client> {
        if self.is_memory() {
            return None;
        }
        if let Some(path) = self.path() {
            // A relative path must not be taken for an option.
            let place = if path.is_absolute() { path.display().to_string() } else { format!("./{}", path.display()) };
            return Some(Client { program: "sqlite3", place, password: None });
        }
        let (place, password) = self.without_password();
        Some(Client { program: "psql", place, password: password.map(|password| ("PGPASSWORD", percent_decode(&password))) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, program: &str, place: &str, password: Option<&str>) {
        let client = url.parse::<DatabaseUrl>().expect("a URL").client().expect("it has one");
        assert_eq!((client.program, client.place.as_str()), (program, place));
        assert_eq!(client.password, password.map(|password| ("PGPASSWORD", password.to_owned())));
    }

    #[test]
    fn passwords_are_not_on_the_command_line() {
        check("postgres://me:p%40ss@db:5432/x?sslmode=require", "psql", "postgresql://me@db:5432/x?sslmode=require", Some("p@ss"));
        check("postgres://me@db/x?password=p%40ss&sslmode=require", "psql", "postgresql://me@db/x?sslmode=require", Some("p@ss"));
        check("postgresql+asyncpg://me:a/b?c@db/x", "psql", "postgresql://me@db/x", Some("a/b?c"));
        check("postgres://me@db/x?sslpassword=y", "psql", "postgresql://me@db/x", None);
        check("postgres:///x", "psql", "postgresql:///x", None);
        check("sqlite:///srv/x.db", "sqlite3", "/srv/x.db", None);
        check("sqlite://-x.db", "sqlite3", "./-x.db", None);
        assert!("sqlite::memory:".parse::<DatabaseUrl>().expect("a URL").client().is_none());
    }
}
