//! The embedder: each text once, whatever is refused, fails or is put again.

use crate::{
    fake::Fake,
    support::{World, collection, document, first, found, in_every_world, put},
};
use lectern_domain::{ids::GenerationId, search::Method};
use lectern_persistence::{DbError, repo::dead_letters};
use lectern_service::corpora;
use std::sync::atomic::Ordering;

fn reasons(world: &World<'_>, generation: GenerationId) -> Vec<String> {
    let letters = world.database.database().read::<_, DbError>(|conn| dead_letters::list(conn, generation, 100)).unwrap();
    letters.into_iter().map(|(_, reason)| reason).collect()
}

#[test]
fn what_a_model_refuses_stops_nothing() {
    in_every_world(async |world| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "zebra"), ("b", "REFUSED word"), ("c", "NAN value"), ("d", "okapi"), ("e", "REFUSED word")]).await;
        app.followers.catch_up().await.unwrap();
        first(found(&app, Method::Semantic, "okapi").await, "d");
        assert_eq!(found(&app, Method::Lexical, "REFUSED").await.len(), 2);
        let reasons_of_all = reasons(world, docs.generation.id);
        assert_eq!(reasons_of_all.len(), 3, "{reasons_of_all:?}");
        assert!(reasons_of_all.iter().any(|reason| reason.contains("finite")), "{reasons_of_all:?}");
        let (words, vectors) = world.on_disk(&app, &docs).await;
        assert_eq!((words.len(), vectors.len()), (5, 2));
    });
}

#[test]
fn a_model_that_fails_is_asked_again() {
    in_every_world(async |world| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        let docs = collection(&app).await;
        model.failing.store(true, Ordering::SeqCst);
        put(&app, &docs, &[("a", "zebra")]).await;
        app.followers.catch_up().await.unwrap_err();
        first(found(&app, Method::Lexical, "zebra").await, "a");
        assert!(reasons(world, docs.generation.id).is_empty());
        model.failing.store(false, Ordering::SeqCst);
        // Another process may embed at once: the right to it was given back.
        let other = world.open(Some(&model)).await;
        other.followers.catch_up().await.unwrap();
        app.followers.catch_up().await.unwrap();
        first(found(&app, Method::Semantic, "zebra").await, "a");
    });
}

#[test]
fn a_text_is_embedded_once() {
    in_every_world(async |world| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "zebra"), ("b", "zebra"), ("c", "giraffe")]).await;
        app.followers.catch_up().await.unwrap();
        assert_eq!(model.embedded(), ["giraffe common", "zebra common"]);
        // A new version with another address has the same passages, and other chunks.
        let mut moved = document("a", "zebra");
        moved.url = Some("https://example.org/a".to_owned());
        corpora::put(&app, &docs.collection, &docs.generation, vec![moved]).await.unwrap();
        put(&app, &docs, &[("c", "zebra")]).await;
        app.followers.catch_up().await.unwrap();
        assert_eq!(model.embedded().len(), 2);
        let all = world.chunks();
        assert_eq!((all.len(), world.on_disk(&app, &docs).await), (3, (all.clone(), all)));
    });
}

#[test]
fn two_processes_embed_nothing_twice() {
    in_every_world(async |world| {
        let model = Fake::gated(0);
        let one = world.open(Some(&model)).await;
        let two = world.open(Some(&model)).await;
        let docs = collection(&one).await;
        let ids: Vec<String> = (0..300).map(|number| format!("d{number}")).collect();
        let batch = ids.iter().map(|id| document(id, &format!("word{id}"))).collect();
        corpora::put(&one, &docs.collection, &docs.generation, batch).await.unwrap();
        // The holder of the folder goes on following, whoever is done first. The model answers once both are under way.
        let following = one.followers.start();
        let (first, second) = tokio::join!(one.followers.wait(&docs.generation), async {
            let second = two.followers.catch_up();
            model.gate.add_permits(1_000);
            second.await?;
            two.followers.wait(&docs.generation).await
        });
        following.stop().await;
        first.and(second).unwrap();
        let embedded = model.embedded();
        assert_eq!(embedded.len(), 300);
        assert!(embedded.is_sorted_by(|a, b| a < b), "a text was embedded twice");
        assert_eq!(world.on_disk(&one, &docs).await.1.len(), 300);
    });
}
