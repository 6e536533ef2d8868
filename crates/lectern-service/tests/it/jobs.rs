//! The runner of jobs, with a worker that does what the test says.

use crate::support::{World, in_every_world};
use diesel::{QueryDsl as _, RunQueryDsl as _};
use lectern_domain::ids::{HolderId, JobId};
use lectern_persistence::{
    DbError,
    repo::jobs::{self, Settled, TakenJob},
    schema,
    types::JsonValue,
};
use lectern_service::{
    blocking::Bridge,
    jobs::{Attempt, JobError, JobOptions, Jobs, Policy, Runner, RunningJobs, Worker},
};
use serde_json::{Value, json};
use std::{future::pending, sync::Arc, time::Duration};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

const LONG: Duration = Duration::from_secs(600);

/// Does what the payload says and tells of each attempt: its payload's `do`, and its number.
struct Scripted {
    told: UnboundedSender<(String, u32)>,
}

impl Worker for Scripted {
    fn kinds(&self) -> &[&str] {
        &["scripted", "other"]
    }

    fn attempt(self: Arc<Self>, job: TakenJob) -> Result<Attempt, JobError> {
        let Some(script) = job.payload["do"].as_str().map(str::to_owned) else {
            self.told.send((String::new(), job.attempt)).unwrap();
            return Err(JobError::GiveUp("no script".into()));
        };
        let policy = Policy { attempts: 3, first_wait: Duration::from_millis(1), longest_wait: Duration::from_millis(1), timeout: LONG };
        let policy = if script == "time out" { Policy { timeout: Duration::ZERO, ..policy } } else { policy };
        let run = Box::pin(async move {
            self.told.send((script.clone(), job.attempt)).unwrap();
            match script.as_str() {
                "fail once" if job.attempt == 1 => Err(JobError::Again("it is the first time".into())),
                "fail" => Err(JobError::Again(format!("attempt {}", job.attempt))),
                "give up" => Err(JobError::GiveUp("it never works".into())),
                "panic" => panic!("on purpose"),
                "hang" | "time out" => pending().await,
                _ => Ok(()),
            }
        });
        Ok(Attempt { policy, run })
    }
}

fn start(bridge: &Bridge) -> (RunningJobs, Arc<Jobs>, UnboundedReceiver<(String, u32)>) {
    let (told, heard) = unbounded_channel();
    // Looks by itself come late: what wakes it is what the test is about.
    let jobs = Arc::new(Jobs::new(JobOptions { poll: LONG, ..JobOptions::default() }));
    let worker: Arc<dyn Worker> = Arc::new(Scripted { told });
    (Runner::new(bridge.clone(), jobs.clone(), worker).start(), jobs, heard)
}

async fn enqueue(bridge: &Bridge, kind: &'static str, payload: Value) -> JobId {
    bridge.write::<_, DbError>(move |tx| jobs::enqueue(tx.conn(), kind, payload, Duration::ZERO)).await.unwrap()
}

/// State, attempts, error and payload of every job.
fn rows(world: &World<'_>) -> Vec<(String, i32, Option<String>, Value)> {
    use schema::jobs::dsl;
    type Row = (String, i32, Option<String>, JsonValue);
    let read = world.database.database().read::<Vec<Row>, DbError>(|conn| {
        Ok(dsl::jobs.order(dsl::id).select((dsl::state, dsl::attempts, dsl::error, dsl::payload)).load(conn)?)
    });
    read.unwrap().into_iter().map(|(state, attempts, error, payload)| (state, attempts, error, payload.0)).collect()
}

