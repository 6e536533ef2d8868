//! Looking after the indexes, in every store.

use crate::{
    fake::Fake,
    support::{World, collection, delete, first, found, in_every_world, put},
};
use lectern_domain::{
    chunk::chunk_id,
    ids::ChunkId,
    search::{Method, Side},
};
use lectern_persistence::{
    DbError,
    repo::{documents, installation},
};
use lectern_service::{
    ServiceError,
    app::App,
    corpora::Ensured,
    index::{Checked, Chosen, Kind, repair, snapshot, status, verify},
    stores::{ElasticsearchOptions, LexicalStore, Pgvector, PgvectorOptions, StoreOptions, VectorStore},
};
use lectern_testkit::{
    proxy::{Guard, Proxy},
    qdrant_server::QdrantServer,
    search_server::{Method as Http, SearchServer},
};
use lectern_vector_store::{
    Batch, IndexedDocument, LexicalEntry, LexicalIndex, Position, VectorEntry, VectorIndex,
    elasticsearch::Elasticsearch,
    embedded::{EmbeddedFolder, EmbeddedOptions},
    qdrant::{Qdrant, QdrantOptions},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

const LIMIT: Duration = Duration::from_secs(120);

fn at(server: &SearchServer) -> ElasticsearchOptions {
    ElasticsearchOptions { prefix: server.prefix.clone(), timeout: Duration::from_secs(30), ..ElasticsearchOptions::new(&server.url) }
}

fn qdrant(server: &QdrantServer) -> QdrantOptions {
    QdrantOptions { prefix: server.prefix.clone(), timeout: Duration::from_secs(30), ..QdrantOptions::new(&server.url) }
}

fn pgvector(world: &World<'_>) -> PgvectorOptions {
    PgvectorOptions { url: world.database.url().expose(), connections: 2, timeout: Duration::from_secs(30) }
}

/// Both indexes as somebody else would open them.
async fn from_outside(world: &World<'_>, app: &App, stores: &StoreOptions) -> (Arc<dyn LexicalIndex>, Arc<dyn VectorIndex>) {
    let id = app.bridge.read::<_, DbError>(installation::id).await.unwrap();
    let folder = || {
        let options = EmbeddedOptions::default();
        EmbeddedFolder::open(&world.index(), id, app.bridge.executor(), app.bridge.background(), options).unwrap()
    };
    let embedded = (matches!(stores.lexical, LexicalStore::Embedded) || matches!(stores.vectors, VectorStore::Embedded)).then(folder);
    let lexical = match &stores.lexical {
        LexicalStore::Embedded => embedded.as_ref().unwrap().lexical(),
        LexicalStore::Elasticsearch(at) => Elasticsearch::new(at, id).unwrap().lexical(),
    };
    let vectors = match &stores.vectors {
        VectorStore::Embedded => embedded.as_ref().unwrap().vectors(),
        VectorStore::Elasticsearch(at) => Elasticsearch::new(at, id).unwrap().vectors(),
        VectorStore::Qdrant(at) => Qdrant::new(at, id).unwrap().vectors(),
        VectorStore::Pgvector(at) => Arc::new(Pgvector::new(at, id).unwrap()),
    };
    (lexical, vectors)
}

/// The servers at hand.
struct Servers {
    elasticsearch: Option<SearchServer>,
    opensearch: Option<SearchServer>,
    qdrant: Option<QdrantServer>,
}

/// The most pairs of stores that there can be.
const PAIRS: usize = 5;

/// Every pair of stores at hand.
fn every_pair(world: &World<'_>, servers: &Servers) -> Vec<StoreOptions> {
    let of = |lexical, vectors| StoreOptions { lexical, vectors, ..StoreOptions::default() };
    let both = |server| of(LexicalStore::Elasticsearch(at(server)), VectorStore::Elasticsearch(at(server)));
    let mut pairs = vec![StoreOptions::default()];
    pairs.extend(servers.elasticsearch.as_ref().map(both));
    pairs.extend(servers.opensearch.as_ref().map(|server| of(LexicalStore::Elasticsearch(at(server)), VectorStore::Embedded)));
    pairs.extend(servers.qdrant.as_ref().map(|server| of(LexicalStore::Embedded, VectorStore::Qdrant(qdrant(server)))));
    if world.database.name() == "postgres" {
        pairs.push(of(LexicalStore::Embedded, VectorStore::Pgvector(pgvector(world))));
    }
    assert!(pairs.len() <= PAIRS);
    pairs
}

/// Runs a test on every database with every pair of stores.
pub(crate) fn with_every_pair(test: impl AsyncFn(&World<'_>, StoreOptions)) {
    let servers =
        Servers { elasticsearch: SearchServer::elasticsearch(), opensearch: SearchServer::opensearch(), qdrant: QdrantServer::named() };
    for n in 0..PAIRS {
        in_every_world(async |world: &World<'_>| {
            if let Some(stores) = every_pair(world, &servers).into_iter().nth(n) {
                test(world, stores).await;
            }
        });
    }
}

/// The first chunk of a document.
async fn chunk_of(app: &App, docs: &Ensured, external_id: &str) -> ChunkId {
    let (collection, ids) = (docs.collection.id, vec![external_id.to_owned()]);
    let found = app.bridge.read(move |conn| documents::by_external_ids(conn, &[collection], &ids)).await.unwrap();
    chunk_id(found[0].version_id, &docs.generation.chunking.fingerprint(), 0)
}

/// What was found: for each index how many of each kind.
fn counts(checked: &Checked) -> Vec<[usize; 3]> {
    checked.indexes.iter().map(|index| [Kind::Missing, Kind::Stale, Kind::Orphaned].map(|kind| index.count(kind))).collect()
}

async fn check(app: &App) -> Checked {
    let checked = verify(app, &Chosen::default(), LIMIT).await.unwrap();
    assert_eq!(checked.indexes.iter().map(|index| index.unsettled + index.more).sum::<u64>(), 0, "{checked:?}");
    checked
}

#[test]
fn what_differs_is_found_and_put_right_in_every_store() {
    with_every_pair(async |world: &World<'_>, stores: StoreOptions| {
        let fake = Fake::new();
        let app = world.open_on(Some(&fake), stores.clone()).await;
        let docs = collection(&app).await;
        let none = check(&app).await;
        assert_eq!((none.indexes.len(), none.differences(), none.indexes[0].wanted), (2, 0, 0));
        put(&app, &docs, &[("gone", "alpha"), ("stale", "beta"), ("c", "gamma"), ("d", "delta")]).await;
        put(&app, &docs, &[("d", "other delta")]).await;
        delete(&app, &docs, &["c"]).await;
        let clean = check(&app).await;
        assert!(clean.indexes.iter().all(|index| (index.wanted, index.held, index.current) == (3, 3, true)), "{clean:?}");
        assert_eq!(clean.differences(), 0);

        // Somebody else writes to the indexes.
        let (gone, stale) = (chunk_of(&app, &docs, "gone").await, chunk_of(&app, &docs, "stale").await);
        let unknown = ChunkId(Uuid::new_v4());
        let bridge = world.open(None).await;
        drop(app);
        {
            let (lexical, vectors) = from_outside(world, &bridge, &stores).await;
            let generation = &docs.generation;
            let other = Arc::new(IndexedDocument {
                id: lectern_domain::ids::DocumentId(1),
                external_id: "x".to_owned(),
                title: String::new(),
                source: None,
                metadata: serde_json::Map::new(),
            });
            let Position::At(cursor) = lexical.position(generation).await.unwrap() else { panic!("it is filled") };
            let words = |chunk| LexicalEntry { chunk, document: Arc::clone(&other), heading: String::new(), text: "wrong".to_owned() };
            let batch = |removes, puts, ahead| Batch { seq: cursor.seq + ahead, removes, puts };
            lexical.apply(generation, batch(vec![gone], vec![], 1)).await.unwrap();
            lexical.apply(generation, batch(vec![], vec![words(stale), words(unknown)], 0)).await.unwrap();
            lexical.commit(generation, cursor).await.unwrap();
            let Position::At(cursor) = vectors.position(generation).await.unwrap() else { panic!("it is filled") };
            let vector = |chunk| VectorEntry { chunk, document: Arc::clone(&other), vector: vec![0.5; 64] };
            let batch = |removes, puts, ahead| Batch { seq: cursor.seq + ahead, removes, puts };
            vectors.apply(generation, batch(vec![gone], vec![], 1)).await.unwrap();
            vectors.apply(generation, batch(vec![], vec![vector(stale), vector(unknown)], 0)).await.unwrap();
            vectors.commit(generation, cursor).await.unwrap();
            vectors.flush(generation).await.unwrap();
        }
        drop(bridge);
        let app = world.open_on(Some(&fake), stores).await;
        let differs = check(&app).await;
        assert_eq!(counts(&differs), [[1, 1, 1]; 2], "{differs:?}");
        for index in &differs.indexes {
            let kinds =
                [gone, stale, unknown].map(|chunk| index.differences.iter().find(|found| found.chunk == chunk).map(|found| found.kind));
            assert_eq!(kinds, [Some(Kind::Missing), Some(Kind::Stale), Some(Kind::Orphaned)]);
        }
        assert!(found_by_words(&app, "alpha").await.is_empty());

        let repaired = repair(&app, &Chosen::default(), LIMIT).await.unwrap();
        assert_eq!((counts(&repaired.before), repaired.after.differences()), (vec![[1, 1, 1]; 2], 0), "{repaired:?}");
        assert_eq!(check(&app).await.differences(), 0);
        first(found_by_words(&app, "alpha").await, "gone");
        first(found(&app, Method::Semantic, "beta common").await, "stale");
        assert!(found_by_words(&app, "wrong").await.is_empty());
        // What was put right goes on to follow.
        delete(&app, &docs, &["gone", "stale", "d"]).await;
        let empty = check(&app).await;
        assert!(empty.differences() == 0 && empty.indexes.iter().all(|index| index.held == 0), "{empty:?}");
    });
}

