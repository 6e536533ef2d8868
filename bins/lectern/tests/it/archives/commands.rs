//! The commands as they are meant.

use super::pairs;
use crate::support::{Place, done, installed, on_every_database};
use lectern_testkit::database::execute;
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt as _, process::Stdio};

#[test]
fn a_database_goes_through_a_file_into_any_other() {
    pairs(|source, target| {
        let said = source.ok(&["db", "backup", "a.tar.zst"]);
        assert!(said.starts_with("a.tar.zst: wrote ") && said.contains(" tables at 2026-"), "{said}");
        let file = source.path("a.tar.zst");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let kept = source.error(4, &["db", "backup", "a.tar.zst"]);
        assert!(kept.contains("a.tar.zst is there already") && kept.contains("--overwrite"), "{kept}");
        let view = source.json(&["db", "backup", "a.tar.zst", "--overwrite"]);
        assert_eq!(view["bytes"], fs::metadata(&file).unwrap().len());
        let names: Vec<_> = fs::read_dir(source.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!names.iter().any(|name| name.to_string_lossy().contains("partial")), "{names:?}");

        let file = file.display().to_string();
        assert!(target.ok(&["db", "backup", "--verify", &file]).starts_with("the archive is whole: "));
        let restored = target.json(&["db", "restore", &file, "--without-checkpoints"]);
        assert_eq!(restored["was_empty"], true, "{restored}");
        assert_eq!(target.archived(), source.archived());
        assert_eq!(target.ok(&["db", "current", "--check"]), source.ok(&["db", "current", "--check"]));
        let conflict = target.error(4, &["db", "restore", &file, "--without-checkpoints"]);
        assert!(conflict.starts_with("nothing was restored, the database is as it was: "), "{conflict}");
        assert!(
            target
                .ok(&["db", "restore", &file, "--without-checkpoints", "--on-conflict", "skip-identical"])
                .contains("there already, the same")
        );
    });
}

#[test]
fn an_archive_goes_through_a_pipe() {
    pairs(|source, target| {
        let mut backup = source.command(&["db", "backup", "-"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut restore = target.command(&["db", "restore", "-", "--without-checkpoints"]);
        restore.stdin(backup.stdout.take().unwrap());
        let restored = done(restore);
        assert_eq!(restored.code, Some(0), "{restored:?}");
        let backup = backup.wait_with_output().unwrap();
        assert!(backup.status.success() && String::from_utf8_lossy(&backup.stderr).contains("wrote "), "{backup:?}");
        assert_eq!(target.archived(), source.archived());
    });
}

#[test]
fn an_encrypted_archive_opens_with_its_key_alone() {
    let place = Place::sqlite().full();
    let other = Place::sqlite();
    let key = age::x25519::Identity::generate();
    use age::secrecy::ExposeSecret as _;
    place.write("key", format!("# a key\n{}\n", key.to_string().expose_secret()));
    place.write("pass", "correct horse\n");
    place.write("wrong", "incorrect horse\n");
    let recipient = key.to_public().to_string();
    place.ok(&["db", "backup", "keyed.age", "--encrypt", "--recipient", &recipient]);
    place.ok(&["db", "backup", "passed.age", "--encrypt", "--passphrase-file", "pass"]);
    for file in ["keyed.age", "passed.age"] {
        assert!(fs::read(place.path(file)).unwrap().starts_with(b"age-encryption.org/v1\n"));
        let refused = place.error(2, &["db", "backup", "--verify", file]);
        assert!(refused.contains("the archive is encrypted") && refused.contains("--identity"), "{refused}");
    }
    place.ok(&["db", "backup", "--verify", "keyed.age", "--identity", "key"]);
    place.ok(&["db", "backup", "--verify", "passed.age", "--passphrase-file", "pass"]);
    let wrong = place.error(1, &["db", "backup", "--verify", "passed.age", "--passphrase-file", "wrong"]);
    assert!(wrong.contains("cannot be decrypted") && !wrong.contains("horse"), "{wrong}");
    let mut by_setting = place.command(&["db", "backup", "--verify", "passed.age"]);
    by_setting.env("LECTERN__BACKUP__PASSPHRASE", "correct horse");
    assert_eq!(done(by_setting).code, Some(0));
    let bad = place.error(2, &["db", "backup", "x.age", "--recipient", "age1nobody"]);
    assert!(bad.contains("'age1nobody' is no age recipient"), "{bad}");
    let missing = place.error(2, &["db", "backup", "x.age", "--encrypt"]);
    assert!(missing.contains("--passphrase-file"), "{missing}");
    let file = place.path("keyed.age").display().to_string();
    place.write("key-too", fs::read(place.path("key")).unwrap());
    let identity = place.path("key-too").display().to_string();
    let fresh = Place::on(lectern_testkit::TestDatabase::all_empty().remove(0));
    fresh.ok(&["db", "restore", &file, "--identity", &identity]);
    assert_eq!(fresh.archived(), place.archived());
    // A damaged one does not open.
    let mut bytes = fs::read(place.path("passed.age")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    other.write("flipped.age", bytes);
    other.write("pass", "correct horse\n");
    other.error(1, &["db", "backup", "--verify", "flipped.age", "--passphrase-file", "pass"]);
}

#[test]
fn rehearsing_leaves_nothing_but_times() {
    on_every_database(|place| {
        lectern_testkit::database::full::fill(&place.database, &lectern_testkit::database::full::Pool::default());
        place.ok(&["db", "downgrade", "-1", "--yes"]);
        let before = place.ok(&["db", "current"]);
        let rehearsed = place.json(&["db", "rehearse"]);
        assert_eq!(rehearsed["applied"].as_array().unwrap().len(), 1, "{rehearsed}");
        assert!(rehearsed["applied"][0]["milliseconds"].is_u64() && rehearsed["rows"].as_u64() > Some(0), "{rehearsed}");
        assert_eq!(place.ok(&["db", "current"]), before);
        place.ok(&["db", "upgrade"]);
        assert_eq!(place.json(&["db", "rehearse", "--without-vectors"])["applied"], json!([]));
    });
}

#[test]
fn a_terminal_is_shown_how_far_it_is_and_a_file_is_not() {
    if !installed("script") {
        return;
    }
    let place = Place::sqlite().full();
    execute(
        place.database.database(),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO sources (source_name) SELECT i FROM n",
    );
    for arguments in ["db backup a.tar.zst", "db backup --verify a.tar.zst", "db restore a.tar.zst --on-conflict skip-identical"] {
        let plain = place.command(&[]);
        let mut command = std::process::Command::new("script");
        let line = format!("{} {arguments}", plain.get_program().display());
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(place.folder.path()).stdin(Stdio::null());
        command.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("TERM", "xterm");
        let shown = done(command);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert!(shown.out.contains(" rows, ") && shown.out.contains("/s, ") && shown.out.contains(" to go: "), "{shown:?}");
    }
    assert_eq!(place.run(&["db", "backup", "b.tar.zst"]).err, "");
}

#[test]
fn tables_of_others_are_passed_by_and_told() {
    on_every_database(|place| {
        execute(place.database.database(), "CREATE TABLE of_others (id INTEGER)");
        let written = done(place.command(&["db", "backup", "a.tar.zst", "--json"]));
        assert!(written.err.contains("of_others is none of Lectern's tables"), "{written:?}");
        assert!(written.out.contains("\"passed_by\":[\"of_others\"]"), "{written:?}");
    });
}
