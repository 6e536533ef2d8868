//! What was put is found, and what is gone is not, whether or not an index knows already.

use crate::{
    fake::Fake,
    support::{METHODS, collection, delete, document, first, found, in_every_world, passages, put, request},
};
use lectern_domain::{access::Principal, search::Method};
use lectern_service::{
    corpora::{self, Outcome},
    search::{SearchRequest, search},
};

#[test]
fn what_was_put_is_found_by_every_method() {
    in_every_world(async |world| {
        let app = world.open(Some(&Fake::new())).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "zebra"), ("b", "giraffe"), ("c", "")]).await;
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            first(found(&app, method, "zebra").await, "a");
            first(found(&app, method, "giraffe").await, "b");
        }
        let any = SearchRequest { method: None, ..request("zebra", Method::Lexical, 10) };
        assert_eq!(search(&app, Principal::Operator, &any).await.unwrap().method, Method::Hybrid);
    });
}

#[test]
fn what_is_gone_is_not_found_before_any_follower_moves() {
    in_every_world(async |world| {
        let app = world.open(Some(&Fake::new())).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "zebra"), ("b", "giraffe"), ("c", "okapi")]).await;
        app.followers.catch_up().await.unwrap();
        put(&app, &docs, &[("a", "antelope")]).await;
        assert_eq!(delete(&app, &docs, &["b", "b", "unknown"]).await, 1);
        for method in METHODS {
            for gone in ["zebra", "giraffe"] {
                let texts: Vec<String> = passages(&app, method, gone).await.into_iter().map(|found| found.chunk.text).collect();
                assert!(texts.iter().all(|text| text.contains("okapi")), "{method:?}: {texts:?}");
            }
        }
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            first(found(&app, method, "antelope").await, "a");
            assert_eq!(passages(&app, method, "giraffe common").await.len(), 2);
        }
        // The same content again gets the ids that it had.
        put(&app, &docs, &[("b", "giraffe")]).await;
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            first(found(&app, method, "giraffe").await, "b");
        }
        let all = world.chunks();
        assert_eq!(world.on_disk(&app, &docs).await, (all.clone(), all));
    });
}

#[test]
fn putting_again_changes_nothing() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let docs = collection(&app).await;
        let outcomes = async |documents: &[(&str, &str)]| {
            put(&app, &docs, documents).await.into_iter().map(|put| (put.outcome, put.chunks)).collect::<Vec<_>>()
        };
        assert_eq!(outcomes(&[("a", "one"), ("b", "")]).await, [(Outcome::Added, 1), (Outcome::Added, 0)]);
        assert_eq!(outcomes(&[("b", ""), ("a", "one")]).await, [(Outcome::Unchanged, 0); 2]);
        assert_eq!(outcomes(&[("a", "two"), ("b", "")]).await, [(Outcome::Replaced, 1), (Outcome::Unchanged, 0)]);
        // The last of several counts, at every repetition.
        let twice = [("d", "first"), ("d", "second")];
        assert_eq!(outcomes(&twice).await, [(Outcome::Unchanged, 0), (Outcome::Added, 1)]);
        assert_eq!(outcomes(&twice).await, [(Outcome::Unchanged, 0); 2]);
        app.followers.catch_up().await.unwrap();
        first(found(&app, Method::Lexical, "second").await, "d");
        assert!(found(&app, Method::Lexical, "first").await.is_empty());
    });
}

#[test]
fn hits_that_are_gone_are_made_up_for_three_times() {
    in_every_world(async |world| {
        let app = world.open(Some(&Fake::new())).await;
        let docs = collection(&app).await;
        // Shorter texts rank higher: the last one is the worst.
        let text = |number: usize| "filler ".repeat(1 + number / 8) + "needle";
        for (count, expect) in [(60, 1), (120, 0)] {
            let ids: Vec<String> = (0..count).map(|number| format!("d{number:03}")).collect();
            let batch = ids.iter().enumerate().map(|(number, id)| document(id, &text(number))).collect();
            corpora::put(&app, &docs.collection, &docs.generation, batch).await.unwrap();
            app.followers.catch_up().await.unwrap();
            let all_but_last: Vec<&str> = ids[..count - 1].iter().map(String::as_str).collect();
            delete(&app, &docs, &all_but_last).await;
            // 1, 4, 16 and 64 hits are looked at.
            for method in [Method::Lexical, Method::Semantic] {
                let results = search(&app, Principal::Operator, &request("needle", method, 1)).await.unwrap();
                assert_eq!(results.passages.len(), expect, "{method:?}, {count}");
            }
            delete(&app, &docs, &[ids[count - 1].as_str()]).await;
            app.followers.catch_up().await.unwrap();
        }
    });
}
