//! Stores outside the process: they follow, they may be down, and several processes share them.

use crate::{
    fake::Fake,
    support::{World, collection, delete, in_every_world, put, request},
    uploads::{caller, mine, work},
};
use lectern_domain::{
    access::Principal,
    collection::CollectionRef,
    search::{Method, Side},
};
use lectern_persistence::repo::dead_letters;
use lectern_service::{
    ServiceError,
    app::App,
    corpora,
    index::{Chosen, Shape, drop as drop_generation, rebuild, repair, status},
    search::{Results, SearchRequest, search},
    stores::{ElasticsearchOptions, LexicalStore, PgvectorOptions, QdrantOptions, StoreOptions, VectorStore, WhenDown},
};
use lectern_testkit::{
    proxy::{Guard, Proxy},
    qdrant_server::QdrantServer,
    search_server::SearchServer,
};
use std::time::Duration;

fn at(server: &SearchServer, url: &str) -> ElasticsearchOptions {
    ElasticsearchOptions { prefix: server.prefix.clone(), timeout: Duration::from_secs(30), ..ElasticsearchOptions::new(url) }
}

/// Words outside, vectors in the process.
fn words_outside(server: &SearchServer, url: &str) -> StoreOptions {
    StoreOptions { lexical: LexicalStore::Elasticsearch(at(server, url)), ..StoreOptions::default() }
}

async fn find(app: &App, method: Option<Method>, words: &str) -> Result<Results, ServiceError> {
    search(app, Principal::Operator, &SearchRequest { method, ..request(words, Method::Hybrid, 10) }).await
}

/// The external ids of what was found.
fn ids(results: &Results) -> Vec<&str> {
    let mut ids: Vec<&str> = results.passages.iter().map(|found| found.chunk.external_id.as_str()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn words_and_vectors_are_found_in_every_store() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    let qdrant = QdrantServer::named();
    in_every_world(async |world: &World<'_>| {
        let outside = at(&server, &server.url);
        let mut vectors = vec![VectorStore::Elasticsearch(outside.clone())];
        if let Some(qdrant) = &qdrant {
            vectors.push(VectorStore::Qdrant(QdrantOptions { prefix: qdrant.prefix.clone(), ..QdrantOptions::new(&qdrant.url) }));
        }
        if world.database.name() == "postgres" {
            let url = world.database.url().expose();
            vectors.push(VectorStore::Pgvector(PgvectorOptions { url, connections: 2, timeout: Duration::from_secs(30) }));
        }
        for vectors in vectors {
            let stores = StoreOptions { lexical: LexicalStore::Elasticsearch(outside.clone()), vectors, ..StoreOptions::default() };
            let app = world.open_on(Some(&Fake::new()), stores).await;
            app.followers.check_stores().await.unwrap();
            let docs = collection(&app).await;
            put(&app, &docs, &[("a", "alpha beta"), ("b", "gamma delta"), ("c", "alpha delta")]).await;
            app.followers.catch_up().await.unwrap();
            for method in [Method::Lexical, Method::Semantic, Method::Hybrid] {
                let results = find(&app, Some(method), "alpha").await.unwrap();
                let first: Vec<&str> = results.passages.iter().take(2).map(|found| found.chunk.external_id.as_str()).collect();
                assert!(first.contains(&"a") && first.contains(&"c"), "{method:?}: {first:?}");
                assert_eq!((results.method, results.degraded), (method, None));
            }
            delete(&app, &docs, &["a"]).await;
            assert_eq!(ids(&find(&app, Some(Method::Lexical), "alpha").await.unwrap()), ["c"], "gone at once, whatever the store holds");
            app.followers.catch_up().await.unwrap();
            assert_eq!(ids(&find(&app, Some(Method::Lexical), "alpha").await.unwrap()), ["c"]);
            delete(&app, &docs, &["b", "c"]).await;
            app.followers.catch_up().await.unwrap();
        }
        assert!(!world.index().exists(), "no embedded engine was opened");
    });
}

