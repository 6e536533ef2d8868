//! Writers and readers at once: no search that starts after a replacement or a deletion was acknowledged returns what went.

use crate::{
    fake::Fake,
    support::{COMMON, METHODS, collection, delete, in_every_world, put, request},
};
use lectern_domain::access::Principal;
use lectern_service::search::search;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

const WRITERS: usize = 8;
const READERS: usize = 8;
const ROUNDS: usize = 25;

/// A text names its writer and round. A writer has one document; every third round deletes it.
fn words(writer: usize, round: usize) -> String {
    format!("writer{writer} round{round}")
}

#[test]
fn nothing_that_is_gone_is_ever_returned() {
    in_every_world(async |world| {
        let model = Fake::new();
        let server = world.open(Some(&model)).await;
        let other = world.open(Some(&model)).await;
        let docs = Arc::new(collection(&server).await);
        let following = server.followers.start();
        // The first round that a search may still return, for each writer.
        let acknowledged: Arc<Vec<AtomicUsize>> = Arc::new((0..WRITERS).map(|_| AtomicUsize::new(0)).collect());
        let writing = Arc::new(AtomicUsize::new(WRITERS));
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let app = if writer % 2 == 0 { server.clone() } else { other.clone() };
            let (docs, acknowledged, writing) = (docs.clone(), acknowledged.clone(), writing.clone());
            tasks.spawn(async move {
                let id = format!("d{writer}");
                for round in 0..ROUNDS {
                    if round % 3 == 2 {
                        assert_eq!(delete(&app, &docs, &[&id]).await, 1);
                    } else {
                        put(&app, &docs, &[(&id, &words(writer, round))]).await;
                    }
                    acknowledged[writer].store(round, Ordering::SeqCst);
                }
                writing.fetch_sub(1, Ordering::SeqCst);
            });
        }
        for reader in 0..READERS {
            let app = if reader % 2 == 0 { server.clone() } else { other.clone() };
            let (acknowledged, writing) = (acknowledged.clone(), writing.clone());
            tasks.spawn(async move {
                for number in reader.. {
                    let last = writing.load(Ordering::SeqCst) == 0;
                    let oldest: Vec<usize> = acknowledged.iter().map(|round| round.load(Ordering::SeqCst)).collect();
                    let method = METHODS[number % METHODS.len()];
                    let results = search(&app, Principal::Operator, &request(COMMON, method, 50)).await.unwrap();
                    for found in &results.passages {
                        let (writer, round) = found.chunk.text.strip_suffix(COMMON).unwrap().trim().split_once(' ').unwrap();
                        let writer: usize = writer.strip_prefix("writer").unwrap().parse().unwrap();
                        let round: usize = round.strip_prefix("round").unwrap().parse().unwrap();
                        assert!(round >= oldest[writer], "{method:?}: round {round} after {} was acknowledged", oldest[writer]);
                    }
                    if last {
                        break;
                    }
                }
            });
        }
        while let Some(task) = tasks.join_next().await {
            task.unwrap();
        }
        other.followers.wait(&docs.generation).await.unwrap();
        following.stop().await;
        let all = world.chunks();
        assert_eq!(all.len(), WRITERS, "the last round puts");
        assert_eq!(world.on_disk(&other, &docs).await, (all.clone(), all));
    });
}
