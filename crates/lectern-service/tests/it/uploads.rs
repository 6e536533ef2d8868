//! Files on their way into documents: taken over, given up, forgotten.

use crate::{
    fake::Fake,
    support::{COMMON, METHODS, World, collection_of, found, in_every_world, name},
};
use bytes::Bytes;
use diesel::{QueryDsl as _, RunQueryDsl as _};
use lectern_domain::{
    access::Principal,
    collection::{CollectionRef, Visibility},
    email::EmailAddress,
    ids::{HolderId, UploadId, UserId},
    page::Following,
    password::Password,
    upload::{About, PART_BYTES, UploadFormat},
};
use lectern_persistence::{
    DbError,
    repo::jobs::{self, TakenJob},
    schema,
};
use lectern_service::{
    ServiceError,
    accounts::{Caller, Credential, users},
    app::App,
    corpora,
    jobs::{JobError, Worker},
    uploads::{NewFile, Receiving, Stage, UploadView, list, status},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const LEASE: Duration = Duration::from_secs(60);

pub(crate) async fn caller(app: &App) -> Caller {
    let account = users::NewAccount {
        username: "jeanne".into(),
        email: EmailAddress::try_from("jeanne@example.org").unwrap(),
        password: Password::try_from("correct-horse".to_owned()).unwrap(),
        is_admin: false,
    };
    users::add(app, account).await.unwrap();
    Caller { user: users::list(app).await.unwrap().remove(0), credential: Credential::ApiToken }
}

fn file(name: &str, format: UploadFormat) -> NewFile {
    NewFile { collection: CollectionRef::Name(crate::support::name("mine")), name: name.to_owned(), format, about: About::default() }
}

async fn send(app: &Arc<App>, who: &Caller, file: NewFile, bytes: &[u8]) -> UploadId {
    let mut receiving = Receiving::begin(app, who, file).await.unwrap();
    for piece in bytes.chunks(100_000) {
        receiving.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    receiving.finish().await.unwrap()
}

/// Documents of about 10 KB, a line each, each with a word of its own.
fn lines(count: usize) -> Vec<u8> {
    let line =
        |n: usize| json!({ "_id": format!("d{n}"), "text": format!("word{n} {COMMON} {}", "filler ".repeat(1_400)) }).to_string() + "\n";
    (0..count).map(line).collect::<String>().into_bytes()
}

/// Takes the job that is due, as a process of its own would.
async fn take(app: &App, holder: HolderId) -> Option<TakenJob> {
    let taken = app.bridge.write::<_, DbError>(move |tx| jobs::take(tx.conn(), &["ingest", "drop_collection"], holder, LEASE, 1)).await;
    taken.unwrap().pop()
}

/// Does every job that is due.
pub(crate) async fn work(app: &Arc<App>) {
    let running = lectern_service::jobs::start(app);
    loop {
        let counts = lectern_service::jobs::counts(app).await.unwrap();
        if counts.iter().all(|(state, _)| state == "done" || state == "failed") {
            break;
        }
        tokio::task::yield_now().await;
    }
    running.stop(LEASE).await;
}

fn parts(world: &World<'_>) -> i64 {
    use schema::upload_parts::dsl;
    world.database.database().read::<i64, DbError>(|conn| Ok(dsl::upload_parts.count().get_result(conn)?)).unwrap()
}

async fn view(app: &App, who: &Caller, id: UploadId) -> UploadView {
    status(app, who.principal(), id).await.unwrap()
}

pub(crate) async fn mine(app: &App, owner: UserId) -> corpora::Ensured {
    collection_of(app, "mine", Some(owner), Visibility::Private).await
}

#[test]
fn a_job_of_a_process_that_ended_goes_on_where_that_one_came_to() {
    in_every_world(async |world| {
        let app = world.open(Some(&Fake::new())).await;
        let who = caller(&app).await;
        mine(&app, who.user.id).await;
        // 120 documents are three batches, and two parts.
        let bytes = lines(120);
        let id = send(&app, &who, file("a.jsonl", UploadFormat::Jsonl), &bytes).await;
        assert!(parts(world) as usize == bytes.len().div_ceil(PART_BYTES) && parts(world) == 2);
        assert_eq!(view(&app, &who, id).await.stage, Stage::Queued);

        // A process takes it and ends after some batches: its future is dropped, and its lease runs out.
        let first = HolderId(Uuid::new_v4());
        let job = take(&app, first).await.unwrap();
        let mut attempt = Arc::clone(&app).attempt(job).unwrap().run;
        let progress = loop {
            tokio::select! {
                biased;
                ended = &mut attempt => panic!("it ended at once: {ended:?}"),
                () = tokio::task::yield_now() => {}
            }
            let view = view(&app, &who, id).await;
            if view.status.progress.added > 0 {
                assert_eq!(view.stage, Stage::Storing);
                break view.status.progress;
            }
        };
        drop(attempt);
        assert!(progress.added < 120 && progress.bytes > 0 && progress.lines == progress.added, "{progress:?}");
        app.bridge.write::<_, DbError>(move |tx| jobs::hand_back(tx.conn(), first)).await.unwrap();
        assert!(parts(world) > 0);

        let other = world.open(Some(&Fake::new())).await;
        work(&other).await;
        let ended = view(&other, &who, id).await;
        let after = ended.status.progress;
        // What the first one stored and did not write down any more counts as unchanged.
        assert!(after.added + after.unchanged == 120 && after.failed == 0, "{after:?}");
        assert!(after.added >= progress.added && after.unchanged <= 64, "{progress:?} {after:?}");
        assert_eq!((after.bytes, after.lines, parts(world)), (bytes.len() as u64, 120, 0));
        assert_eq!(ended.stage, Stage::Indexing, "nobody has followed yet");
        app.followers.catch_up().await.unwrap();
        assert_eq!(view(&app, &who, id).await.stage, Stage::Completed);
        for method in METHODS {
            let request = lectern_service::search::SearchRequest {
                collections: Some(vec![CollectionRef::Name(name("mine"))]),
                ..crate::support::request("word119", method, 1)
            };
            let found = lectern_service::search::search(&app, who.principal(), &request).await.unwrap();
            assert_eq!((found.method, found.passages.len()), (method, 1));
            // The vectors of the fake model are near to each other.
            assert!(method != METHODS[0] || found.passages[0].chunk.external_id == "d119", "{found:?}");
        }
    });
}

#[test]
fn whoever_has_lost_a_job_writes_nothing_more_of_it_down() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let who = caller(&app).await;
        mine(&app, who.user.id).await;
        let id = send(&app, &who, file("a.jsonl", UploadFormat::Jsonl), &lines(3)).await;
        let (first, second) = (HolderId(Uuid::new_v4()), HolderId(Uuid::new_v4()));
        let lost = take(&app, first).await.unwrap();
        world.sql("UPDATE jobs SET lease_expires_at = created_at");
        let taken_over = take(&app, second).await.unwrap();
        assert_eq!((lost.id, lost.attempt, taken_over.attempt), (taken_over.id, 1, 2));
        let refused = Arc::clone(&app).attempt(lost).unwrap().run.await.unwrap_err();
        assert!(matches!(&refused, JobError::Again(why) if why.contains("another process")), "{refused}");
        assert_eq!(view(&app, &who, id).await.status.progress.added, 0);
        Arc::clone(&app).attempt(taken_over).unwrap().run.await.unwrap();
        assert_eq!(view(&app, &who, id).await.status.progress.added, 3);
    });
}

