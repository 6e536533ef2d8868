//! A database that is not the one that was meant, since its name is mistyped or not set: nothing is written, and nothing is made.

use crate::support::{Place, done};
use lectern_testkit::TestDatabase;
use std::{fs, process::Command};

/// The place's command on another database than its own.
fn at(place: &Place, url: &str, arguments: &[&str]) -> Command {
    let mut command = place.command(arguments);
    command.env("LECTERN__DATABASE__URL", url);
    command
}

#[test]
fn a_database_without_tables_is_not_archived_and_the_archive_before_stays() {
    let good = Place::sqlite().full();
    good.ok(&["db", "backup", "a.tar.zst"]);
    let archive = fs::read(good.path("a.tar.zst")).unwrap();
    for database in TestDatabase::all_empty() {
        let place = Place::on(database);
        place.write("a.tar.zst", &archive);
        let to = TestDatabase::sqlite().url().expose();
        let commands: [&[&str]; 4] =
            [&["db", "backup", "a.tar.zst", "--overwrite"], &["db", "backup", "-"], &["db", "rehearse"], &["db", "copy", "--to", &to]];
        for arguments in commands {
            let said = place.error(3, arguments);
            let named = place.database.url().to_string();
            assert!(
                said.contains(&format!("{named} has no tables of Lectern")) && said.contains("check that it is the database"),
                "{said}"
            );
            assert!(!place.database.url().expose().contains(":lectern@") || !said.contains(":lectern@"), "{said}");
        }
        assert_eq!(fs::read(place.path("a.tar.zst")).unwrap(), archive);
        assert!(fs::metadata(to.strip_prefix("sqlite://").unwrap()).is_err(), "no target is made");
        place.ok(&["db", "backup", "--verify", "a.tar.zst"]);
    }
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let place = Place::sqlite();
    let file = place.path("none.db");
    let mut urls = vec![(format!("sqlite://{}", file.display()), "none.db: unable to open database file: there is none")];
    let postgres = TestDatabase::postgres();
    if let Some(postgres) = &postgres {
        urls.push((postgres.url().with_database("lectern_none_there").expose(), "none_there\" does not exist"));
    }
    let target = TestDatabase::all_empty().remove(0).url().expose();
    for (url, expect) in &urls {
        let commands: [&[&str]; 3] = [&["db", "backup", "a.tar.zst"], &["db", "rehearse"], &["db", "copy", "--from", url, "--to", &target]];
        for _ in 0..2 {
            for arguments in commands {
                let failed = done(at(&place, url, arguments));
                assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""), "{arguments:?}: {failed:?}");
                assert!(failed.err.contains(expect) && failed.err.contains(": check th"), "{failed:?}");
            }
        }
    }
    assert!(!file.exists() && !place.path("a.tar.zst").exists() && !place.path("data").exists());
    assert!(fs::metadata(target.strip_prefix("sqlite://").unwrap()).is_err(), "no target is made");
    if postgres.is_none() {
        println!("skipped on PostgreSQL: there is none");
    }
}