#[test]
fn a_store_that_is_down_holds_up_no_write_is_said_and_catches_up() {
    for server in SearchServer::all() {
        in_every_world(async |world: &World<'_>| {
            let proxy = Proxy::start(&server.url, Guard::none()).await;
            let app = world.open_on(Some(&Fake::new()), words_outside(&server, &proxy.url())).await;
            let docs = collection(&app).await;
            put(&app, &docs, &[("old", "alpha"), ("doomed", "alpha")]).await;
            app.followers.catch_up().await.unwrap();
            assert_eq!(ids(&find(&app, Some(Method::Lexical), "alpha").await.unwrap()), ["doomed", "old"]);

            proxy.cut().await;
            put(&app, &docs, &[("new", "alpha")]).await;
            delete(&app, &docs, &["doomed"]).await;
            let down = app.followers.catch_up().await.unwrap_err();
            assert!(matches!(&down, ServiceError::Store(error) if error.may_pass()), "{down}");
            // The other index was brought up to date all the same, and answers alone.
            for method in [None, Some(Method::Lexical)] {
                let results = find(&app, method, "alpha").await.unwrap();
                assert_eq!((results.method, results.degraded), (Method::Semantic, Some(Side::Lexical)));
                assert_eq!(ids(&results), ["new", "old"]);
            }
            let guard = app.guards.of(Side::Lexical);
            assert_eq!((guard.is_well(), guard.left_out.get(), guard.failed.get()), (false, 2, 2));
            assert!(app.guards.of(Side::Vectors).is_well());

            proxy.restore();
            let back = find(&app, Some(Method::Lexical), "alpha").await.unwrap();
            assert_eq!((back.degraded, ids(&back)), (None, vec!["old"]), "what was deleted meanwhile is not shown");
            assert!(guard.is_well());
            app.followers.catch_up().await.unwrap();
            assert_eq!(ids(&find(&app, Some(Method::Lexical), "alpha").await.unwrap()), ["new", "old"]);
        });
    }
}

#[test]
fn searches_fail_where_the_installation_wants_it_so_and_where_nothing_is_left() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    in_every_world(async |world: &World<'_>| {
        let proxy = Proxy::start(&server.url, Guard::none()).await;
        let stores = StoreOptions { when_down: WhenDown::Fail, ..words_outside(&server, &proxy.url()) };
        let app = world.open_on(Some(&Fake::new()), stores).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "alpha")]).await;
        app.followers.catch_up().await.unwrap();
        proxy.cut().await;
        for method in [None, Some(Method::Lexical)] {
            let failed = find(&app, method, "alpha").await.unwrap_err();
            assert!(matches!(failed, ServiceError::Store(_)), "{failed}");
        }
        assert_eq!(ids(&find(&app, Some(Method::Semantic), "alpha").await.unwrap()), ["a"], "what needs no words goes on");
        drop(app);
        let without_model = world.open_on(None, words_outside(&server, &proxy.url())).await;
        let failed = find(&without_model, None, "alpha").await.unwrap_err();
        assert!(matches!(failed, ServiceError::Store(_)), "{failed}");
    });
}

/// The stores take 65,536 values for a field.
#[test]
fn a_question_that_a_store_does_not_take_leaves_the_other_questions_alone() {
    for server in SearchServer::all() {
        in_every_world(async |world: &World<'_>| {
            let app = world.open_on(Some(&Fake::new()), words_outside(&server, &server.url)).await;
            let docs = collection(&app).await;
            put(&app, &docs, &[("a", "alpha")]).await;
            app.followers.catch_up().await.unwrap();
            let prefer: Vec<String> = (0..70_000).map(|n| n.to_string()).collect();
            let too_much = SearchRequest { prefer, ..request("alpha", Method::Lexical, 10) };
            for _ in 0..5 {
                let results = search(&app, Principal::Operator, &too_much).await.unwrap();
                assert_eq!((results.method, results.degraded, ids(&results)), (Method::Semantic, Some(Side::Lexical), vec!["a"]));
                let results = find(&app, Some(Method::Lexical), "alpha").await.unwrap();
                assert_eq!((results.degraded, ids(&results)), (None, vec!["a"]));
            }
            assert!(app.guards.of(Side::Lexical).is_well());
        });
    }
}