async fn found_by_words(app: &App, words: &str) -> Vec<String> {
    found(app, Method::Lexical, words).await
}

#[test]
fn a_process_that_only_reads_the_folder_finds_no_differences_that_are_none() {
    in_every_world(async |world: &World<'_>| {
        let fake = Fake::new();
        let (holder, reader) = (world.open(Some(&fake)).await, world.open(Some(&fake)).await);
        let docs = collection(&holder).await;
        let running = holder.followers.start();
        for n in 0..20 {
            put(&holder, &docs, &[(&format!("d{n}"), "alpha"), ("always", &format!("text {n}"))]).await;
        }
        // The holder has the latest vectors in its memory; what this process can't see of them is not a difference.
        let checked = verify(&reader, &Chosen::default(), LIMIT).await.unwrap();
        assert_eq!(checked.differences(), 0, "{checked:?}");
        assert_eq!(checked.indexes[0].held, 21);
        running.stop().await;
        let checked = check(&reader).await;
        assert!(checked.indexes.iter().all(|index| (index.wanted, index.held) == (21, 21)), "{checked:?}");
    });
}

#[test]
fn a_store_that_is_down_is_waited_for_up_to_a_limit() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    in_every_world(async |world: &World<'_>| {
        let proxy = Proxy::start(&server.url, Guard::none()).await;
        let stores = StoreOptions {
            lexical: LexicalStore::Elasticsearch(ElasticsearchOptions { url: proxy.url(), ..at(&server) }),
            ..StoreOptions::default()
        };
        let app = world.open_on(Some(&Fake::new()), stores).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "alpha")]).await;
        assert_eq!(check(&app).await.differences(), 0);
        proxy.cut().await;
        put(&app, &docs, &[("b", "beta")]).await;
        let failed = verify(&app, &Chosen::default(), Duration::from_millis(1)).await.unwrap_err();
        assert!(matches!(&failed, ServiceError::NotCaughtUp { source: Some(_), .. }), "{failed}");
        proxy.restore();
        assert_eq!(check(&app).await.differences(), 0);
    });
}

