//! Copies, and restores into a database with rows, that are broken off in the middle leave the target as it was.

use super::{
    Place,
    broken_off::{archive, ended},
};
use lectern_testkit::{
    TestDatabase,
    database::{execute, full},
};
use std::{
    io::Write as _,
    process::{Child, Stdio},
    thread,
};

/// Ends the connections of others that do something.
const CUT: &str = "SELECT count(pg_terminate_backend(pid, 10000)) AS number FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'";

const SLEEPING: &str = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";

impl Place {
    fn is_postgres(&self) -> bool {
        self.database.name() == "postgres"
    }

    /// From now on, whoever writes a stream does not come to an end.
    fn never_ends(&self) {
        execute(
            self.database.database(),
            if self.is_postgres() {
                "CREATE FUNCTION never_ends() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(86400); RETURN NEW; END$$;
                 CREATE TRIGGER never_ends BEFORE INSERT ON streams FOR EACH ROW EXECUTE FUNCTION never_ends()"
            } else {
                "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
                 CREATE TRIGGER never_ends BEFORE INSERT ON streams BEGIN SELECT count(*) FROM endless; END"
            },
        );
    }

    fn ends_again(&self) {
        let gone = if self.is_postgres() { "DROP TRIGGER never_ends ON streams" } else { "DROP TRIGGER never_ends; DROP VIEW endless" };
        execute(self.database.database(), gone);
    }

    /// A copy into this place that is in the middle of its transaction, and stays there.
    fn stuck(&self, from: &Self, more: &[&str]) -> Child {
        let url = from.database.url().expose();
        let mut command = self.command(&[&["db", "copy", "--from", &url, "--without-checkpoints"], more].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let is_there = || if self.is_postgres() { self.backends(SLEEPING) > 0 } else { self.is_locked() };
        while !is_there() {
            if child.try_wait().unwrap().is_some() {
                panic!("the copy came to an end: {:?}", ended(child));
            }
            thread::yield_now();
        }
        child
    }
}

#[test]
fn a_copy_that_is_killed_or_cut_leaves_the_target_as_it_was() {
    for at in 0..TestDatabase::all().len() {
        for more in [&[][..], &["--resume"]] {
            let (source, target) = (Place::sqlite().full(), Place::on(TestDatabase::all().remove(at)));
            if !more.is_empty() {
                target.copied(&source, &[]);
                execute(source.database.database(), "UPDATE users SET organization_name = 'later'");
                execute(source.database.database(), "UPDATE streams SET response = 'later'");
                execute(source.database.database(), "DELETE FROM feedbacks WHERE id = 1");
            }
            target.never_ends();
            let before = full::rows(target.database.database());
            let mut killed = target.stuck(&source, more);
            killed.kill().unwrap();
            killed.wait().unwrap();
            assert!(full::rows(target.database.database()) == before, "on {}, {more:?}", target.database.name());
            if target.is_postgres() {
                // The server may not have noticed yet that its client is gone.
                target.backends(CUT);
                let cut = target.stuck(&source, more);
                assert!(target.backends(CUT) > 0);
                let failed = ended(cut);
                assert_eq!(failed.code, Some(1), "{failed:?}");
                assert!(failed.err.contains("nothing was copied, the target is as it was"), "{failed:?}");
                assert!(full::rows(target.database.database()) == before, "{more:?}");
            }
            target.ends_again();
            target.copied(&source, more);
            assert_eq!(target.archived(), source.archived());
        }
    }
}

#[test]
fn a_restore_into_rows_whose_connection_is_cut_leaves_them_as_they_were() {
    let Some(target) = TestDatabase::postgres() else { return println!("skipped: there is no PostgreSQL") };
    let (target, archive) = (Place::on(target).full(), archive());
    execute(target.database.database(), "DELETE FROM feedbacks WHERE id = 1");
    let before = full::rows(target.database.database());
    let mut child = target.half_restored(&archive);
    assert!(target.backends(CUT) > 0);
    // Who is told that the connection is lost does not read to the end.
    let _ = child.stdin.take().unwrap().write_all(&archive[archive.len() / 2..]);
    let failed = ended(child);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.err.contains("nothing was restored, the database is as it was"), "{failed:?}");
    assert!(full::rows(target.database.database()) == before);
}