/// Runs one job to its end; what its row says then, and how often it was tried.
#[track_caller]
fn check(payload: Value, expect: (&str, Option<&str>), attempts: u32) {
    in_every_world(async |world| {
        let bridge = world.open(None).await.bridge.clone();
        let (running, jobs, mut heard) = start(&bridge);
        enqueue(&bridge, "scripted", payload.clone()).await;
        jobs.wake();
        let script = payload["do"].as_str().unwrap_or_default().to_owned();
        for attempt in 1..=attempts {
            assert_eq!(heard.recv().await, Some((script.clone(), attempt)));
        }
        running.stop(LONG).await;
        let row = (expect.0.to_owned(), attempts as i32, expect.1.map(str::to_owned), Value::Null);
        assert_eq!(rows(world), [row], "on {}", world.database.name());
    });
}

#[test]
fn a_job_is_done_and_its_payload_goes() {
    check(json!({ "do": "it", "secret": 1 }), ("done", None), 1);
}

#[test]
fn a_job_that_fails_is_tried_again() {
    check(json!({ "do": "fail once" }), ("done", None), 2);
}

#[test]
fn a_job_that_always_fails_is_kept_with_the_last_reason() {
    check(json!({ "do": "fail" }), ("failed", Some("attempt 3")), 3);
    check(json!({ "do": "panic" }), ("failed", Some("it panicked")), 3);
    check(json!({ "do": "time out" }), ("failed", Some("it took longer than 0 s")), 3);
}

#[test]
fn a_job_that_never_works_is_tried_once() {
    check(json!({ "do": "give up" }), ("failed", Some("it never works")), 1);
    check(json!({}), ("failed", Some("no script")), 1);
}

#[test]
fn two_processes_do_each_job_once() {
    in_every_world(async |world| {
        let (one, other) = (world.open(None).await.bridge.clone(), world.open(None).await.bridge.clone());
        for number in 0..40 {
            enqueue(&one, if number % 2 == 0 { "scripted" } else { "other" }, json!({ "do": format!("{number:02}") })).await;
        }
        let ((first, _, mut heard), (second, _, mut also_heard)) = (start(&one), start(&other));
        let mut done = Vec::new();
        while done.len() < 40 {
            let one = tokio::select! {
                one = heard.recv() => one,
                one = also_heard.recv() => one,
            };
            done.push(one.unwrap());
        }
        first.stop(LONG).await;
        second.stop(LONG).await;
        assert!(heard.recv().await.is_none() && also_heard.recv().await.is_none());
        done.sort();
        assert_eq!(done, (0..40).map(|number| (format!("{number:02}"), 1)).collect::<Vec<_>>());
        assert!(rows(world).iter().all(|row| row.0 == "done"));
    });
}

#[test]
fn a_stop_hands_back_what_does_not_end() {
    in_every_world(async |world| {
        let bridge = world.open(None).await.bridge.clone();
        enqueue(&bridge, "scripted", json!({ "do": "hang" })).await;
        let (running, _, mut heard) = start(&bridge);
        assert_eq!(heard.recv().await, Some(("hang".into(), 1)));
        running.stop(Duration::ZERO).await;
        assert_eq!(rows(world), [("queued".into(), 0, None, json!({ "do": "hang" }))]);
        let (running, _, mut heard) = start(&bridge);
        assert_eq!(heard.recv().await, Some(("hang".into(), 1)), "the attempt did not count");
        running.stop(Duration::ZERO).await;
    });
}

#[test]
fn what_a_killed_process_had_is_taken_over_when_its_lease_is_over() {
    in_every_world(async |world| {
        let bridge = world.open(None).await.bridge.clone();
        let (killed, alive) = (HolderId(Uuid::new_v4()), HolderId(Uuid::new_v4()));
        let id = enqueue(&bridge, "scripted", json!({ "do": "it" })).await;
        let take = |holder, lease| bridge.write::<_, DbError>(move |tx| jobs::take(tx.conn(), &["scripted"], holder, lease, 9));
        assert_eq!(take(killed, LONG).await.unwrap().len(), 1);
        assert_eq!(take(alive, LONG).await.unwrap().len(), 0, "it has a lease");
        let renewed = bridge.write::<_, DbError>(move |tx| jobs::renew(tx.conn(), killed, Duration::ZERO)).await.unwrap();
        assert_eq!(renewed, [id]);
        let (running, _, mut heard) = start(&bridge);
        assert_eq!(heard.recv().await, Some(("it".into(), 2)));
        running.stop(LONG).await;
        let late = bridge.write::<_, DbError>(move |tx| jobs::settle(tx.conn(), id, killed, &Settled::Failed("late".into()))).await;
        assert!(!late.unwrap());
        assert_eq!(rows(world), [("done".into(), 2, None, Value::Null)]);
    });
}

