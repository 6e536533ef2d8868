//! The store with nothing before it: it gets what Lectern sends it, from a client that does nothing else.

use crate::{
    LIMIT,
    ours::Ours,
    store::{Kind, Store},
};
use lectern_domain::search::Method;
use lectern_testkit::{
    TestDatabase,
    exchanges::Recorder,
    persistence::{
        Database, DatabaseOptions, DbError,
        repo::installation,
        vector_index::{self, Extension, Nearest, VectorTable},
    },
    synthetic::{DIMENSIONS, Question, World},
};
use serde_json::Value;
use std::time::Duration;

pub(crate) enum Direct {
    /// The request of each question.
    Rest { http: reqwest::Client, url: String, requests: Vec<(String, Value)> },
    /// The statement is the same for all.
    Sql { database: Database, table: VectorTable, extension: Extension },
}

impl Direct {
    pub(crate) async fn open(world: &World, database: &TestDatabase, store: &Store, ours: &Ours) -> Self {
        match store.kind {
            Kind::Pgvector => Self::sql(database, store, ours),
            Kind::Words => Self::rest(world, database, store, Method::Lexical, "/_search").await,
            Kind::ElasticsearchVectors => Self::rest(world, database, store, Method::Semantic, "/_search").await,
            Kind::Qdrant => Self::rest(world, database, store, Method::Semantic, "/points/query").await,
        }
    }

    /// Another application asks every question through a proxy that writes down what passes.
    async fn rest(world: &World, database: &TestDatabase, store: &Store, method: Method, of: &str) -> Self {
        let recorder = Recorder::start(&store.url).await;
        let listened = Ours::open(database, store.options(recorder.url())).await;
        for question in &world.questions {
            listened.search_inside(&question.text, method).await;
        }
        listened.close().await;
        let requests: Vec<_> = recorder.requests().into_iter().filter(|(path, _)| path.contains(of)).collect();
        assert_eq!(requests.len(), world.questions.len(), "a request for each question");
        Self::Rest { http: reqwest::Client::new(), url: store.url.clone(), requests }
    }

    fn sql(rows: &TestDatabase, store: &Store, ours: &Ours) -> Self {
        let installation = rows.database().read::<_, DbError>(installation::id).expect("an id");
        let options = DatabaseOptions { connections: 1, ..DatabaseOptions::default() };
        let database = Database::open(&store.url.parse().expect("a URL"), &options).expect("a database");
        let extension = database.read::<_, DbError>(vector_index::extension).expect("an answer").expect("the extension");
        let table = VectorTable::new(installation, ours.made.generation.id, DIMENSIONS as u32).expect("a table");
        Self::Sql { database, table, extension }
    }

    pub(crate) async fn ask(&self, number: usize, question: &Question) {
        match self {
            Self::Rest { http, url, requests } => {
                let (path, body) = &requests[number];
                let answer = http.post(format!("{url}{path}")).json(body).send().await.expect("an answer");
                assert!(answer.status().is_success(), "{path}");
                answer.bytes().await.expect("a body");
            }
            Self::Sql { database, table, extension } => {
                let nearest = Nearest { vector: question.vector.clone(), limit: LIMIT, condition: None, timeout: Duration::from_secs(10) };
                let tables = std::slice::from_ref(table);
                let found = database.read::<_, DbError>(|conn| vector_index::nearest(conn, tables, extension, &nearest));
                assert_eq!(found.expect("hits").len(), LIMIT);
            }
        }
    }
}
