//! Everything at once: eight write, eight search, the stores are cut off, slowed, silenced and killed, and the process that follows is killed.
//! Afterwards every index holds what SQL says, and nothing was ever found that was gone or that its reader may not read.

use crate::{
    fake::Fake,
    support::{COMMON, METHODS, World, collection_of, delete, name, put, request},
};
use lectern_domain::{
    access::Principal,
    collection::{CollectionRef, Visibility},
    ids::UserId,
    search::Side,
};
use lectern_llm::Embedder;
use lectern_persistence::{Database, DatabaseOptions};
use lectern_service::{
    ServiceError,
    accounts::{Auth, AuthOptions, Organizations, SecretKey},
    app::{App, AppOptions},
    corpora::Ensured,
    index::{Chosen, verify},
    search::{SearchRequest, search},
    stores::{ElasticsearchOptions, LexicalStore, PgvectorOptions, QdrantOptions, StoreOptions, VectorStore},
};
use lectern_testkit::{
    TestDatabase,
    proxy::{Guard, Proxy},
    qdrant_server::QdrantServer,
    search_server::SearchServer,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
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

/// What the child is told by: everything that it takes to open the same application.
const WORLD: &str = "LECTERN_TEST_CHAOS";

/// How much later a slow connection passes things on: more than a search may take.
const DELAY: Duration = Duration::from_millis(1_500);

/// How long verify waits for the followers.
const LIMIT: Duration = Duration::from_secs(300);

#[expect(clippy::disallowed_methods, reason = "tests are told of their size and of what there is by the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn rounds() -> usize {
    if variable("LECTERN_SOAK").is_some() { 400 } else { 25 }
}

/// A store behind an address, with what its names begin with.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct At {
    url: String,
    prefix: String,
}

/// Where the vectors are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
enum Vectors {
    #[default]
    Embedded,
    Elasticsearch(At),
    Qdrant(At),
    /// The URL of the database.
    Pgvector(String),
}

/// Where the stores are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Places {
    /// A search server for words; none for the embedded index.
    words: Option<At>,
    vectors: Vectors,
}

impl Places {
    fn options(&self) -> StoreOptions {
        let timeout = Duration::from_secs(1);
        let server = |At { url, prefix }: &At| ElasticsearchOptions { prefix: prefix.clone(), timeout, ..ElasticsearchOptions::new(url) };
        let lexical = self.words.as_ref().map_or(LexicalStore::Embedded, |at| LexicalStore::Elasticsearch(server(at)));
        let vectors = match &self.vectors {
            Vectors::Embedded => VectorStore::Embedded,
            Vectors::Elasticsearch(at) => VectorStore::Elasticsearch(server(at)),
            Vectors::Qdrant(At { url, prefix }) => {
                VectorStore::Qdrant(QdrantOptions { prefix: prefix.clone(), timeout, ..QdrantOptions::new(url) })
            }
            Vectors::Pgvector(url) => VectorStore::Pgvector(PgvectorOptions { url: url.clone(), connections: 2, timeout }),
        };
        StoreOptions { lexical, vectors, ..StoreOptions::default() }
    }
}

/// The process that follows.
struct Follower(Child);

impl Follower {
    /// Starts it; it follows when this returns.
    fn start(world: &World<'_>, places: &Places) -> Self {
        let of = json!({ "database": world.database.url().expose(), "folder": world.index().parent(), "places": places });
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "chaos::the_process_that_is_killed", "--nocapture"])
            .env(WORLD, of.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("following")), "the follower did not start");
        Self(child)
    }

    /// Ends it as `kill -9` does.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Not a test by itself: the process that [`Follower`] starts. It follows until it is killed.
#[test]
fn the_process_that_is_killed() {
    let Some(told) = variable(WORLD) else { return };
    let told: Value = serde_json::from_str(&told).unwrap();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
        let url = told["database"].as_str().unwrap().parse().unwrap();
        let database = Database::open(&url, &DatabaseOptions { connections: 4, ..DatabaseOptions::default() }).unwrap();
        let auth = Auth::new(&AuthOptions::default(), &SecretKey::from_text("a key for tests"), Organizations::default());
        let options = AppOptions::new(PathBuf::from(told["folder"].as_str().unwrap()), auth).unwrap();
        let places: Places = serde_json::from_value(told["places"].clone()).unwrap();
        let options = AppOptions { stores: places.options(), ..options };
        let app = App::open_with(database, options, Some(Fake::new() as Arc<dyn Embedder>)).await.unwrap();
        let _running = app.followers.start();
        println!("following");
        std::future::pending::<()>().await;
    });
}

/// A real server of this test's own, which is killed and started again on the same port with the same data.
struct Server {
    script: PathBuf,
    folder: tempfile::TempDir,
    kind: &'static str,
}