#[test]
fn a_model_that_is_down_leaves_the_vectors_out() {
    in_every_world(async |world: &World<'_>| {
        let fake = Fake::new();
        let app = world.open(Some(&fake)).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "alpha")]).await;
        app.followers.catch_up().await.unwrap();
        fake.failing.store(true, std::sync::atomic::Ordering::SeqCst);
        for method in [None, Some(Method::Semantic)] {
            let results = find(&app, method, "alpha").await.unwrap();
            assert_eq!((results.method, results.degraded, ids(&results)), (Method::Lexical, Some(Side::Vectors), vec!["a"]));
        }
    });
}

#[test]
fn a_store_that_is_down_is_no_obstacle_to_a_start_and_one_of_another_kind_is() {
    let Some(server) = SearchServer::opensearch() else { return };
    in_every_world(async |world: &World<'_>| {
        let proxy = Proxy::start(&server.url, Guard::none()).await;
        proxy.cut().await;
        let stores = StoreOptions { vectors: VectorStore::Elasticsearch(at(&server, &proxy.url())), ..StoreOptions::default() };
        let app = world.open_on(Some(&Fake::new()), stores).await;
        app.followers.check_stores().await.unwrap();
        proxy.restore();
        let refused = app.followers.check_stores().await.unwrap_err().to_string();
        assert!(refused.contains("is an OpenSearch"), "{refused}");
    });
}

#[test]
fn one_process_follows_and_a_store_that_lost_everything_is_filled_again() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    in_every_world(async |world: &World<'_>| {
        let stores = || words_outside(&server, &server.url);
        let (one, two) = (world.open_on(None, stores()).await, world.open_on(None, stores()).await);
        let docs = collection(&one).await;
        let (first, second) = (one.followers.start(), two.followers.start());
        for (n, app) in [&one, &two, &one, &two].into_iter().enumerate() {
            put(app, &docs, &[(&format!("d{n}"), "alpha")]).await;
        }
        for app in [&one, &two] {
            app.followers.wait(&docs.generation).await.unwrap();
            assert_eq!(find(app, Some(Method::Lexical), "alpha").await.unwrap().passages.len(), 4);
        }
        first.stop().await;
        second.stop().await;
        server.drop_indexes(&installation_of(&one).await).await;
        assert_eq!(find(&one, Some(Method::Lexical), "alpha").await.unwrap().passages.len(), 0);
        // SQL says that nothing is new; a round of maintenance has the store looked at.
        one.followers.catch_up().await.unwrap();
        one.followers.maintain().await.unwrap();
        one.followers.catch_up().await.unwrap();
        assert_eq!(find(&one, Some(Method::Lexical), "alpha").await.unwrap().passages.len(), 4);
    });
}

#[test]
fn a_collection_that_is_deleted_leaves_no_index_behind() {
    for server in SearchServer::all() {
        in_every_world(async |world: &World<'_>| {
            let app = world.open_on(Some(&Fake::new()), words_outside(&server, &server.url)).await;
            let who = caller(&app).await;
            let (kept, gone) = (collection(&app).await, mine(&app, who.user.id).await);
            put(&app, &kept, &[("a", "alpha")]).await;
            put(&app, &gone, &[("b", "alpha")]).await;
            app.followers.catch_up().await.unwrap();
            let installation = installation_of(&app).await;
            let indexes = async || {
                let mut names = server.indexes().await;
                names.retain(|name| name.contains(&installation));
                names
            };
            assert_eq!(indexes().await.len(), 2);
            let kept_ones = async || status(&app, &Chosen::default()).await.unwrap().into_iter().map(|one| one.kept.collection.to_string());
            assert_eq!(kept_ones().await.collect::<Vec<_>>(), [format!("{}/mine", who.user.id), "docs".to_owned()]);
            corpora::remove(&app, &who, CollectionRef::Id(gone.collection.uid)).await.unwrap();
            assert_eq!(kept_ones().await.collect::<Vec<_>>(), ["docs"]);
            work(&app).await;
            let left = indexes().await;
            assert!(left.len() == 1 && left[0].contains(&format!("-g{}-", kept.generation.id)), "{left:?}");
            app.followers.catch_up().await.unwrap();
            assert_eq!((indexes().await, ids(&find(&app, Some(Method::Lexical), "alpha").await.unwrap())), (left, vec!["a"]));
        });
    }
}

