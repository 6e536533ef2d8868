//! One run: writers, readers, and what disturbs them.

use super::{
    places::Places,
    processes::{Follower, Server},
    variable,
};
use crate::{
    fake::Fake,
    support::{COMMON, METHODS, World, collection_of, delete, name, put, request},
};
use diesel::connection::SimpleConnection as _;
use lectern_domain::{
    access::Principal,
    collection::{CollectionRef, Visibility},
    ids::UserId,
    search::Method,
};
use lectern_persistence::DbError;
use lectern_service::{
    ServiceError,
    app::App,
    corpora::Ensured,
    index::{Chosen, verify},
    search::{SearchRequest, search},
};
use lectern_testkit::{comes, proxy::Proxy};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

const WRITERS: usize = 8;
const READERS: usize = 8;
const HIDDEN: &str = "hidden";

/// How long a search may take while stores are in trouble.
pub(super) const SHORT: Duration = Duration::from_secs(1);

/// How long when they are well again, on a machine that may be busy.
const LONG: Duration = Duration::from_secs(60);

/// How much later a slow connection passes things on: more than a search may take.
const DELAY: Duration = Duration::from_millis(1_500);

/// How long the followers are waited for.
const LIMIT: Duration = Duration::from_secs(300);

fn rounds() -> usize {
    if variable("LECTERN_SOAK").is_some() { 400 } else { 25 }
}

