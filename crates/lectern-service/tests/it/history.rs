//! Indexes whose place is not in the log any more, or that are gone, are filled from the tables; no model is called for that.

use crate::{
    fake::Fake,
    support::{METHODS, World, collection, first, found, in_every_world, put, request},
};
use lectern_domain::{access::Principal, search::Method};
use lectern_service::{ServiceError, search::search};

async fn is_rebuilt(world: &World<'_>, change: impl Fn()) {
    let model = Fake::new();
    let app = world.open(Some(&model)).await;
    let docs = collection(&app).await;
    put(&app, &docs, &[("a", "zebra"), ("b", "giraffe")]).await;
    app.followers.catch_up().await.unwrap();
    drop(app);
    change();
    let app = world.open(Some(&model)).await;
    app.followers.catch_up().await.unwrap();
    for method in METHODS {
        first(found(&app, method, "giraffe").await, "b");
    }
    let all = world.chunks();
    assert_eq!(world.on_disk(&app, &docs).await, (all.clone(), all));
    assert_eq!(model.embedded(), ["giraffe common", "zebra common"], "a rebuild embeds nothing");
}

#[test]
fn an_index_folder_that_is_gone_is_filled_anew() {
    in_every_world(async |world| is_rebuilt(world, || std::fs::remove_dir_all(world.index()).unwrap()).await);
}

/// The same numbers with other entries, as a restored database has them after some writes; one document is not in the restored tables.
#[test]
fn a_place_of_another_history_is_no_place() {
    in_every_world(async |world| {
        is_rebuilt(world, || {
            match world.database.name() {
                "sqlite" => world.sql("UPDATE changes SET entry_id = randomblob(16)"),
                _ => world.sql("UPDATE changes SET entry_id = gen_random_uuid()"),
            }
            world.sql("DELETE FROM documents WHERE external_id = 'a'");
        })
        .await;
    });
}

#[test]
fn a_place_beyond_the_end_of_the_log_is_no_place() {
    in_every_world(async |world| {
        is_rebuilt(world, || {
            world.sql("DELETE FROM changes");
            world.sql("DELETE FROM documents WHERE external_id = 'a'");
        })
        .await;
    });
}

/// The process is running when its place goes.
#[test]
fn a_place_may_go_at_any_time() {
    in_every_world(async |world| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        let docs = collection(&app).await;
        app.followers.catch_up().await.unwrap();
        put(&app, &docs, &[("a", "zebra"), ("b", "giraffe")]).await;
        app.followers.catch_up().await.unwrap();
        put(&app, &docs, &[("c", "okapi")]).await;
        put(&app, &docs, &[("e", "gnu")]).await;
        // Somebody who thought that nobody follows trimmed everything but the end.
        world.sql("DELETE FROM changes WHERE seq < (SELECT max(seq) FROM changes)");
        put(&app, &docs, &[("d", "antelope")]).await;
        app.followers.catch_up().await.unwrap();
        let all = world.chunks();
        assert_eq!((all.len(), world.on_disk(&app, &docs).await), (5, (all.clone(), all)));
    });
}

#[test]
fn a_generation_without_a_model_takes_the_first_that_is_configured() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let docs = collection(&app).await;
        assert_eq!(docs.generation.model, None);
        put(&app, &docs, &[("a", "zebra"), ("b", "giraffe")]).await;
        app.followers.catch_up().await.unwrap();
        let semantic = request("zebra", Method::Semantic, 1);
        assert!(matches!(search(&app, Principal::Operator, &semantic).await, Err(ServiceError::NoEmbeddings)));
        drop(app);
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            first(found(&app, method, "zebra").await, "a");
        }
        assert_eq!(model.embedded(), ["giraffe common", "zebra common"]);
    });
}