#[test]
fn a_generation_that_is_dropped_while_its_store_is_down_leaves_no_index_behind() {
    for server in SearchServer::all() {
        in_every_world(async |world: &World<'_>| {
            let proxy = Proxy::start(&server.url, Guard::none()).await;
            let app = world.open_on(Some(&Fake::new()), words_outside(&server, &proxy.url())).await;
            let docs = collection(&app).await;
            put(&app, &docs, &[("a", "alpha")]).await;
            let built = rebuild(&app, &docs.collection.name.clone().into(), Shape::default(), |_| {}).await.unwrap().generation;
            let installation = installation_of(&app).await;
            let indexes = async || server.indexes().await.into_iter().filter(|name| name.contains(&installation)).count();
            assert_eq!(indexes().await, 2);
            proxy.cut().await;
            assert!(!drop_generation(&app, built).await.unwrap(), "the rest is left to a job");
            assert_eq!(status(&app, &Chosen::default()).await.unwrap().len(), 1);
            proxy.restore();
            assert_eq!(indexes().await, 2);
            work(&app).await;
            assert_eq!(indexes().await, 1);
            assert_eq!(ids(&find(&app, Some(Method::Lexical), "alpha").await.unwrap()), ["a"]);
        });
    }
}

async fn installation_of(app: &App) -> String {
    let id = app.bridge.read::<_, lectern_persistence::DbError>(lectern_persistence::repo::installation::id).await.unwrap();
    id.0.simple().to_string()
}

#[test]
fn what_a_store_does_not_take_is_set_aside_with_the_reason() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    in_every_world(async |world: &World<'_>| {
        let stores = StoreOptions { vectors: VectorStore::Elasticsearch(at(&server, &server.url)), ..StoreOptions::default() };
        let app = world.open_on(Some(&Fake::new()), stores).await;
        let docs = collection(&app).await;
        // The model answers this text with a vector of length zero, to which nothing has an angle.
        put(&app, &docs, &[("a", "alpha"), ("zero", "ZERO"), ("b", "alpha beta")]).await;
        app.followers.catch_up().await.unwrap();
        assert_eq!(ids(&find(&app, Some(Method::Semantic), "alpha").await.unwrap()), ["a", "b"]);
        let generation = docs.generation.id;
        let letters = app.bridge.read(move |conn| dead_letters::list(conn, generation, 10)).await.unwrap();
        assert!(letters.len() == 1 && letters[0].1.contains("zero magnitude"), "{letters:?}");
        // One that was not taken before, and is now, is a difference again where the store loses it.
        world.sql(
            "UPDATE dead_letters SET chunk_id = \
             (SELECT chunks.id FROM chunks JOIN documents ON documents.version_id = chunks.version_id WHERE external_id = 'a')",
        );
        world.sql("UPDATE documents SET source = 'elsewhere' WHERE external_id = 'a'");
        let repaired = repair(&app, &Chosen::default(), Duration::from_secs(60)).await.unwrap();
        assert_eq!(repaired.after.differences(), 0);
        let left = app.bridge.read(move |conn| dead_letters::list(conn, generation, 10)).await.unwrap();
        assert_eq!(left.iter().map(|(chunk, _)| chunk).collect::<Vec<_>>(), [&letters[0].0]);
    });
}
