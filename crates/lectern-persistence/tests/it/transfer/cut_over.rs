//! An earlier copy is brought up to date where nobody wrote to it since, and by its own source alone.

use super::{another, archive, assert_same, restore_with, rows};
use lectern_persistence::{
    Database,
    migrate::{Migrator, Revision},
    transfer::{self, Copied, CopyOptions, OnConflict, RestoreOptions, TransferError},
};
use lectern_testkit::{
    TestDatabase,
    database::{
        execute,
        full::{self, Pool},
    },
};

fn copy(from: &Database, to: &Database, options: CopyOptions) -> Result<Copied, TransferError> {
    transfer::copy(from, &Migrator::new(to), CopyOptions { without_checkpoints: true, ..options }, &mut |_| {})
}

const FRESH: CopyOptions = CopyOptions { resume: false, without_vectors: false, without_checkpoints: true };
const RESUME: CopyOptions = CopyOptions { resume: true, ..FRESH };

/// A full database of each backend with its copy on each.
fn copies(test: impl Fn(&Database, &Database)) {
    for at in 0..TestDatabase::all().len() {
        for target in TestDatabase::all_empty() {
            let source = TestDatabase::all().remove(at);
            full::fill(&source, &Pool::default());
            copy(source.database(), target.database(), FRESH).expect("a copy");
            test(source.database(), target.database());
        }
    }
}

/// The tables whose rows are not as the copy left them; nothing changed.
#[track_caller]
fn written(source: &Database, target: &Database, options: CopyOptions) -> Vec<String> {
    let before = full::rows(target);
    match copy(source, target, options) {
        Err(TransferError::WrittenTo { tables, .. }) => {
            assert!(full::rows(target) == before);
            tables
        }
        other => panic!("a refusal was expected: {other:?}"),
    }
}

/// Why the target is no copy of the source; nothing changed.
#[track_caller]
fn no_copy(source: &Database, target: &Database) -> String {
    let before = full::rows(target);
    match copy(source, target, RESUME) {
        Err(refused @ TransferError::NotACopy(_)) => {
            assert!(full::rows(target) == before);
            refused.to_string()
        }
        other => panic!("a refusal was expected: {other:?}"),
    }
}

#[test]
fn what_was_written_to_a_copy_is_not_taken_away_by_another_resume() {
    copies(|source, target| {
        execute(source, "UPDATE users SET organization_name = 'late' WHERE id = 1");
        copy(source, target, RESUME).expect("nobody wrote to it");
        // The cut-over was made, and people work on the copy.
        execute(target, "INSERT INTO sources (source_name) VALUES ('of the copy')");
        assert_eq!(written(source, target, RESUME), ["sources"]);
        execute(target, "UPDATE users SET organization_name = 'of the copy' WHERE id = 1");
        execute(target, "DELETE FROM feedbacks WHERE id = 2");
        let mut tables = written(source, target, RESUME);
        tables.sort();
        assert_eq!(tables, ["feedbacks", "sources", "users"]);
        // Whether the source changed or not.
        execute(source, "UPDATE users SET organization_name = 'later' WHERE id = 2");
        execute(source, "DELETE FROM sources");
        assert!(written(source, target, RESUME).contains(&"sources".to_owned()));
    });
}

#[test]
fn a_copy_is_brought_up_to_date_as_often_as_the_source_changes() {
    copies(|source, target| {
        for round in 0..3 {
            execute(source, &format!("INSERT INTO sources (source_name) VALUES ('in round {round}')"));
            execute(source, &format!("DELETE FROM feedbacks WHERE id = {}", round + 1));
            copy(source, target, RESUME).expect("nobody wrote to it");
            assert_same(&rows(target), &rows(source));
        }
        // What no copy takes may be there: a server looks after its indexes without being asked to.
        let id = if target.backend() == lectern_persistence::Backend::Postgres {
            "'00000000-0000-0000-0000-000000000009'"
        } else {
            "X'00000000000000000000000000000009'"
        };
        let now = "'2026-01-02T03:04:05.000006Z'";
        execute(target, &format!("INSERT INTO leases (name, holder, expires_at) VALUES ('upkeep', {id}, {now})"));
        execute(target, &format!("INSERT INTO followers (id, kind, place, seen_at) VALUES ({id}, 'folder', 'here', {now})"));
        execute(target, "DELETE FROM changes");
        copy(source, target, RESUME).expect("nobody wrote to it");
    });
}

#[test]
fn a_database_that_is_no_copy_of_the_source_is_not_made_one_by_resuming() {
    copies(|source, target| {
        // Another source.
        for other in TestDatabase::all() {
            full::fill(&other, &Pool::default());
            let said = no_copy(other.database(), target);
            assert!(said.contains("its rows were copied 2") && said.contains("from another database, "), "{said}");
            // Another target: it was filled by its people.
            assert!(no_copy(source, other.database()).contains("there is no record of a copy into it"));
        }
        // A copy into which something was restored is none any more.
        let options = RestoreOptions { on_conflict: OnConflict::SkipIdentical, without_checkpoints: true };
        restore_with(target, &archive(source).0, options).expect("the same rows");
        assert!(no_copy(source, target).contains("there is no record of a copy into it"));
    });
}

#[test]
fn a_copy_of_a_schema_without_the_record_is_not_brought_up_to_date() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        Migrator::new(source.database()).downgrade(&Revision::Version("20261121001100".into())).expect("a downgrade");
        let target = another(source.name(), true);
        copy(source.database(), target.database(), FRESH).expect("a copy");
        assert!(no_copy(source.database(), target.database()).contains("copy into an empty database"));
    }
}

#[test]
fn a_database_is_not_copied_into_itself() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let before = full::rows(source.database());
        for options in [FRESH, RESUME] {
            let refused = copy(source.database(), source.database(), options).expect_err("it is one database");
            assert!(matches!(refused, TransferError::SameDatabase { .. }), "{refused}");
            assert!(full::rows(source.database()) == before);
        }
    }
}

#[test]
fn vectors_can_be_left_out_of_a_copy_and_come_later_unless_it_has_its_own() {
    for at in 0..TestDatabase::all().len() {
        for target in TestDatabase::all_empty() {
            let (source, target) = (TestDatabase::all().remove(at), target.database());
            full::fill(&source, &Pool::default());
            let source = source.database();
            let without = CopyOptions { without_vectors: true, ..FRESH };
            copy(source, target, without).expect("a copy");
            let mut expected = rows(source);
            let vectors = expected.insert("chunk_embeddings".to_owned(), Vec::new()).expect("they are in the source");
            assert_same(&rows(target), &expected);
            // Those that it makes itself stay, as long as the source's are left out.
            execute(
                target,
                "INSERT INTO chunk_embeddings (model_id, text_hash, dimensions, encoding, vector) SELECT DISTINCT 1, hash, 1, 'f32', hash FROM chunks",
            );
            let own = rows(target)["chunk_embeddings"].clone();
            execute(source, "UPDATE users SET organization_name = 'later' WHERE id = 1");
            copy(source, target, CopyOptions { resume: true, ..without }).expect("nobody wrote to what is copied");
            assert_eq!(rows(target)["chunk_embeddings"], own);
            assert_eq!(written(source, target, RESUME), ["chunk_embeddings"]);
            execute(target, "DELETE FROM chunk_embeddings");
            copy(source, target, RESUME).expect("nobody wrote to it");
            assert_eq!(rows(target)["chunk_embeddings"], vectors);
            assert_same(&rows(target), &rows(source));
        }
    }
}
