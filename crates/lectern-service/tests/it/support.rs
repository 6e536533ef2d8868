//! A world for a test: a database, a data folder, and applications as processes would open them.

use crate::fake::Fake;
use lectern_domain::{
    access::{Principal, Scope},
    collection::{Chunking, CollectionName, CollectionRef, Visibility},
    document::{ExternalId, Format, NewDocument},
    fields::FilterableFields,
    ids::{ChunkId, UserId},
    language::Language,
    search::Method,
};
use lectern_llm::Embedder;
use lectern_persistence::{Conn, DatabaseOptions, DbError, repo::installation, schema::chunks, types::UuidValue};
use lectern_service::{
    accounts::{Auth, AuthOptions, Organizations, SecretKey},
    app::{App, AppOptions},
    corpora::{self, Ensured, NewCollectionSpec},
    follow::FollowOptions,
    mail::MailOptions,
    search::{Found, SearchRequest, search},
    stores::StoreOptions,
};
use lectern_testkit::{TestDatabase, on_every_database};
use lectern_vector_store::{
    LexicalQuery, VectorQuery,
    embedded::{EmbeddedFolder, EmbeddedOptions, Role},
};
use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;

pub(crate) const METHODS: [Method; 3] = [Method::Lexical, Method::Semantic, Method::Hybrid];

/// A word of every document.
pub(crate) const COMMON: &str = "common";

/// Runs a test on every database, in a world of its own.
pub(crate) fn in_every_world(test: impl AsyncFn(&World<'_>)) {
    on_every_database(|database| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let world = World::on(database);
        runtime.block_on(async { test(&world).await });
    });
}

pub(crate) struct World<'a> {
    pub(crate) database: &'a TestDatabase,
    folder: TempDir,
}

