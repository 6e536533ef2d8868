//! The followers of a server.

use crate::{
    fake::Fake,
    support::{collection, in_every_world, put},
};
use std::{sync::Arc, time::Duration};

const NEVER: Duration = Duration::from_secs(86_400);

#[test]
fn what_this_process_writes_is_followed_at_once() {
    in_every_world(async |world| {
        // It never looks by itself, and the other process can't follow: it waits for what the first one's tasks do.
        let server = world.open_polling(None, NEVER).await;
        let waiter = world.open(None).await;
        let docs = collection(&server).await;
        let following = server.followers.start();
        for round in 0..20 {
            let id = format!("d{round}");
            put(&server, &docs, &[(&id, "zebra")]).await;
            waiter.followers.wait(&docs.generation).await.unwrap();
        }
        following.stop().await;
        assert_eq!(world.on_disk(&server, &docs).await.0, world.chunks());
    });
}

#[test]
fn stopping_leaves_no_task_and_nothing_undone() {
    in_every_world(async |world| {
        let model = Fake::new();
        let server = world.open(Some(&model)).await;
        let waiter = world.open(Some(&model)).await;
        let docs = collection(&server).await;
        let following = server.followers.start();
        put(&waiter, &docs, &[("a", "zebra"), ("b", "giraffe")]).await;
        waiter.followers.wait(&docs.generation).await.unwrap();
        following.stop().await;
        assert_eq!(Arc::strong_count(&server.followers), 1, "a task is left");
        let all = world.chunks();
        assert_eq!(world.on_disk(&waiter, &docs).await, (all.clone(), all));
    });
}

#[test]
fn stopping_does_not_wait_for_a_model() {
    in_every_world(async |world| {
        let model = Fake::gated(0);
        let server = world.open(Some(&model)).await;
        let docs = collection(&server).await;
        put(&server, &docs, &[("a", "zebra")]).await;
        let following = server.followers.start();
        // The model never answers this process; the words are followed meanwhile.
        let waiter = world.open(None).await;
        waiter.followers.wait(&docs.generation).await.unwrap();
        following.stop().await;
        drop(server);
        // The right to embed is free again.
        let quick = Fake::new();
        let next = world.open(Some(&quick)).await;
        next.followers.wait(&docs.generation).await.unwrap();
        assert_eq!(quick.embedded(), ["zebra common"]);
    });
}
