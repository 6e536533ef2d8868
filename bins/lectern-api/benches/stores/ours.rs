//! The API as the program serves it, with an account and a collection.

use crate::LIMIT;
use actix_web::{App as Actix, HttpServer, dev::ServerHandle, rt};
use lectern_domain::{
    access::Principal,
    collection::{Chunking, CollectionName, CollectionRef, Visibility},
    email::EmailAddress,
    fields::FilterableFields,
    language::Language,
    password::Password,
    search::Method,
};
use lectern_http::{Api, HttpOptions};
use lectern_service::{
    accounts::{Auth, AuthOptions, Organizations, SecretKey, sign_in, users},
    app::{App, AppOptions},
    corpora::{self, Ensured, NewCollectionSpec},
    search::{self, SearchRequest},
    stores::StoreOptions,
};
use lectern_testkit::{
    TestDatabase,
    persistence::DatabaseOptions,
    synthetic::{self, World},
};
use serde_json::{Value, json};
use std::{net::TcpListener, sync::Arc};

const COLLECTION: &str = "bench";
const PASSWORD: &str = "correct-horse";

/// The documents of one put.
const BATCH: usize = 256;

pub(crate) struct Ours {
    pub(crate) app: Arc<App>,
    pub(crate) made: Ensured,
    url: String,
    token: String,
    http: reqwest::Client,
    handle: ServerHandle,
    _folder: tempfile::TempDir,
}

fn collection() -> CollectionName {
    CollectionName::try_from(COLLECTION.to_owned()).expect("a name")
}

impl Ours {
    /// Opens it on these stores and serves it.
    pub(crate) async fn open(database: &TestDatabase, stores: StoreOptions) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let auth = Auth::new(&AuthOptions::default(), &SecretKey::from_text("a key for benches"), Organizations::default());
        let options =
            AppOptions { stores, default_collection: collection(), ..AppOptions::new(folder.path().to_owned(), auth).expect("options") };
        let app =
            App::open_with(database.open(&DatabaseOptions::default()), options, Some(synthetic::model())).await.expect("an application");
        let (chunking, fields) = (Chunking::new(4_000, 0).expect("a chunking"), FilterableFields::default());
        let spec =
            NewCollectionSpec { name: collection(), owner: None, visibility: Visibility::Public, language: Language::Fr, chunking, fields };
        let made = corpora::ensure(&app, spec).await.expect("a collection");
        let password = || Password::try_from(PASSWORD.to_owned()).expect("a password");
        let account = users::NewAccount {
            username: "jeanne".into(),
            email: EmailAddress::try_from("jeanne@example.org").expect("an address"),
            password: password(),
            is_admin: false,
        };
        // Every application after the first finds the account.
        let _ = users::add(&app, account).await;
        let token = sign_in::sign_in(&app, Some(sign_in::Login::Username("jeanne".into())), password(), None).await.expect("a session");
        let api = Api::new(app.clone(), HttpOptions::default());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server =
            HttpServer::new(move || Actix::new().configure(api.routes())).disable_signals().listen(listener).expect("it listens").run();
        let handle = server.handle();
        rt::spawn(server);
        Self { app, made, url, token, http: reqwest::Client::new(), handle, _folder: folder }
    }

    /// Puts every document, and has its vector made.
    pub(crate) async fn put(&self, world: &World) {
        let Ensured { collection, generation, .. } = &self.made;
        let mut documents = world.documents().peekable();
        while documents.peek().is_some() {
            let batch: Vec<_> = documents.by_ref().take(BATCH).collect();
            corpora::put(&self.app, collection, generation, batch).await.expect("a put");
        }
        self.catch_up().await;
    }

    /// Until the stores hold everything.
    pub(crate) async fn catch_up(&self) {
        self.app.followers.catch_up().await.expect("indexes");
    }

    /// How many passages the API finds.
    pub(crate) async fn search(&self, question: &str, method: &str) -> usize {
        let body = json!({ "query": question, "collections": [COLLECTION], "limit": LIMIT, "method": method });
        let request = self.http.post(format!("{}/api/v1/search", self.url)).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let found: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{status}: {found}");
        found["data"].as_array().expect("passages").len()
    }

    /// Searches without HTTP.
    pub(crate) async fn search_inside(&self, question: &str, method: Method) {
        let request = SearchRequest {
            text: question.to_owned(),
            method: Some(method),
            collections: Some(vec![CollectionRef::Shared(collection())]),
            limit: LIMIT,
            by_document: false,
            filter: None,
            prefer: Vec::new(),
            fuzzy: false,
        };
        search::search(&self.app, Principal::Operator, &request).await.expect("passages");
    }

    pub(crate) async fn close(self) {
        self.handle.stop(false).await;
        self.app.close().await;
    }
}