#[test]
fn status_tells_how_far_each_index_is() {
    in_every_world(async |world: &World<'_>| {
        let app = world.open(Some(&Fake::new())).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "alpha"), ("b", "beta")]).await;
        let before = status(&app, &Chosen::default()).await.unwrap();
        assert_eq!((before[0].chunks, before[0].embedded, before[0].kept.current, before[0].embeds), (2, 0, true, true));
        assert!(before[0].indexes.iter().all(|index| index.at.is_none() && index.behind == 2 && index.store == "embedded"), "{before:?}");
        app.followers.catch_up().await.unwrap();
        let after = status(&app, &Chosen(vec![docs.collection.name.clone().into()])).await.unwrap();
        assert_eq!(after[0].embedded, 2);
        assert!(after[0].indexes.iter().all(|index| index.at.is_some() && index.behind == 0 && index.set_aside == 0), "{after:?}");
        let unknown = status(&app, &Chosen(vec![crate::support::name("nobody").into()])).await.unwrap_err();
        assert!(matches!(unknown, ServiceError::UnknownCollection(_)));
    });
}

#[test]
fn a_snapshot_that_is_brought_back_is_caught_up_from_the_log() {
    let Some(server) = QdrantServer::named() else { return };
    in_every_world(async |world: &World<'_>| {
        let stores = StoreOptions { vectors: VectorStore::Qdrant(qdrant(&server)), ..StoreOptions::default() };
        let fake = Fake::new();
        let app = world.open_on(Some(&fake), stores).await;
        let docs = collection(&app).await;
        assert!(snapshot(&app, &Chosen::default()).await.unwrap().is_empty(), "nothing is there yet");
        put(&app, &docs, &[("a", "alpha"), ("b", "beta")]).await;
        app.followers.catch_up().await.unwrap();
        let [made] = &snapshot(&app, &Chosen::default()).await.unwrap()[..] else { panic!("a snapshot") };
        assert_eq!(made.kept.generation.id, docs.generation.id);
        put(&app, &docs, &[("a", "other alpha"), ("c", "gamma")]).await;
        delete(&app, &docs, &["b"]).await;
        app.followers.catch_up().await.unwrap();
        // The store is lost, and brought back from its snapshot.
        let (place, _) = made.snapshot.url.rsplit_once("/snapshots/").unwrap();
        let path = place.strip_prefix(&server.url).unwrap();
        let recover = json!({ "location": made.snapshot.url });
        let answer = server.ask(Http::PUT, &format!("{path}/snapshots/recover?wait=true"), Some(&recover)).await;
        assert_eq!(answer["result"], true, "{answer}");
        let embedded = fake.embedded().len();
        let checked = check(&app).await;
        let vectors = checked.indexes.iter().find(|index| index.side == Side::Vectors).unwrap();
        assert_eq!((checked.differences(), vectors.wanted, vectors.held), (0, 2, 2), "{checked:?}");
        assert_eq!(fake.embedded().len(), embedded);
    });
}

#[test]
fn a_store_that_makes_no_snapshots_says_so() {
    in_every_world(async |world: &World<'_>| {
        let fake = Fake::new();
        let app = world.open(Some(&fake)).await;
        collection(&app).await;
        let refused = snapshot(&app, &Chosen::default()).await.unwrap_err().to_string();
        assert!(refused.contains("makes no snapshots, as a Qdrant does"), "{refused}");
    });
}