impl<'a> World<'a> {
    pub(crate) fn on(database: &'a TestDatabase) -> Self {
        World { database, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    /// An application as another process would open it, with connections of its own.
    pub(crate) async fn open(&self, embedder: Option<&Arc<Fake>>) -> Arc<App> {
        self.open_polling(embedder, Duration::from_millis(20)).await
    }

    /// An application with these indexes.
    pub(crate) async fn open_on(&self, embedder: Option<&Arc<Fake>>, stores: StoreOptions) -> Arc<App> {
        self.open_as(embedder, |options| AppOptions { stores, ..options }).await
    }

    /// An application that writes to people.
    pub(crate) async fn open_mailing(&self, mail: MailOptions) -> Arc<App> {
        self.open_as(None, |options| AppOptions { mail, ..options }).await
    }

    pub(crate) async fn open_polling(&self, embedder: Option<&Arc<Fake>>, poll: Duration) -> Arc<App> {
        self.open_as(embedder, |options| AppOptions { follow: FollowOptions { poll, ..options.follow.clone() }, ..options }).await
    }

    async fn open_as(&self, embedder: Option<&Arc<Fake>>, change: impl FnOnce(AppOptions) -> AppOptions) -> Arc<App> {
        let database = self.database.open(&DatabaseOptions { connections: 4, ..DatabaseOptions::default() });
        let auth = Auth::new(&AuthOptions::default(), &SecretKey::from_text("a key for tests"), Organizations::default());
        let poll = Duration::from_millis(20);
        let options = change(AppOptions {
            follow: FollowOptions { poll, batch_chunks: 32, retention: Duration::from_secs(7 * 86_400), stall: Duration::from_secs(60) },
            default_collection: name("docs"),
            ..AppOptions::new(self.folder.path().to_owned(), auth).unwrap()
        });
        let embedder = embedder.map(|embedder| Arc::clone(embedder) as Arc<dyn Embedder>);
        App::open_with(database, options, embedder).await.unwrap()
    }

    /// The ids of all chunks in SQL.
    pub(crate) fn chunks(&self) -> BTreeSet<ChunkId> {
        use diesel::{QueryDsl, RunQueryDsl};
        let read = |conn: &mut Conn| {
            let query = chunks::table.select(chunks::id);
            let ids: Vec<UuidValue> = match conn {
                Conn::Pg(conn) => query.load(conn)?,
                Conn::Sqlite(conn) => query.load(conn)?,
            };
            Ok::<_, DbError>(ids)
        };
        self.database.database().read(read).unwrap().into_iter().map(|id| ChunkId(id.0)).collect()
    }

    /// Runs a statement on the database.
    pub(crate) fn sql(&self, sql: &'static str) {
        use diesel::RunQueryDsl;
        self.database.database().write::<_, DbError>(move |tx| Ok(diesel::sql_query(sql).execute(tx.conn())?)).unwrap();
    }

    /// What the indexes on the disk hold, whatever SQL says: words, vectors. Another process must hold the folder.
    pub(crate) async fn on_disk(&self, app: &App, of: &Ensured) -> (BTreeSet<ChunkId>, BTreeSet<ChunkId>) {
        let id = app.bridge.read::<_, DbError>(installation::id).await.unwrap();
        let folder =
            EmbeddedFolder::open(&self.index(), id, app.bridge.executor(), app.bridge.background(), EmbeddedOptions::default()).unwrap();
        assert_eq!(folder.role(), Role::Reader);
        let scope = Scope::readable(Principal::Operator, [(of.collection.clone(), of.generation.clone())]);
        let words = LexicalQuery { text: COMMON.into(), limit: 10_000, filter: None, prefer: vec![], fuzzy: false };
        let near = VectorQuery { vector: vec![1.0; 64], limit: 10_000, filter: None };
        let ids = |hits: Vec<lectern_domain::search::Hit>| {
            let ids: BTreeSet<ChunkId> = hits.iter().map(|hit| hit.chunk).collect();
            assert_eq!(ids.len(), hits.len(), "a chunk is there twice");
            ids
        };
        let lexical = ids(folder.lexical().search(&scope, &words).await.unwrap());
        let vectors = match of.generation.model {
            Some(_) => ids(folder.vectors().search(&scope, &near).await.unwrap()),
            None => BTreeSet::new(),
        };
        (lexical, vectors)
    }
}

pub(crate) fn name(name: &str) -> CollectionName {
    CollectionName::try_from(name.to_owned()).unwrap()
}

pub(crate) async fn collection(app: &App) -> Ensured {
    collection_of(app, "docs", None, Visibility::Public).await
}

pub(crate) async fn collection_of(app: &App, called: &str, owner: Option<UserId>, visibility: Visibility) -> Ensured {
    let chunking = Chunking::new(200, 0).unwrap();
    let fields = FilterableFields::default();
    let spec = NewCollectionSpec { name: name(called), owner, visibility, language: Language::En, chunking, fields };
    corpora::ensure(app, spec).await.unwrap()
}

pub(crate) fn external(id: &str) -> ExternalId {
    ExternalId::try_from(id.to_owned()).unwrap()
}

/// A document with these words and the common one.
pub(crate) fn document(id: &str, words: &str) -> NewDocument {
    let text = if words.is_empty() { String::new() } else { format!("{words} {COMMON}") };
    NewDocument {
        external_id: external(id),
        title: String::new(),
        url: None,
        source: None,
        metadata: serde_json::Map::new(),
        format: Format::Text,
        text,
    }
}

pub(crate) async fn put(app: &App, of: &Ensured, documents: &[(&str, &str)]) -> Vec<corpora::Put> {
    let batch = documents.iter().map(|(id, words)| document(id, words)).collect();
    corpora::put(app, &of.collection, &of.generation, batch).await.unwrap()
}

pub(crate) async fn delete(app: &App, of: &Ensured, ids: &[&str]) -> usize {
    corpora::delete(app, &of.collection, ids.iter().map(|id| external(id)).collect()).await.unwrap()
}

pub(crate) fn request(text: &str, method: Method, limit: usize) -> SearchRequest {
    SearchRequest {
        text: text.to_owned(),
        method: Some(method),
        collections: Some(vec![CollectionRef::Shared(name("docs"))]),
        limit,
        by_document: false,
        filter: None,
        prefer: Vec::new(),
        fuzzy: false,
    }
}

pub(crate) async fn passages(app: &App, method: Method, text: &str) -> Vec<Found> {
    let found = search(app, Principal::Operator, &request(text, method, 10)).await.unwrap();
    assert_eq!(found.method, method);
    found.passages
}

/// The external ids of what is found, best first.
pub(crate) async fn found(app: &App, method: Method, text: &str) -> Vec<String> {
    passages(app, method, text).await.into_iter().map(|found| found.chunk.external_id).collect()
}

/// Asserts that every method finds this document first.
#[track_caller]
pub(crate) fn first(found: Vec<String>, expect: &str) {
    assert_eq!(found.first().map(String::as_str), Some(expect), "{found:?}");
}
