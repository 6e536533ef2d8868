//! Several processes at one data folder.

use crate::{
    fake::Fake,
    support::{METHODS, collection, delete, first, found, in_every_world, passages, put, request},
};
use lectern_domain::{
    access::Principal,
    filter::{Field, Filter},
    search::Method,
};
use lectern_service::search::search;
use std::time::Duration;

const NEVER: Duration = Duration::from_secs(86_400);

#[test]
fn a_reader_finds_what_it_wrote_and_takes_over() {
    in_every_world(async |world| {
        let model = Fake::new();
        let holder = world.open(Some(&model)).await;
        let reader = world.open(Some(&model)).await;
        let docs = collection(&holder).await;
        assert_eq!(collection(&reader).await.generation, docs.generation);
        let following = holder.followers.start();
        put(&reader, &docs, &[("a", "zebra"), ("b", "giraffe")]).await;
        reader.followers.wait(&docs.generation).await.unwrap();
        for app in [&holder, &reader] {
            for method in METHODS {
                first(found(app, method, "zebra").await, "a");
            }
        }
        put(&holder, &docs, &[("a", "antelope")]).await;
        delete(&holder, &docs, &["b"]).await;
        reader.followers.wait(&docs.generation).await.unwrap();
        for method in METHODS {
            first(found(&reader, method, "antelope").await, "a");
            assert_eq!(passages(&reader, method, "antelope common").await.len(), 1);
        }
        // Whoever embedded, no text was embedded twice.
        assert_eq!(model.embedded(), ["antelope common", "giraffe common", "zebra common"]);
        following.stop().await;
        drop(holder);
        put(&reader, &docs, &[("c", "okapi")]).await;
        reader.followers.wait(&docs.generation).await.unwrap();
        for method in METHODS {
            first(found(&reader, method, "okapi").await, "c");
        }
        let all = world.chunks();
        assert_eq!(world.on_disk(&reader, &docs).await, (all.clone(), all));
    });
}

#[test]
fn a_reader_scans_what_the_snapshot_does_not_hold() {
    in_every_world(async |world| {
        let model = Fake::new();
        let holder = world.open(Some(&model)).await;
        let docs = collection(&holder).await;
        let reader = world.open(Some(&model)).await;
        // Nothing is in a snapshot yet, then some is: the rest comes from SQL. The holder does not follow at all.
        for (id, word) in [("a", "zebra"), ("b", "giraffe")] {
            put(&reader, &docs, &[(id, word)]).await;
            reader.followers.catch_up().await.unwrap();
            first(found(&reader, Method::Semantic, word).await, id);
            assert!(found(&reader, Method::Lexical, word).await.is_empty(), "words need the holder");
            holder.followers.catch_up().await.unwrap();
            first(found(&reader, Method::Hybrid, word).await, id);
        }
        put(&reader, &docs, &[("a", "okapi")]).await;
        reader.followers.catch_up().await.unwrap();
        first(found(&reader, Method::Semantic, "okapi").await, "a");
        let ids = found(&reader, Method::Semantic, "zebra").await;
        assert_eq!(ids.len(), 2, "each chunk once, and none that is gone: {ids:?}");
        let mut filtered = request("okapi", Method::Semantic, 10);
        filtered.filter = Some(Filter::In(Field::ExternalId, vec!["b".into()]));
        let results = search(&reader, Principal::Operator, &filtered).await.unwrap();
        assert_eq!(results.passages.iter().map(|found| found.chunk.external_id.as_str()).collect::<Vec<_>>(), ["b"]);
    });
}

#[test]
fn a_reader_without_a_model_waits_for_words_alone() {
    in_every_world(async |world| {
        let holder = world.open(None).await;
        let reader = world.open_polling(None, NEVER).await;
        let docs = collection(&reader).await;
        let following = holder.followers.start();
        put(&reader, &docs, &[("a", "zebra")]).await;
        reader.followers.wait(&docs.generation).await.unwrap();
        assert_eq!(found(&reader, Method::Lexical, "zebra").await, ["a"]);
        following.stop().await;
    });
}

#[test]
fn two_processes_that_add_the_same_documents_agree() {
    in_every_world(async |world| {
        let one = world.open(None).await;
        let two = world.open(None).await;
        let docs = collection(&one).await;
        for round in 0..10 {
            let (a, b) = (format!("a{round}"), format!("b{round}"));
            let documents = [(a.as_str(), "zebra"), (b.as_str(), "giraffe")];
            let reversed = [documents[1], documents[0]];
            let (first, second) = tokio::join!(put(&one, &docs, &documents), put(&two, &docs, &reversed));
            let written: usize = first.iter().chain(&second).map(|put| put.chunks).sum();
            assert_eq!(written, 2, "{first:?} {second:?}");
        }
    });
}
