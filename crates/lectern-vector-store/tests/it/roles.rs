//! Several processes at one folder: one holds, the others read.

use crate::support::{Threads, cursor, document, generation, open, scope, vector, wait, words};
use lectern_domain::{collection::Generation, ids::InstallationId, language::Language};
use lectern_vector_store::{
    Batch, LexicalQuery, Position, StoreError, VectorQuery,
    embedded::{EmbeddedFolder, EmbeddedOptions, Role},
};
use std::{fs, sync::Arc};
use uuid::Uuid;

fn found(folder: &EmbeddedFolder, generation: &Generation) -> (usize, usize) {
    let query = LexicalQuery { text: "mot".to_owned(), limit: 100, filter: None, prefer: vec![], fuzzy: false };
    let near = VectorQuery { vector: vec![1.0, 0.0], limit: 100, filter: None };
    let scope = scope(&[generation]);
    (wait(folder.lexical().search(&scope, &query)).unwrap().len(), wait(folder.vectors().search(&scope, &near)).unwrap().len())
}

fn add(folder: &EmbeddedFolder, generation: &Generation, seq: usize) {
    let document = document(1, None, &[]);
    wait(folder.lexical().apply(generation, Batch { seq: 1, removes: vec![], puts: vec![words(seq, &document, "mot")] })).unwrap();
    wait(folder.lexical().commit(generation, cursor(seq as i64))).unwrap();
    wait(folder.vectors().apply(generation, Batch { seq: 1, removes: vec![], puts: vec![vector(seq, &document, vec![1.0, seq as f32])] }))
        .unwrap();
    wait(folder.vectors().commit(generation, cursor(seq as i64))).unwrap();
}

#[test]
fn a_reader_sees_what_the_holder_committed_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let generation = generation(1, Language::Fr, Some(2));
    let holder = open(folder.path());
    let reader = open(folder.path());
    assert_eq!((holder.role(), reader.role()), (Role::Holder, Role::Reader));
    assert_eq!(holder.follower_id(), reader.follower_id());
    assert_eq!(found(&reader, &generation), (0, 0));

    add(&holder, &generation, 1);
    // Words are durable at every commit; vectors once there is a snapshot.
    assert_eq!(found(&reader, &generation), (1, 0));
    for seq in 2..5 {
        add(&holder, &generation, seq);
        assert_eq!(wait(holder.vectors().flush(&generation)).unwrap(), Some(cursor(seq as i64)));
        assert_eq!(found(&reader, &generation), (seq, seq));
        let at = Position::At(cursor(seq as i64));
        assert_eq!(wait(reader.lexical().position(&generation)).unwrap(), at);
        assert_eq!(wait(reader.vectors().position(&generation)).unwrap(), at);
    }

    let (lexical, vectors) = (reader.lexical(), reader.vectors());
    let refused = [
        wait(lexical.apply(&generation, Batch { seq: 1, removes: vec![], puts: vec![] })).map(drop),
        wait(lexical.commit(&generation, cursor(9))).map(drop),
        wait(lexical.clear(&generation)),
        wait(lexical.drop_generation(generation.id)),
        wait(vectors.apply(&generation, Batch { seq: 1, removes: vec![], puts: vec![] })).map(drop),
        wait(vectors.commit(&generation, cursor(9))).map(drop),
        wait(vectors.flush(&generation)).map(drop),
        wait(vectors.clear(&generation)),
        wait(vectors.drop_generation(generation.id)),
    ];
    assert!(refused.iter().all(|refused| matches!(refused, Err(StoreError::NotHolder))), "{refused:?}");

    wait(holder.lexical().clear(&generation)).unwrap();
    wait(holder.vectors().clear(&generation)).unwrap();
    assert_eq!(found(&reader, &generation), (0, 0));
    assert_eq!(wait(reader.lexical().position(&generation)).unwrap(), Position::Empty);
    assert_eq!(wait(reader.vectors().position(&generation)).unwrap(), Position::Empty);
}

#[test]
fn a_reader_takes_over_when_the_holder_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let generation = generation(1, Language::Fr, Some(2));
    let holder = open(folder.path());
    let reader = open(folder.path());
    add(&holder, &generation, 1);
    wait(holder.vectors().flush(&generation)).unwrap();
    assert_eq!(found(&reader, &generation), (1, 1));
    assert!(!reader.try_take_over().unwrap());
    add(&holder, &generation, 2);
    drop(holder);
    assert!(reader.try_take_over().unwrap() && reader.try_take_over().unwrap());
    assert_eq!(reader.role(), Role::Holder);
    // Each engine goes on from what was durable.
    assert_eq!(wait(reader.lexical().position(&generation)).unwrap(), Position::At(cursor(2)));
    assert_eq!(wait(reader.vectors().position(&generation)).unwrap(), Position::At(cursor(1)));
    add(&reader, &generation, 3);
    assert_eq!(found(&reader, &generation), (3, 2));
    let after = open(folder.path());
    assert_eq!((after.role(), after.follower_id()), (Role::Reader, reader.follower_id()));
}

#[test]
fn installations_share_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let generation = generation(1, Language::Fr, Some(2));
    let one = open(folder.path());
    add(&one, &generation, 1);
    let other = InstallationId(Uuid::from_u128(8));
    let two = EmbeddedFolder::open(folder.path(), other, Arc::new(Threads), Arc::new(Threads), EmbeddedOptions::default()).unwrap();
    assert_eq!((two.role(), found(&two, &generation)), (Role::Holder, (0, 0)));
    assert_ne!(one.follower_id(), two.follower_id());
}

#[test]
fn a_file_in_the_way_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, "").unwrap();
    let refused =
        EmbeddedFolder::open(&path, InstallationId(Uuid::nil()), Arc::new(Threads), Arc::new(Threads), EmbeddedOptions::default())
            .err()
            .unwrap();
    let message = refused.to_string();
    assert!(
        matches!(refused, StoreError::Io { .. }) && message.contains(&*path.to_string_lossy()) && message.contains("choose another"),
        "{message}"
    );
}

#[test]
fn many_generations_are_written_to_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let holder = open(folder.path());
    let generations: Vec<Generation> = (1..7).map(|id| generation(id, Language::Fr, Some(2))).collect();
    for seq in 1..4 {
        for generation in &generations {
            add(&holder, generation, seq);
        }
    }
    for generation in &generations {
        assert_eq!(found(&holder, generation), (3, 3));
        wait(holder.lexical().drop_generation(generation.id)).unwrap();
        wait(holder.vectors().drop_generation(generation.id)).unwrap();
    }
    let left: Vec<_> = fs::read_dir(folder.path().join(crate::support::INSTALLATION.to_string()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "lock and follower alone are left: {left:?}");
}