#[test]
fn the_bytes_of_a_job_that_is_given_up_go() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let who = caller(&app).await;
        mine(&app, who.user.id).await;
        let id = send(&app, &who, file("a.txt", UploadFormat::Text), b"text").await;
        // The processes that tried it ended while at it, five times.
        world.sql("UPDATE jobs SET attempts = 5");
        assert_eq!(parts(world), 1);
        work(&app).await;
        let ended = view(&app, &who, id).await;
        assert_eq!((ended.stage, parts(world)), (Stage::Failed, 0));
        assert!(ended.status.error.is_some_and(|why| why.contains("ended while at it")));
    });
}

#[test]
fn a_file_that_does_not_arrive_leaves_nothing() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let who = caller(&app).await;
        mine(&app, who.user.id).await;
        let bytes = Bytes::from(vec![b'x'; PART_BYTES + 1]);
        let uploads = || {
            use schema::uploads::dsl;
            world.database.database().read::<i64, DbError>(|conn| Ok(dsl::uploads.count().get_result(conn)?)).unwrap()
        };
        // The caller goes away.
        let mut receiving = Receiving::begin(&app, &who, file("a.txt", UploadFormat::Text)).await.unwrap();
        receiving.write(bytes.clone()).await.unwrap();
        assert_eq!((uploads(), parts(world)), (1, 1));
        drop(receiving);
        while uploads() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(parts(world), 0);
        // The process goes away: what has not moved for an hour is forgotten by the others when they look after their jobs.
        let mut receiving = Receiving::begin(&app, &who, file("a.txt", UploadFormat::Text)).await.unwrap();
        receiving.write(bytes).await.unwrap();
        world.sql("UPDATE uploads SET updated_at = '2020-01-01T00:00:00.000000Z'");
        let running = lectern_service::jobs::start(&app);
        while uploads() > 0 {
            tokio::task::yield_now().await;
        }
        running.stop(LEASE).await;
        let gone = receiving.finish().await.unwrap_err();
        assert!(matches!(gone, ServiceError::UploadGone), "{gone}");
        assert!(lectern_service::jobs::counts(&app).await.unwrap().is_empty(), "no job without its file");
    });
}