#[test]
fn a_job_that_ends_its_processes_is_given_up() {
    in_every_world(async |world| {
        let bridge = world.open(None).await.bridge.clone();
        enqueue(&bridge, "scripted", json!({ "do": "it" })).await;
        for _ in 0..3 {
            let holder = HolderId(Uuid::new_v4());
            let taken = bridge.write::<_, DbError>(move |tx| jobs::take(tx.conn(), &["scripted"], holder, Duration::ZERO, 9));
            assert_eq!(taken.await.unwrap().len(), 1);
        }
        enqueue(&bridge, "other", json!({ "do": "after it" })).await;
        let (running, _, mut heard) = start(&bridge);
        assert_eq!(heard.recv().await, Some(("after it".into(), 1)));
        running.stop(LONG).await;
        let error = Some("the processes that tried it ended while at it".to_owned());
        assert_eq!(rows(world)[0], ("failed".into(), 4, error, Value::Null));
    });
}

#[test]
fn kinds_that_this_build_does_not_know_are_left_alone() {
    in_every_world(async |world| {
        let bridge = world.open(None).await.bridge.clone();
        enqueue(&bridge, "of a newer version", json!({ "do": "it" })).await;
        let next = || bridge.read::<_, DbError>(|conn| jobs::next_due(conn, &["scripted", "other"]));
        assert_eq!(next().await.unwrap(), None);
        bridge.write::<_, DbError>(|tx| jobs::enqueue(tx.conn(), "other", json!({}), LONG)).await.unwrap();
        let wait = next().await.unwrap().unwrap();
        assert!(wait < 2 * LONG && wait > LONG / 2, "{wait:?}");
        enqueue(&bridge, "scripted", json!({ "do": "it" })).await;
        let (running, _, mut heard) = start(&bridge);
        heard.recv().await.unwrap();
        running.stop(LONG).await;
        assert_eq!(rows(world)[0], ("queued".into(), 0, None, json!({ "do": "it" })));
    });
}

#[test]
fn jobs_that_ended_long_ago_are_deleted() {
    in_every_world(async |world| {
        let bridge = world.open(None).await.bridge.clone();
        let holder = HolderId(Uuid::new_v4());
        for end in [Settled::Done, Settled::Failed("why".into()), Settled::Again(LONG, "why".into())] {
            let id = enqueue(&bridge, "scripted", json!({})).await;
            let settled = bridge.write::<_, DbError>(move |tx| {
                jobs::take(tx.conn(), &["scripted"], holder, LONG, 1)?;
                jobs::settle(tx.conn(), id, holder, &end)
            });
            assert!(settled.await.unwrap());
        }
        let states = || rows(world).into_iter().map(|row| row.0).collect::<Vec<_>>();
        // The database's clock may not have moved since: nothing is older than now by so much as a millisecond for certain.
        world.sql("UPDATE jobs SET updated_at = '2001-01-01T00:00:00.000000Z'");
        let trim = |done, failed| bridge.write::<_, DbError>(move |tx| jobs::trim(tx.conn(), done, failed));
        let century = Duration::from_secs(100 * 366 * 86_400);
        assert_eq!(trim(century, century).await.unwrap(), 0);
        assert_eq!(trim(Duration::ZERO, century).await.unwrap(), 1);
        assert_eq!(states(), ["failed", "queued"]);
        assert_eq!(trim(Duration::ZERO, Duration::ZERO).await.unwrap(), 1);
        assert_eq!(states(), ["queued"]);
    });
}
