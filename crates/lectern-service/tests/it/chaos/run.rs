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
use lectern_domain::{
    access::Principal,
    collection::{CollectionRef, Visibility},
    ids::UserId,
};
use lectern_service::{
    ServiceError,
    app::App,
    corpora::Ensured,
    index::{Chosen, verify},
    search::{SearchRequest, search},
};
use lectern_testkit::proxy::Proxy;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::sync::watch;

const WRITERS: usize = 8;
const READERS: usize = 8;
const HIDDEN: &str = "hidden";

/// How much later a slow connection passes things on: more than a search may take.
const DELAY: Duration = Duration::from_millis(1_500);

/// How long verify waits for the followers.
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
    let app = world.open_on(Some(&model), places.options()).await;
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
        let (app, oldest, written) = (app.clone(), oldest.clone(), written.subscribe());
        tasks.spawn(async move { read(&app, reader, WRITERS * rounds, &oldest, &written).await });
    }
    let mut follower = Some(Follower::start(world, places));
    let (mut acknowledged, steps) = (written.subscribe(), troubles.len());
    for (step, trouble) in troubles.into_iter().enumerate() {
        let reached = (step + 1) * WRITERS * rounds / (steps + 1);
        acknowledged.wait_for(|written| *written >= reached).await.unwrap();
        match trouble {
            Trouble::Cut(proxy) => proxy.cut().await,
            Trouble::Slow(proxy) => proxy.slow(DELAY),
            Trouble::Silence(proxy) => proxy.silence().await,
            Trouble::Restore(proxy) => proxy.restore(),
            Trouble::Kill => follower.take().into_iter().for_each(Follower::kill),
            Trouble::Start => follower = Some(Follower::start(world, places)),
            Trouble::KillServer(server) => server.kill(),
            Trouble::StartServer(server) => drop(server.again()),
        }
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    follower.into_iter().for_each(Follower::kill);
    // As if the time of the killed process's leases were over.
    world.sql("DELETE FROM leases");
    let checked = verify(&app, &Chosen::default(), LIMIT).await.unwrap();
    assert_eq!((checked.indexes.len(), checked.differences()), (4, 0), "{places:?}: {checked:?}");
    assert!(checked.indexes.iter().all(|index| (index.wanted, index.held, index.unsettled) == (8, 8, 0)), "{places:?}: {checked:?}");
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

/// Searches until everything is written. A search may fail where no store is left, and may find too little; nothing else.
async fn read(app: &App, reader: usize, all: usize, oldest: &[AtomicUsize], written: &watch::Receiver<usize>) {
    let somebody = Principal::User { id: UserId(1_000_000), admin: false };
    for number in reader.. {
        let last = *written.borrow() == all;
        let before: Vec<usize> = oldest.iter().map(|round| round.load(SeqCst)).collect();
        let method = METHODS[number % METHODS.len()];
        let collections = if number % 2 == 0 { Some(vec![CollectionRef::Name(name("docs"))]) } else { None };
        let request = SearchRequest { collections, ..request(COMMON, method, 50) };
        match search(app, somebody, &request).await {
            Ok(results) => {
                for found in &results.passages {
                    let text = found.chunk.text.strip_suffix(COMMON).unwrap().trim();
                    assert!(!text.contains(HIDDEN), "{method:?}: {text}");
                    let (writer, round) = text.split_once(' ').unwrap();
                    let writer: usize = writer.strip_prefix("writer").unwrap().parse().unwrap();
                    let round: usize = round.strip_prefix("round").unwrap().parse().unwrap();
                    assert!(round >= before[writer], "{method:?}: round {round} after {} was acknowledged", before[writer]);
                }
            }
            Err(ServiceError::Store(error)) if error.may_pass() => {}
            Err(error) => panic!("{method:?}: {error}"),
        }
        if last {
            break;
        }
    }
}
