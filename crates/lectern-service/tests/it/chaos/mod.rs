//! Everything at once: eight write, eight search, the stores are cut off, slowed, silenced and killed, and the process that follows is killed.
//! Afterwards every index holds what SQL says, and nothing was ever found that was gone or that its reader may not read.

mod places;
mod processes;
mod run;

use crate::support::World;
use lectern_domain::search::Side;
use lectern_testkit::{
    TestDatabase,
    proxy::{Guard, Proxy},
    qdrant_server::QdrantServer,
    search_server::SearchServer,
};
use places::{At, Places, Vectors};
use processes::Server;
use run::{Trouble, run};

#[expect(clippy::disallowed_methods, reason = "tests are told of their size and of what there is by the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
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

/// Starting a search server takes long: one is killed beside one database, and in the long run each beside each.
#[test]
fn search_servers_hold_what_the_database_says_after_they_were_killed() {
    let most = if variable("LECTERN_SOAK").is_some() { usize::MAX } else { 1 };
    for (kind, sides) in [("elasticsearch", &Side::ALL[..]), ("opensearch", &[Side::Lexical][..])].into_iter().take(most) {
        let Some((server, url)) = Server::start(kind) else { return };
        on(TestDatabase::all().into_iter().take(most).collect(), async |world: &World<'_>| {
            let places = on_a_search_server(At { url: url.clone(), prefix: "chaos".to_owned() }, sides);
            run(world, &places, kills(&server)).await;
        });
    }
}