/// What disturbs.
pub(super) enum Trouble<'a> {
    Cut(&'a Proxy),
    Slow(&'a Proxy),
    Silence(&'a Proxy),
    Restore(&'a Proxy),
    Kill,
    Start,
    KillServer(&'a Server),
    StartServer(&'a Server),
}

/// Runs the whole of it on these stores. Each trouble comes when so many more writes were acknowledged.
pub(super) async fn run(world: &World<'_>, places: &Places, troubles: Vec<Trouble<'_>>) {
    let (rounds, model) = (rounds(), Fake::new());
    // First of all: who opens a folder of embedded indexes first holds it, and follows.
    let mut follower = Some(Follower::start(world, places));
    let app = world.open_on(Some(&model), places.options(SHORT)).await;
    let docs = Arc::new(collection_of(&app, "docs", None, Visibility::Public).await);
    let secret = Arc::new(collection_of(&app, "secret", None, Visibility::Private).await);
    // The first round that a search may still return, for each writer.
    let oldest: Arc<Vec<AtomicUsize>> = Arc::new((0..WRITERS).map(|_| AtomicUsize::new(0)).collect());
    let written = watch::Sender::new(0);
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (app, docs, secret, oldest, written) = (app.clone(), docs.clone(), secret.clone(), oldest.clone(), written.clone());
        tasks.spawn(async move { write(&app, &docs, &secret, writer, rounds, &oldest, &written).await });
    }
    for reader in 0..READERS {
        let (app, oldest, written, seen) = (app.clone(), oldest.clone(), written.subscribe(), places.seen());
        tasks.spawn(async move { read(&app, reader, WRITERS * rounds, &oldest, &written, seen).await });
    }
    let (mut acknowledged, steps) = (written.subscribe(), troubles.len());
    for (step, trouble) in troubles.into_iter().enumerate() {
        let reached = (step + 1) * WRITERS * rounds / (steps + 1);
        acknowledged.wait_for(|written| *written >= reached).await.unwrap();
        match trouble {
            Trouble::Cut(proxy) => proxy.cut().await,
            Trouble::Slow(proxy) => proxy.slow(DELAY),
            Trouble::Silence(proxy) => proxy.silence().await,
            Trouble::Restore(proxy) => proxy.restore(),
            Trouble::Kill => {
                follower.take().into_iter().for_each(Follower::kill);
                end_leases(world);
            }
            Trouble::Start => follower = Some(Follower::start(world, places)),
            Trouble::KillServer(server) => server.kill(),
            Trouble::StartServer(server) => drop(server.again()),
        }
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    follower.into_iter().for_each(Follower::kill);
    end_leases(world);
    let patient = world.open_on(Some(&model), places.options(LONG)).await;
    let checked = verify(&patient, &Chosen::default(), LIMIT).await.unwrap();
    assert_eq!((checked.indexes.len(), checked.differences()), (4, 0), "{places:?}: {checked:?}");
    assert!(checked.indexes.iter().all(|index| (index.wanted, index.held, index.unsettled) == (8, 8, 0)), "{places:?}: {checked:?}");
}

/// As if the time of a killed process's leases were over.
fn end_leases(world: &World<'_>) {
    let end = || match world.database.database().write(|tx| Ok::<_, DbError>(tx.conn().batch_execute("DELETE FROM leases")?)) {
        Ok(()) => true,
        // Eight others write.
        Err(DbError::Busy) => false,
        Err(error) => panic!("{error}"),
    };
    assert!(comes(end), "the leases are never free to be deleted");
}

/// Puts, replaces and deletes one document in each of both collections; the last round puts.
async fn write(
    app: &App,
    docs: &Ensured,
    secret: &Ensured,
    writer: usize,
    rounds: usize,
    oldest: &[AtomicUsize],
    written: &watch::Sender<usize>,
) {
    let id = format!("d{writer}");
    for round in 0..rounds {
        if round % 3 == 2 && round + 1 < rounds {
            assert_eq!(delete(app, docs, &[&id]).await, 1);
            delete(app, secret, &[&id]).await;
        } else {
            put(app, docs, &[(&id, &format!("writer{writer} round{round}"))]).await;
            put(app, secret, &[(&id, &format!("{HIDDEN} writer{writer} round{round}"))]).await;
        }
        oldest[writer].store(round, SeqCst);
        written.send_modify(|written| *written += 1);
    }
}

/// Searches until everything is written, and found by each of the methods `seen`. A search may fail where no store is left, and may find too
/// little; nothing else.
async fn read(app: &App, reader: usize, all: usize, oldest: &[AtomicUsize], written: &watch::Receiver<usize>, seen: &'static [Method]) {
    let somebody = Principal::User { id: UserId(1_000_000), admin: false };
    let (mut unseen, mut ended) = (seen.to_vec(), None);
    for number in reader.. {
        let last = *written.borrow() == all;
        let before: Vec<usize> = oldest.iter().map(|round| round.load(SeqCst)).collect();
        let method = METHODS[number % METHODS.len()];
        let collections = if number % 2 == 0 { Some(vec![CollectionRef::Name(name("docs"))]) } else { None };
        let request = SearchRequest { collections, ..request(COMMON, method, 50) };
        let met = match search(app, somebody, &request).await {
            Ok(results) => {
                for found in &results.passages {
                    let text = found.chunk.text.strip_suffix(COMMON).unwrap().trim();
                    assert!(!text.contains(HIDDEN), "{method:?}: {text}");
                    let (writer, round) = text.split_once(' ').unwrap();
                    let writer: usize = writer.strip_prefix("writer").unwrap().parse().unwrap();
                    let round: usize = round.strip_prefix("round").unwrap().parse().unwrap();
                    assert!(round >= before[writer], "{method:?}: round {round} after {} was acknowledged", before[writer]);
                }
                if last && results.degraded.is_none() && results.passages.len() == WRITERS {
                    unseen.retain(|unseen| *unseen != method);
                }
                format!("{} passages, without {:?}", results.passages.len(), results.degraded)
            }
            Err(ServiceError::Store(error)) if error.may_pass() => error.to_string(),
            Err(error) => panic!("{method:?}: {error}"),
        };
        if last && unseen.is_empty() {
            break;
        }
        if last {
            let ended = *ended.get_or_insert_with(Instant::now);
            assert!(ended.elapsed() < LIMIT, "what was written last is not found by {unseen:?}; the last search by {method:?}: {met}");
        }
    }
}