impl Server {
    /// None, and a line that says so, where there is nothing to start servers with.
    fn start(kind: &'static str) -> Option<(Self, String)> {
        let script = variable("LECTERN_SHARED").map(|shared| Path::new(&shared).join("servers/server")).filter(|script| script.exists());
        if script.is_none() {
            println!("skipped: LECTERN_SHARED names no folder with servers to stop");
        }
        let server = Self { script: script?, folder: tempfile::tempdir().unwrap(), kind };
        let url = server.again();
        Some((server, url))
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.script).args(arguments).arg(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn again(&self) -> String {
        self.run(&["start", self.kind])
    }

    fn kill(&self) {
        self.run(&["kill"]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = Command::new(&self.script).arg("kill").arg(self.folder.path()).output();
    }
}

/// What disturbs.
enum Trouble<'a> {
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
async fn run(world: &World<'_>, places: &Places, troubles: Vec<Trouble<'_>>) {
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

/// Runs a test in a world on each of these databases.
fn on(databases: Vec<TestDatabase>, test: impl AsyncFn(&World<'_>)) {
    for database in databases {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let world = World::on(&database);
        runtime.block_on(async { test(&world).await });
    }
}

#[test]
fn embedded_indexes_outlive_killed_processes() {
    on(TestDatabase::all(), async |world: &World<'_>| {
        run(world, &Places::default(), vec![Trouble::Kill, Trouble::Start, Trouble::Kill, Trouble::Start, Trouble::Kill, Trouble::Start])
            .await;
    });
}

/// Everything that can become of a connection; the process is killed while what it said is still on its way, too.
fn troubles(proxy: &Proxy) -> Vec<Trouble<'_>> {
    let cut = [Trouble::Cut(proxy), Trouble::Restore(proxy), Trouble::Kill, Trouble::Start];
    let slow = [Trouble::Slow(proxy), Trouble::Kill, Trouble::Start, Trouble::Restore(proxy)];
    let silence = [Trouble::Silence(proxy), Trouble::Kill, Trouble::Restore(proxy), Trouble::Start];
    cut.into_iter().chain(slow).chain(silence).collect()
}

/// Both stores of a search server, or its words alone, at an address.
fn on_a_search_server(at: At, sides: &[Side]) -> Places {
    let vectors = if sides.contains(&Side::Vectors) { Vectors::Elasticsearch(at.clone()) } else { Vectors::Embedded };
    Places { words: sides.contains(&Side::Lexical).then_some(at), vectors }
}

/// A search server behind a proxy.
fn behind_a_proxy(server: &SearchServer, sides: &[Side]) {
    on(TestDatabase::all(), async |world: &World<'_>| {
        let proxy = Proxy::start(&server.url, Guard::none()).await;
        let places = on_a_search_server(At { url: proxy.url(), prefix: server.prefix.clone() }, sides);
        run(world, &places, troubles(&proxy)).await;
    });
}

#[test]
fn elasticsearch_holds_what_the_database_says_after_cuts_delays_silence_and_kills() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    behind_a_proxy(&server, &Side::ALL);
}

#[test]
fn opensearch_holds_what_the_database_says_after_cuts_delays_silence_and_kills() {
    let Some(server) = SearchServer::opensearch() else { return };
    behind_a_proxy(&server, &[Side::Lexical]);
}

#[test]
fn qdrant_holds_what_the_database_says_after_cuts_delays_silence_and_kills() {
    let Some(server) = QdrantServer::named() else { return };
    on(TestDatabase::all(), async |world: &World<'_>| {
        let proxy = Proxy::start(&server.url, Guard::none()).await;
        let vectors = Vectors::Qdrant(At { url: proxy.url(), prefix: server.prefix.clone() });
        run(world, &Places { vectors, ..Places::default() }, troubles(&proxy)).await;
    });
}

/// The URL of a database with another host and port.
fn through(url: &str, proxy: &Proxy) -> String {
    let (before, after) = url.split_once('@').unwrap();
    let (_, path) = after.split_once('/').unwrap();
    format!("{before}@{}/{path}", proxy.url().trim_start_matches("http://"))
}

#[test]
fn pgvector_holds_what_the_database_says_after_cuts_delays_silence_and_kills() {
    for database in TestDatabase::all() {
        let Some(vectors) = TestDatabase::postgres() else { return };
        on(vec![database], async |world: &World<'_>| {
            let url = vectors.url().expose();
            let (_, host) = url.split_once('@').unwrap();
            let proxy = Proxy::start(host.split('/').next().unwrap(), Guard::none()).await;
            let places = Places { vectors: Vectors::Pgvector(through(&url, &proxy)), ..Places::default() };
            run(world, &places, troubles(&proxy)).await;
        });
    }
}

/// Kills of a store's server, of the process that follows, and of both.
fn kills(server: &Server) -> Vec<Trouble<'_>> {
    let one = [Trouble::KillServer(server), Trouble::StartServer(server), Trouble::Kill, Trouble::Start];
    let both = [Trouble::KillServer(server), Trouble::Kill, Trouble::StartServer(server), Trouble::Start];
    one.into_iter().chain(both).collect()
}

#[test]
fn pgvector_holds_what_the_database_says_after_its_server_was_killed() {
    let Some((server, url)) = Server::start("postgres") else { return };
    on(TestDatabase::all(), async |world: &World<'_>| {
        run(world, &Places { vectors: Vectors::Pgvector(url.clone()), ..Places::default() }, kills(&server)).await;
    });
}

#[test]
fn qdrant_holds_what_the_database_says_after_its_server_was_killed() {
    if variable("QDRANT_BINARY").is_none() {
        println!("skipped: QDRANT_BINARY names no program");
        return;
    }
    let Some((server, url)) = Server::start("qdrant") else { return };
    on(TestDatabase::all(), async |world: &World<'_>| {
        let vectors = Vectors::Qdrant(At { url: url.clone(), prefix: "chaos".to_owned() });
        run(world, &Places { vectors, ..Places::default() }, kills(&server)).await;
    });
}

/// Starting a search server takes long, so this is for the long run.
#[test]
fn search_servers_hold_what_the_database_says_after_they_were_killed() {
    if variable("LECTERN_SOAK").is_none() {
        println!("skipped: search servers are killed in the long run alone");
        return;
    }
    for (kind, sides) in [("elasticsearch", &Side::ALL[..]), ("opensearch", &[Side::Lexical][..])] {
        let Some((server, url)) = Server::start(kind) else { return };
        on(TestDatabase::all(), async |world: &World<'_>| {
            let places = on_a_search_server(At { url: url.clone(), prefix: "chaos".to_owned() }, sides);
            run(world, &places, kills(&server)).await;
        });
    }
}
