//! The application on a database of its own.

use crate::LIMIT;
use lectern_domain::{
    access::Principal,
    collection::{Chunking, CollectionName, CollectionRef, Visibility},
    fields::FilterableFields,
    language::Language,
    search::Method,
};
use lectern_persistence::DatabaseOptions;
use lectern_service::{
    accounts::{Auth, AuthOptions, Organizations, SecretKey},
    app::{App, AppOptions},
    corpora::{self, Ensured, NewCollectionSpec},
    follow::{FollowOptions, Running},
    search::{self, SearchRequest},
};
use lectern_testkit::{
    TestDatabase,
    synthetic::{self, Question, World},
};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The documents of one put.
const BATCH: usize = 256;

pub(crate) struct Ours {
    runtime: Runtime,
    app: Arc<App>,
    made: Ensured,
    _folder: TempDir,
}

impl Ours {
    pub(crate) fn open(database: &TestDatabase) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
        let folder = tempfile::tempdir().expect("a folder");
        let name = CollectionName::try_from("bench".to_owned()).expect("a name");
        let auth = Auth::new(&AuthOptions::default(), &SecretKey::from_text("bench"), Organizations::default());
        let options = AppOptions {
            follow: FollowOptions {
                poll: Duration::from_millis(500),
                batch_chunks: 512,
                retention: Duration::from_secs(86_400),
                stall: Duration::from_secs(60),
            },
            default_collection: name.clone(),
            ..AppOptions::new(folder.path().to_owned(), auth).expect("options")
        };
        let database = database.open(&DatabaseOptions::default());
        let (app, made) = runtime.block_on(async {
            let app = App::open_with(database, options, Some(synthetic::model())).await.expect("an application");
            let chunking = Chunking::new(4_000, 0).expect("a chunking");
            let fields = FilterableFields::default();
            let spec = NewCollectionSpec { name, owner: None, visibility: Visibility::Public, language: Language::Fr, chunking, fields };
            let made = corpora::ensure(&app, spec).await.expect("a collection");
            (app, made)
        });
        Self { runtime, app, made, _folder: folder }
    }

    /// Puts every document: into SQL, with its entry in the change log. The followers work meanwhile, as in a server and in `corpus add`.
    pub(crate) fn put(&self, world: &World) -> Running {
        let running = {
            let _in_runtime = self.runtime.enter();
            self.app.followers.start()
        };
        let Ensured { collection, generation, .. } = &self.made;
        let mut documents = world.documents().peekable();
        while documents.peek().is_some() {
            let batch: Vec<_> = documents.by_ref().take(BATCH).collect();
            let puts = self.runtime.block_on(corpora::put(&self.app, collection, generation, batch)).expect("a put");
            assert!(puts.iter().all(|put| put.chunks == 1), "a document has one chunk");
        }
        running
    }

    /// Until everything can be found.
    pub(crate) fn catch_up(&self, running: Running) {
        self.runtime.block_on(self.app.followers.wait(&self.made.generation)).expect("indexes");
        self.runtime.block_on(running.stop());
    }

    pub(crate) fn search(&self, question: &Question) -> usize {
        let request = SearchRequest {
            text: question.text.clone(),
            method: Some(Method::Hybrid),
            collections: Some(vec![CollectionRef::Shared(self.made.collection.name.clone())]),
            limit: LIMIT,
            by_document: false,
            filter: None,
            prefer: Vec::new(),
            fuzzy: false,
        };
        let results = self.runtime.block_on(search::search(&self.app, Principal::Operator, &request)).expect("passages");
        assert_eq!((results.method, results.passages.len()), (Method::Hybrid, LIMIT));
        results.passages.len()
    }
}
