//! What is broken off leaves everything as it was: kills, full disks, lost connections.

use super::Place;
use crate::support::{Done, done};
use lectern_testkit::{
    TestDatabase, comes,
    database::{execute, full},
};
use std::{
    fs::{self, File, TryLockError},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
};

/// The same archive as a later version of the format would say that it is.
fn newer(archive: &[u8]) -> Vec<u8> {
    let mut tar = zstd::decode_all(archive).unwrap();
    let (now, later) = (b"\n  \"version\": 1,", b"\n  \"version\": 2,");
    let at = tar.windows(now.len()).position(|bytes| bytes == now).expect("the header's version");
    tar[at..at + now.len()].copy_from_slice(later);
    zstd::encode_all(tar.as_slice(), 1).unwrap()
}

/// An archive of many bytes.
pub(super) fn archive() -> Vec<u8> {
    let place = Place::heavy();
    place.ok(&["db", "backup", "a.tar.zst"]);
    fs::read(place.path("a.tar.zst")).unwrap()
}

impl Place {
    /// Whether somebody else has the lock of migrations.
    pub(super) fn is_locked(&self) -> bool {
        match self.database.url().path() {
            Some(file) => {
                let mut name = file.as_os_str().to_owned();
                name.push(".migrating");
                File::open(name).is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
            }
            None => {
                let here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())";
                self.backends(&format!("SELECT count(*) AS number FROM pg_locks WHERE locktype = 'advisory' AND granted AND {here}")) > 0
            }
        }
    }

    /// The answer of a query about the server's processes.
    pub(super) fn backends(&self, sql: &str) -> i64 {
        use lectern_testkit::persistence::DbError;
        let count = self.database.database().read::<_, DbError>(|conn| lectern_testkit::database::number(conn, sql));
        count.unwrap()
    }

    /// Begins a restore and feeds it half of an archive; it is in the middle of its transaction then, and stays there.
    pub(super) fn half_restored(&self, archive: &[u8]) -> Child {
        let mut command = self.command(&["db", "restore", "-", "--without-checkpoints", "--on-conflict", "replace"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let fed = child.stdin.as_mut().unwrap().write_all(&archive[..archive.len() / 2]);
        if fed.is_err() || !comes(|| self.is_locked()) {
            panic!("the restore did not begin: {:?}", ended(child));
        }
        child
    }

    /// The names of archives, complete or not, in the working directory.
    fn archives(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.contains("tar.zst")).collect();
        names.sort();
        names
    }

    #[track_caller]
    fn assert_empty(&self) {
        // Where nothing was there, not even tables are.
        let rows = full::rows(self.database.database());
        assert!(rows.values().all(Vec::is_empty), "on {}: {rows:?}", self.database.name());
    }
}