#[test]
fn a_collection_that_is_deleted_is_out_of_sight_at_once_and_its_rows_and_indexes_go() {
    in_every_world(async |world| {
        let app = world.open(Some(&Fake::new())).await;
        let who = caller(&app).await;
        let kept = collection_of(&app, "docs", None, Visibility::Public).await;
        crate::support::put(&app, &kept, &[("kept", "zebra")]).await;
        let of = mine(&app, who.user.id).await;
        let many: Vec<(String, String)> = (0..450).map(|n| (format!("d{n}"), format!("zebra{n}"))).collect();
        for batch in many.chunks(64) {
            let batch: Vec<(&str, &str)> = batch.iter().map(|(id, words)| (id.as_str(), words.as_str())).collect();
            crate::support::put(&app, &of, &batch).await;
        }
        app.followers.catch_up().await.unwrap();
        let waiting = send(&app, &who, file("late.txt", UploadFormat::Text), b"late").await;
        let index = world.index().read_dir().unwrap().find_map(|entry| {
            let home = entry.unwrap().path().join(format!("g{}", of.generation.id));
            home.is_dir().then_some(home)
        });
        let index = index.expect("an index");

        corpora::remove(&app, &who, CollectionRef::Id(of.collection.uid)).await.unwrap();
        let again = corpora::remove(&app, &who, CollectionRef::Id(of.collection.uid)).await.unwrap_err();
        assert!(matches!(again, ServiceError::UnknownCollection(_)));
        let root = Principal::Operator;
        assert!(matches!(status(&app, root, waiting).await, Err(ServiceError::JobNotFound)));
        let all = Following { after: None, limit: 10, descending: false };
        assert_eq!(corpora::list(&app, root, all).await.unwrap().len(), 1, "the operator does not see it either");
        assert!(list(&app, root, Following { after: None, limit: 10, descending: false }).await.unwrap().is_empty());
        let everywhere = lectern_service::search::SearchRequest { collections: None, ..crate::support::request("zebra7", METHODS[0], 10) };
        assert!(lectern_service::search::search(&app, root, &everywhere).await.unwrap().passages.is_empty());
        // Its name is free, and another collection of it is another one.
        let next = mine(&app, who.user.id).await;
        assert!(next.created && next.collection.uid != of.collection.uid);

        assert!(world.chunks().len() > 1 && index.is_dir());
        work(&app).await;
        assert_eq!((world.chunks().len(), parts(world)), (1, 0));
        app.followers.maintain().await.unwrap();
        assert!(!index.exists(), "{}", index.display());
        assert_eq!(found(&app, METHODS[0], "zebra").await, ["kept"]);
        let (deleted, log) = (of.collection.id, schema::changes::dsl::changes);
        let left = world.database.database().read::<i64, DbError>(move |conn| {
            use diesel::ExpressionMethods as _;
            Ok(log.filter(schema::changes::collection_id.eq(deleted.0)).count().get_result(conn)?)
        });
        assert_eq!(left.unwrap(), 0, "the log says nothing of it any more");
    });
}

#[test]
fn long_jobs_leave_places_to_short_ones() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let who = caller(&app).await;
        mine(&app, who.user.id).await;
        for n in 0..6 {
            send(&app, &who, file(&format!("{n}.txt"), UploadFormat::Text), b"text").await;
        }
        let running = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
        let worker: Arc<dyn Worker> = Arc::new(Slow { told, go: running.clone() });
        let jobs = Arc::new(lectern_service::jobs::Jobs::default());
        let runner = lectern_service::jobs::Runner::new(app.bridge.clone(), jobs.clone(), worker).start();
        assert_eq!((heard.recv().await.unwrap(), heard.recv().await.unwrap()), ("ingest".to_owned(), "ingest".to_owned()));
        // Two of the four places are taken, and no third long one may have another.
        app.bridge.write::<_, DbError>(|tx| jobs::enqueue(tx.conn(), "send_mail", json!({}), Duration::ZERO)).await.unwrap();
        jobs.wake();
        assert_eq!(heard.recv().await.unwrap(), "send_mail");
        running.add_permits(100);
        for _ in 0..4 {
            assert_eq!(heard.recv().await.unwrap(), "ingest");
        }
        runner.stop(LEASE).await;
    });
}

/// Does nothing until it is told to go on, and tells what it is at.
struct Slow {
    told: tokio::sync::mpsc::UnboundedSender<String>,
    go: Arc<tokio::sync::Semaphore>,
}

impl Worker for Slow {
    fn kinds(&self) -> &[&str] {
        lectern_service::jobs::Work::KINDS
    }

    fn long_kinds(&self) -> &[&str] {
        lectern_service::jobs::Work::LONG
    }

    fn attempt(self: Arc<Self>, job: TakenJob) -> Result<lectern_service::jobs::Attempt, JobError> {
        let policy = lectern_service::jobs::Policy { attempts: 3, first_wait: LEASE, longest_wait: LEASE, timeout: LEASE };
        let run = Box::pin(async move {
            self.told.send(job.kind).unwrap();
            let _permit = self.go.acquire().await.unwrap();
            Ok(())
        });
        Ok(lectern_service::jobs::Attempt { policy, run })
    }
}
