//! Encrypted archives, and archives that come through pipes.

use super::Place;
use crate::support::{Done, done};
use age::secrecy::ExposeSecret as _;
use lectern_testkit::{
    TestDatabase,
    database::full::{self, Pool},
};
use std::{fs, os::unix::fs::OpenOptionsExt as _, process::Command, thread};

/// A place with a key, a passphrase, and an archive for each.
fn sealed() -> (Place, String) {
    let place = Place::heavy();
    let key = age::x25519::Identity::generate();
    let recipient = key.to_public().to_string();
    place.write("key", format!("{}\n", key.to_string().expose_secret()));
    place.write("pass", "correct horse\n");
    place.ok(&["db", "backup", "keyed.age", "--recipient", &recipient]);
    (place, recipient)
}

#[test]
fn one_that_is_cut_or_damaged_is_told_as_such() {
    let (place, _) = sealed();
    let whole = fs::read(place.path("keyed.age")).unwrap();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    // What the header says after its first line is under a code of its own; the rest is in pieces of 64 KiB and 16 bytes.
    let header = whole.windows(4).position(|bytes| bytes == b"\n---").unwrap();
    let first = whole[header + 1..].iter().position(|&byte| byte == b'\n').unwrap() + header + 2 + 16;
    let piece = 64 * 1024 + 16;
    assert!(whole.len() > first + 2 * piece);
    let cases = [
        flipped(header + 8),
        flipped(first + 5),
        flipped(first + piece + 5),
        flipped(whole.len() - 1),
        whole[..header].to_vec(),
        whole[..first + 100].to_vec(),
        whole[..first + piece].to_vec(),
        whole[..whole.len() - 1].to_vec(),
    ];
    let target = Place::on(TestDatabase::sqlite());
    full::fill(&target.database, &Pool::default());
    target.write("key", fs::read(place.path("key")).unwrap());
    let before = full::rows(target.database.database());
    for (number, bytes) in cases.iter().enumerate() {
        target.write("a.age", bytes);
        let restore = target.error(1, &["db", "restore", "a.age", "--identity", "key", "--on-conflict", "replace"]);
        assert!(restore.starts_with("nothing was restored, the database is as it was: "), "{restore}");
        for said in [restore, target.error(1, &["db", "backup", "--verify", "a.age", "--identity", "key"])] {
            let is_told = ["the archive is damaged: ", "the archive is cut off: "].iter().any(|told| said.contains(told));
            assert!(is_told && said.contains("fetch it again, or take an older one"), "{number}: {said}");
        }
        assert!(full::rows(target.database.database()) == before, "{number}");
    }
    let other = age::x25519::Identity::generate();
    target.write("other", other.to_string().expose_secret());
    target.write("a.age", &whole);
    let said = target.error(1, &["db", "backup", "--verify", "a.age", "--identity", "other"]);
    assert!(said.contains("cannot be decrypted") && said.contains("check that it is the key"), "{said}");
}

#[test]
fn what_would_not_be_encrypted_as_it_was_meant_is_refused() {
    let (place, recipient) = sealed();
    let cases: [&[&str]; 4] = [
        &["--identity", "key"],
        &["--encrypt", "--identity", "key"],
        &["--recipient", &recipient, "--passphrase-file", "pass"],
        &["--recipient", &recipient, "--identity", "key"],
    ];
    for more in cases {
        let said = place.error(2, &[&["db", "backup", "x.age"], more].concat());
        let expect = if more.contains(&"--identity") { "give --recipient age1" } else { "not both" };
        assert!(said.contains(expect), "{said}");
        assert!(!place.path("x.age").exists(), "{more:?}");
    }
    place.ok(&["db", "backup", "y.age", "--passphrase-file", "pass"]);
    assert!(fs::read(place.path("y.age")).unwrap().starts_with(b"age-encryption.org/v1\n"));
}

/// Runs a command while something is written into the pipe that it reads.
fn piped(place: &Place, bytes: &[u8], arguments: &[&str]) -> Done {
    let pipe = place.path("pipe");
    let _ = fs::remove_file(&pipe);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    thread::scope(|scope| {
        let writing = scope.spawn(|| fs::write(&pipe, bytes));
        let done = done(place.command(arguments));
        // Who opens it now takes the place of a reader that never came.
        let _ = fs::File::options().read(true).custom_flags(NONBLOCKING).open(&pipe);
        writing.join().unwrap().unwrap_or_else(|error| panic!("{error}: {done:?}"));
        done
    })
}

/// `O_NONBLOCK`: opening does not wait for who writes.
const NONBLOCKING: i32 = 0o4000;

#[test]
fn a_named_pipe_is_read_once() {
    let (place, _) = sealed();
    place.ok(&["db", "backup", "open.tar.zst"]);
    let [sealed, open] = ["keyed.age", "open.tar.zst"].map(|name| fs::read(place.path(name)).unwrap());
    for (bytes, key) in [(&sealed, &["--identity", "key"][..]), (&open, &[])] {
        let verified = piped(&place, bytes, &[&["db", "backup", "--verify", "pipe"], key].concat());
        assert_eq!(verified.code, Some(0), "{verified:?}");
        for target in TestDatabase::all_empty() {
            let target = Place::on(target);
            target.write("key", fs::read(place.path("key")).unwrap());
            let restored = piped(&target, bytes, &[&["db", "restore", "pipe", "--without-checkpoints"], key].concat());
            assert_eq!(restored.code, Some(0), "{restored:?}");
            assert_eq!(target.archived(), place.archived());
        }
    }
}
