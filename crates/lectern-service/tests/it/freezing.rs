//! What works in the background while the database is frozen.

use crate::{
    fake::Fake,
    support::{World, collection, document, first, found, in_every_world, put},
};
use lectern_domain::search::Method;
use lectern_persistence::{
    DbError, WriteKind,
    repo::{
        freezes::{self, FreezeState},
        jobs,
    },
};
use lectern_service::{
    ServiceError,
    app::DatabaseSpec,
    corpora,
    jobs::{Attempt, JobError, JobOptions, Jobs, Policy, Runner, Worker},
    pulse::TaskState,
    schema::{FreezeOptions, Schema, freeze, thaw},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Semaphore, mpsc};

/// Rows that no copy takes.
const UPKEEP: &[&str] = &["followers", "follower_cursors", "freezes", "leases"];

const AT_ONCE: FreezeOptions = FreezeOptions { wait: Duration::ZERO, now: false };

fn schema(world: &World<'_>) -> Schema {
    let spec = DatabaseSpec {
        url: world.database.url().expose(),
        connections: 1,
        acquire_timeout: Duration::from_secs(60),
        write_queue: 16,
        upgrade: false,
    };
    Schema::open(&spec, None, Duration::from_secs(60)).unwrap()
}

#[test]
fn followers_go_on_with_what_no_copy_takes_and_wait_with_the_rest() {
    in_every_world(async |world| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "zebra")]).await;
        let schema = schema(world);
        freeze(&schema, AT_ONCE).unwrap();
        let rows = world.database.rows_but_of(UPKEEP);

        let refused = corpora::put(&app, &docs.collection, &docs.generation, vec![document("b", "okapi")]).await;
        assert!(matches!(refused, Err(ServiceError::Frozen(_))));
        let behind = app.followers.catch_up().await;
        assert!(matches!(behind, Err(ServiceError::Frozen(_))), "the embedder waits: {behind:?}");
        first(found(&app, Method::Lexical, "zebra").await, "a");
        assert_eq!(world.on_disk(&app, &docs).await.0, world.chunks(), "words are followed");
        app.followers.maintain().await.unwrap();
        // Another process starts meanwhile, with followers that go on trying.
        let other = world.open(Some(&model)).await;
        let following = other.followers.start();
        following.stop().await;
        assert_eq!(model.embedded(), Vec::<String>::new(), "the model is not asked for what cannot be kept");
        assert_eq!(world.database.rows_but_of(UPKEEP), rows, "on {}: a copy would differ", world.database.name());

        let following = app.followers.start();
        thaw(&schema).unwrap();
        app.followers.wait(&docs.generation).await.unwrap();
        first(found(&app, Method::Semantic, "zebra").await, "a");
        assert!(app.followers.states().iter().all(|(_, state)| *state == TaskState::Running));
        following.stop().await;
    });
}

/// Tells that it began, and ends when it may.
struct Gated {
    began: mpsc::UnboundedSender<()>,
    gate: Semaphore,
}

impl Worker for Gated {
    fn kinds(&self) -> &[&str] {
        &["gated"]
    }

    fn attempt(self: Arc<Self>, _: jobs::TakenJob) -> Result<Attempt, JobError> {
        let day = Duration::from_secs(86_400);
        let run = Box::pin(async move {
            self.began.send(()).unwrap();
            self.gate.acquire().await.unwrap().forget();
            Ok(())
        });
        Ok(Attempt { policy: Policy { attempts: 1, first_wait: day, longest_wait: day, timeout: day }, run })
    }
}

#[test]
fn a_job_that_runs_is_waited_for_and_one_that_is_due_is_done_after_the_thaw() {
    in_every_world(async |world| {
        let bridge = world.open(None).await.bridge.clone();
        let (began, mut begun) = mpsc::unbounded_channel();
        let worker = Arc::new(Gated { began, gate: Semaphore::new(0) });
        let running = Runner::new(bridge.clone(), Arc::new(Jobs::new(JobOptions::default())), worker.clone()).start();
        let enqueue = || bridge.write::<_, DbError>(|tx| jobs::enqueue(tx.conn(), "gated", json!({}), Duration::ZERO));
        enqueue().await.unwrap();
        begun.recv().await.unwrap();
        let schema = schema(world);
        let busy = freeze(&schema, AT_ONCE);
        assert!(matches!(busy, Err(ServiceError::StillBusy { answers: 0, jobs: 1, .. })), "{busy:?}");
        enqueue().await.expect("nothing is frozen");
        begun.recv().await.unwrap();

        // What runs may end while the database is being frozen.
        bridge.write_as::<_, DbError>(WriteKind::Upkeep, |tx| freezes::set(tx.conn(), FreezeState::Draining)).await.unwrap();
        worker.gate.add_permits(2);
        freeze(&schema, FreezeOptions { wait: Duration::from_secs(600), now: false }).unwrap();
        running.stop(Duration::from_secs(600)).await;
        let done = world.database.rows_but_of(UPKEEP)["jobs"].clone();
        assert!(done.len() == 2 && done.iter().all(|row| row.contains("done")), "{done:?}");

        // What is due waits for the thaw.
        thaw(&schema).unwrap();
        enqueue().await.unwrap();
        freeze(&schema, AT_ONCE).unwrap();
        worker.gate.add_permits(1);
        let running = Runner::new(bridge.clone(), Arc::new(Jobs::new(JobOptions::default())), worker).start();
        thaw(&schema).unwrap();
        begun.recv().await.unwrap();
        running.stop(Duration::from_secs(600)).await;
    });
}