pub(super) fn ended(child: Child) -> Done {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A command under a limit on the size of the files that it writes, whose excess is an error of the write.
fn limited(place: &Place, arguments: &str, kilobytes: u32) -> Command {
    under_limit(place, "trap '' XFSZ", arguments, kilobytes)
}

/// The same, with what the shell does first: without a trap, the excess kills.
fn under_limit(place: &Place, first: &str, arguments: &str, kilobytes: u32) -> Command {
    let mut command = place.command(&[]);
    let program = command.get_program().to_owned();
    let mut shell = Command::new("sh");
    // In POSIX, the limit counts blocks of 512 bytes.
    shell.arg("-c").arg(format!("{first}; ulimit -f {}; exec \"$0\" {arguments}", kilobytes * 2)).arg(program);
    shell.current_dir(place.folder.path()).env_clear().stdin(Stdio::null());
    for (name, value) in command.stdin(Stdio::null()).get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell
}

#[test]
fn a_restore_that_is_killed_leaves_the_target_as_it_was() {
    let archive = archive();
    let full = TestDatabase::all().into_iter().map(|target| Place::on(target).full());
    for target in TestDatabase::all_empty().into_iter().map(Place::on).chain(full) {
        let before = full::rows(target.database.database());
        let mut child = target.half_restored(&archive);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(full::rows(target.database.database()) == before, "on {}", target.database.name());
        target.write("a.tar.zst", &archive);
        target.ok(&["db", "restore", "a.tar.zst", "--without-checkpoints", "--on-conflict", "replace"]);
        assert_eq!(target.archived()["users"].len(), 3);
    }
}

#[test]
fn an_archive_that_is_cut_or_damaged_leaves_the_target_as_it_was() {
    let archive = archive();
    let mut flipped = archive.clone();
    flipped[archive.len() / 2] ^= 1;
    let full = TestDatabase::all().into_iter().map(|target| Place::on(target).full());
    for target in TestDatabase::all_empty().into_iter().map(Place::on).chain(full) {
        let before = full::rows(target.database.database());
        for (bytes, expect) in [(&archive[..archive.len() / 2], "the archive is cut off"), (&flipped, "the archive is damaged")] {
            target.write("a.tar.zst", bytes);
            let said = target.error(1, &["db", "restore", "a.tar.zst", "--without-checkpoints", "--on-conflict", "replace"]);
            assert!(said.starts_with("nothing was restored, the database is as it was: ") && said.contains(expect), "{said}");
            assert!(said.contains("fetch it again, or take an older one"), "{said}");
            assert!(full::rows(target.database.database()) == before, "on {}", target.database.name());
        }
    }
}

#[test]
fn an_archive_of_a_newer_format_leaves_the_target_as_it_was() {
    let archive = newer(&archive());
    for target in TestDatabase::all().into_iter().map(|target| Place::on(target).full()) {
        let before = full::rows(target.database.database());
        target.write("a.tar.zst", &archive);
        let said = target.error(4, &["db", "restore", "a.tar.zst", "--without-checkpoints", "--on-conflict", "replace"]);
        assert!(said.contains("has version 2 of the format, this program reads up to 1: use Lectern "), "{said}");
        assert!(full::rows(target.database.database()) == before, "on {}", target.database.name());
    }
}

#[test]
fn a_backup_that_is_killed_leaves_no_archive() {
    let place = Place::heavy();
    // Nobody reads: it cannot come to its end.
    let mut child = place.command(&["db", "backup", "-"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut start = [0; 4];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut start).unwrap();
    child.kill().unwrap();
    let mut rest = start.to_vec();
    std::io::Read::read_to_end(child.stdout.as_mut().unwrap(), &mut rest).unwrap();
    child.wait().unwrap();
    place.write("cut.tar.zst", &rest);
    assert!(place.error(1, &["db", "backup", "--verify", "cut.tar.zst"]).contains("cut off"));
}

#[test]
fn a_connection_that_is_cut_leaves_the_target_as_it_was() {
    let Some(target) = TestDatabase::all_empty().into_iter().find(|target| target.name() == "postgres") else {
        println!("skipped: there is no PostgreSQL");
        return;
    };
    let (target, archive) = (Place::on(target), archive());
    let mut child = target.half_restored(&archive);
    let others = "SELECT count(pg_terminate_backend(pid, 10000)) AS number FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'";
    assert!(target.backends(others) > 0);
    // Who is told that the connection is lost does not read to the end.
    let _ = child.stdin.take().unwrap().write_all(&archive[archive.len() / 2..]);
    let failed = ended(child);
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.err.contains("nothing was restored, the database is as it was") && failed.err.contains("terminat"), "{failed:?}");
    assert!(failed.err.contains("the connection to the database was lost") && failed.err.contains("run the command again"), "{failed:?}");
    target.assert_empty();
}

#[test]
fn a_connection_that_is_cut_while_it_commits_leaves_nobody_certain_and_that_is_said() {
    let Some(target) = TestDatabase::postgres().map(Place::on) else { return println!("skipped: there is no PostgreSQL") };
    // What is looked at in the end ends the connection.
    execute(
        target.database.database(),
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM 1; RETURN NULL; END$$;
         CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()",
    );
    target.write("a.tar.zst", archive());
    let source = Place::sqlite().full();
    let url = source.database.url().expose();
    let commands: [&[&str]; 2] = [&["db", "restore", "a.tar.zst"], &["db", "copy", "--from", &url]];
    for arguments in commands {
        let said = target.error(1, &[arguments, &["--without-checkpoints"]].concat());
        assert!(said.contains("whether it is there is not known") && said.contains("lectern db tables"), "{said}");
        assert!(!said.contains("nothing was"), "{said}");
    }
}

#[test]
fn a_full_disk_under_the_target_leaves_it_as_it_was() {
    let archive = archive();
    let sqlite = Place::on(TestDatabase::all_empty().remove(0));
    sqlite.write("a.tar.zst", &archive);
    let failed = done(limited(&sqlite, "db restore a.tar.zst --without-checkpoints", 1_024));
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.err.contains("nothing was restored") && failed.err.contains("make room on the disk"), "{failed:?}");
    sqlite.assert_empty();
    sqlite.ok(&["db", "restore", "a.tar.zst", "--without-checkpoints"]);

    let Some(postgres) = TestDatabase::postgres().map(Place::on) else { return println!("skipped: there is no PostgreSQL") };
    // What a server says whose disk is full.
    execute(
        postgres.database.database(),
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN IF NEW.id = 2 THEN RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END$$;
         CREATE TRIGGER full_disk BEFORE INSERT ON streams FOR EACH ROW EXECUTE FUNCTION full_disk()",
    );
    postgres.write("a.tar.zst", &archive);
    let failed = postgres.error(1, &["db", "restore", "a.tar.zst", "--without-checkpoints"]);
    assert!(
        failed.contains("did not take rows of streams") && failed.contains("No space left on device: make room on the disk"),
        "{failed}"
    );
    postgres.assert_empty();
}

