//! The stores that the environment names.

use lectern_service::stores::{ElasticsearchOptions, LexicalStore, PgvectorOptions, QdrantOptions, StoreOptions, VectorStore, WhenDown};
use lectern_testkit::{
    TestDatabase,
    database::statement,
    qdrant_server::QdrantServer,
    search_server::{Method, SearchServer},
};
use std::time::Duration;
use tokio::time::sleep;

/// How often a store is asked whether it is done, and the pause between two times.
const LOOKS: usize = 1_200;
const LOOK: Duration = Duration::from_millis(500);

/// Whose lifetime is that of what the store holds.
enum Holder {
    Search(SearchServer),
    Qdrant(QdrantServer),
    Postgres { database: TestDatabase },
}

/// How its part of a search is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Words,
    ElasticsearchVectors,
    Qdrant,
    Pgvector,
}

/// A store.
pub(crate) struct Store {
    pub(crate) name: &'static str,
    /// How the API is asked, so that this store alone is.
    pub(crate) method: &'static str,
    pub(crate) kind: Kind,
    pub(crate) url: String,
    holder: Holder,
}

impl Store {
    pub(crate) fn all() -> Vec<Self> {
        let search = |name, kind, server: SearchServer| {
            let method = if kind == Kind::Words { "lexical" } else { "semantic" };
            Self { name, method, kind, url: server.url.clone(), holder: Holder::Search(server) }
        };
        let words = SearchServer::elasticsearch().map(|server| search("elasticsearch", Kind::Words, server));
        let vectors = SearchServer::elasticsearch().map(|server| search("elasticsearch", Kind::ElasticsearchVectors, server));
        let opensearch = SearchServer::opensearch().map(|server| search("opensearch", Kind::Words, server));
        let qdrant = QdrantServer::named().map(|server| Self {
            name: "qdrant",
            method: "semantic",
            kind: Kind::Qdrant,
            url: server.url.clone(),
            holder: Holder::Qdrant(server),
        });
        let pgvector = TestDatabase::postgres().map(|database| Self {
            name: "pgvector",
            method: "semantic",
            kind: Kind::Pgvector,
            url: database.url().expose(),
            holder: Holder::Postgres { database },
        });
        [words, opensearch, vectors, qdrant, pgvector].into_iter().flatten().collect()
    }

    /// Until the store has nothing left to do for what was put: Qdrant its graphs, PostgreSQL its vacuum and its checkpoint.
    pub(crate) async fn rest(&self) {
        match &self.holder {
            Holder::Search(_) => {}
            Holder::Qdrant(server) => {
                for name in server.collections().await {
                    let path = format!("/collections/{name}");
                    let mut looks = 0..LOOKS;
                    while server.ask(Method::GET, &path, None).await["result"]["status"] != "green" {
                        looks.next().expect("the graph is built in time");
                        sleep(LOOK).await;
                    }
                }
            }
            Holder::Postgres { database } => {
                statement(database.database(), "VACUUM ANALYZE");
                statement(database.database(), "CHECKPOINT");
            }
        }
    }

    /// The options with which Lectern uses it, and what is embedded for the rest; `url` is the store's, or that of who listens.
    pub(crate) fn options(&self, url: &str) -> StoreOptions {
        let elasticsearch = |prefix: &str| ElasticsearchOptions { prefix: prefix.to_owned(), ..ElasticsearchOptions::new(url) };
        let (lexical, vectors) = match (&self.holder, self.kind) {
            (Holder::Search(server), Kind::Words) => (LexicalStore::Elasticsearch(elasticsearch(&server.prefix)), VectorStore::Embedded),
            (Holder::Search(server), _) => (LexicalStore::Embedded, VectorStore::Elasticsearch(elasticsearch(&server.prefix))),
            (Holder::Qdrant(server), _) => {
                let options = QdrantOptions { prefix: server.prefix.clone(), ..QdrantOptions::new(url) };
                (LexicalStore::Embedded, VectorStore::Qdrant(options))
            }
            (Holder::Postgres { .. }, _) => {
                let options = PgvectorOptions { url: url.to_owned(), connections: 2, timeout: Duration::from_secs(10) };
                (LexicalStore::Embedded, VectorStore::Pgvector(options))
            }
        };
        StoreOptions { lexical, vectors, when_down: WhenDown::Fail }
    }
}