#[test]
fn what_a_killed_backup_left_goes_with_the_next_one_of_that_name() {
    let place = Place::heavy();
    let killed = done(under_limit(&place, "ulimit -c 0", "db backup a.tar.zst", 512));
    assert_eq!(killed.code, None, "{killed:?}");
    let left = place.archives();
    assert!(left.len() == 1 && left[0].starts_with(".a.tar.zst.") && left[0].ends_with(".partial"), "{left:?}");
    assert_eq!(fs::metadata(place.path(&left[0])).unwrap().permissions().mode() & 0o777, 0o600);
    // Another name's is not touched, nor is one that is being written.
    place.ok(&["db", "backup", "b.tar.zst"]);
    let writing = File::open(place.path(&left[0])).unwrap();
    writing.lock().unwrap();
    place.ok(&["db", "backup", "a.tar.zst"]);
    assert_eq!(place.archives(), [left[0].as_str(), "a.tar.zst", "b.tar.zst"]);
    drop(writing);
    place.ok(&["db", "backup", "a.tar.zst", "--overwrite"]);
    assert_eq!(place.archives(), ["a.tar.zst", "b.tar.zst"]);
    place.ok(&["db", "backup", "--verify", "a.tar.zst"]);
}

#[test]
fn a_full_disk_under_the_archive_is_told_and_leaves_no_file() {
    let place = Place::heavy();
    let failed = done(limited(&place, "db backup a.tar.zst", 512));
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.err.contains("the archive cannot be written: File too large"), "{failed:?}");
    assert_eq!(place.archives(), Vec::<String>::new());
    if let Ok(full) = File::options().write(true).open("/dev/full") {
        let mut command = place.command(&["db", "backup", "-"]);
        let failed = ended(command.stdout(full).stderr(Stdio::piped()).spawn().unwrap());
        assert_eq!(failed.code, Some(1), "{failed:?}");
        assert!(failed.err.contains("No space left on device"), "{failed:?}");
    }
}
