//! Texts and vectors of other programs' stores are taken over without being embedded again.

use crate::{
    fake::{Fake, vector},
    support::{World, found, in_every_world, name},
};
use lectern_domain::{access::Principal, language::Language, search::Method};
use lectern_service::{
    ServiceError,
    app::App,
    corpora::{ImportRequest, LoadLimits, Loaded, Progress, Seed, import},
    search,
    stores::SeedPlace,
};
use lectern_testkit::{
    TestDatabase,
    contract::world::wait,
    database::execute,
    qdrant_server::QdrantServer,
    search_server::{Method as Http, SearchServer},
};
use serde_json::{Value, json};

/// More than two pages of any store.
const ROWS: usize = 450;

fn request(from: Seed) -> ImportRequest {
    ImportRequest {
        from,
        collection: name("docs"),
        language: Some(Language::En),
        model: Some("fake".to_owned()),
        limits: LoadLimits::new(10_000, 10_000, 200, 0).unwrap(),
        pass_over: false,
        wait: false,
    }
}

fn place(url: &str) -> SeedPlace {
    SeedPlace::new(url, None, None).unwrap()
}

/// Longer than what is cut at otherwise: one row is one passage.
fn text(n: usize) -> String {
    (0..40).map(|word| format!("w{word}of{n} ")).collect()
}

fn counts(loaded: &Loaded) -> [u64; 5] {
    [loaded.added, loaded.replaced, loaded.unchanged, loaded.failed, loaded.chunks]
}

async fn take(app: &App, request: ImportRequest) -> Result<Loaded, ServiceError> {
    Box::pin(import(app, request, |_| ())).await
}

/// Imports twice, and finds what is there without having embedded any of it.
async fn is_taken_over(app: &App, model: &Fake, from: Seed) {
    let rows = ROWS as u64;
    assert_eq!(counts(&take(app, request(from.clone())).await.unwrap()), [rows, 0, 0, 0, rows]);
    assert_eq!(counts(&take(app, request(from)).await.unwrap()), [0, 0, rows, 0, 0]);
    app.followers.catch_up().await.unwrap();
    assert_eq!(model.embedded(), Vec::<String>::new());
    for n in [0, 199, 200, ROWS - 1] {
        for method in [Method::Lexical, Method::Semantic] {
            let found = found(app, method, &text(n)).await;
            assert!(found.first().is_some_and(|id| id.ends_with(&format!("row-{n}")) || id == &uuid(n)), "{method:?} {n}: {found:?}");
        }
    }
}

fn uuid(n: usize) -> String {
    uuid::Uuid::from_u128(n as u128 + 1).to_string()
}

async fn fill_elasticsearch(server: &SearchServer, index: &str, rows: impl Iterator<Item = (String, Value)>) {
    let embedding = match server.ask(Http::GET, "/", None).await["version"]["distribution"].is_null() {
        true => json!({ "type": "dense_vector", "dims": 64, "index": true, "similarity": "dot_product" }),
        false => json!({ "type": "float" }),
    };
    let mapping = json!({ "mappings": { "properties": { "embedding": embedding, "source": { "type": "keyword" } } } });
    server.ask(Http::PUT, &format!("/{index}"), Some(&mapping)).await;
    for (id, row) in rows {
        server.ask(Http::PUT, &format!("/{index}/_doc/{id}"), Some(&row)).await;
    }
    server.ask(Http::POST, &format!("/{index}/_refresh"), None).await;
}

#[test]
fn an_index_of_the_reference() {
    for server in SearchServer::all() {
        let index = format!("{}-chunks", server.prefix);
        let row = |n| {
            let fields = json!({ "hash": format!("row-{n}"), "sid": "s", "title": "", "text": text(n), "context": [], "url": "https://example.org",
                "source": "service-public", "theme": "a", "embedding": vector(&text(n)) });
            (format!("row-{n}"), fields)
        };
        wait(fill_elasticsearch(&server, &index, (0..ROWS).map(row)));
        in_every_world(async |world: &World<'_>| {
            let model = Fake::new();
            let app = world.open(Some(&model)).await;
            let from = |index: &str| Seed::Elasticsearch { place: place(&server.url), index: index.to_owned(), vector: None };
            is_taken_over(&app, &model, from(&index)).await;
            let found = crate::support::passages(&app, Method::Semantic, &text(7)).await;
            assert_eq!(found[0].chunk.source.as_deref(), Some("service-public"));
            assert_eq!(found[0].chunk.metadata["sid"], "s");
            for wrong in ["absent", "a*", "_all", "a,b", "a/_search"] {
                assert!(matches!(take(&app, request(from(wrong))).await, Err(ServiceError::Store(_))), "{wrong}");
            }
        });
    }
}

#[test]
fn sheets_of_the_reference_have_no_vectors_and_are_documents_like_others() {
    for server in SearchServer::all() {
        let index = format!("{}-sheets", server.prefix);
        let mapping = json!({ "mappings": { "properties": { "title": { "type": "text" }, "text": { "type": "text" } } } });
        wait(server.ask(Http::PUT, &format!("/{index}"), Some(&mapping)));
        for n in 0..3 {
            let row = json!({ "sid": format!("F{n}"), "title": "", "text": text(n), "theme": "a", "related_questions": [{ "sid": "F9" }] });
            wait(server.ask(Http::PUT, &format!("/{index}/_doc/F{n}?refresh=true"), Some(&row)));
        }
        in_every_world(async |world: &World<'_>| {
            let model = Fake::new();
            let app = world.open(Some(&model)).await;
            let seed = Seed::Elasticsearch { place: place(&server.url), index: index.clone(), vector: None };
            for (added, unchanged) in [(3, 0), (0, 3)] {
                let loaded = take(&app, ImportRequest { model: None, ..request(seed.clone()) }).await.unwrap();
                assert_eq!((loaded.added, loaded.unchanged, loaded.failed), (added, unchanged, 0), "{loaded:?}");
            }
            app.followers.catch_up().await.unwrap();
            assert!(!model.embedded().is_empty(), "there were no vectors to take");
            let sheets = search::sheets(&app, Principal::Operator, &["F1".to_owned(), "F7".to_owned()]).await.unwrap();
            let first = sheets[0].as_ref().unwrap();
            assert_eq!((first.content.text.as_str(), &first.content.metadata["theme"]), (text(1).as_str(), &json!("a")));
            assert!(sheets[1].is_none());
            let named = take(&app, ImportRequest { model: Some("another".to_owned()), ..request(seed.clone()) }).await.unwrap_err();
            assert!(matches!(named, ServiceError::Invalid(_)), "{named}");
        });
    }
}

async fn fill_qdrant(server: &QdrantServer, collection: &str, vectors: &Value, points: &[Value]) {
    let path = format!("/collections/{collection}");
    server.ask(Http::DELETE, &path, None).await;
    server.ask(Http::PUT, &path, Some(&json!({ "vectors": vectors }))).await;
    for points in points.chunks(100) {
        server.ask(Http::PUT, &format!("{path}/points?wait=true"), Some(&json!({ "points": points }))).await;
    }
}

#[test]
fn a_collection_of_langchain_in_a_qdrant() {
    let Some(server) = QdrantServer::named() else { return };
    let of = json!({ "size": 64, "distance": "Cosine" });
    in_every_world(async |world: &World<'_>| {
        for (n, (vectors, named)) in
            [(of.clone(), false), (json!({ "dense": of, "other": { "size": 2, "distance": "Dot" } }), true)].into_iter().enumerate()
        {
            let collection = format!("{}-{n}", server.prefix);
            let point = |n: usize| {
                let vector = vector(&text(n));
                let vector = if named { json!({ "dense": vector, "other": [1, 2] }) } else { json!(vector) };
                json!({ "id": uuid(n), "vector": vector, "payload": { "page_content": text(n), "metadata": { "source": "a.pdf", "page": n } } })
            };
            fill_qdrant(&server, &collection, &vectors, &(0..ROWS).map(point).collect::<Vec<_>>()).await;
            let model = Fake::new();
            let app = world.open(Some(&model)).await;
            let from = |vector: Option<&str>| Seed::Qdrant {
                place: place(&server.url),
                collection: collection.clone(),
                vector: vector.map(str::to_owned),
            };
            if named {
                let unclear = take(&app, request(from(None))).await.unwrap_err().to_string();
                assert!(unclear.contains("dense, other"), "{unclear}");
                // What is there already is not written again.
                assert_eq!(counts(&take(&app, request(from(Some("dense")))).await.unwrap()), [0, 0, ROWS as u64, 0, 0]);
                let other = take(&app, request(from(Some("other")))).await.unwrap_err();
                assert!(other.to_string().contains("2 components was given to an index of 64"), "{other}");
            } else {
                is_taken_over(&app, &model, from(None)).await;
            }
        }
    });
}

#[test]
fn what_is_not_understood_is_told_and_refused_unless_it_may_be_passed_over() {
    let Some(server) = QdrantServer::named() else { return };
    in_every_world(async |world: &World<'_>| {
        let good = |n: usize| json!({ "id": n, "vector": vector(&text(n)), "payload": { "text": text(n) } });
        let points = [good(1), json!({ "id": 2, "vector": vector("x"), "payload": { "body": "x" } }), good(3)];
        fill_qdrant(&server, &server.prefix, &json!({ "size": 64, "distance": "Cosine" }), &points).await;
        let app = world.open(Some(&Fake::new())).await;
        let from = Seed::Qdrant { place: place(&server.url), collection: server.prefix.clone(), vector: None };
        let mut told = Vec::new();
        let listen = |event: Progress<'_>| {
            if let Progress::Failed(failure) = event {
                told.push(failure.to_string());
            }
        };
        let refused = Box::pin(import(&app, request(from.clone()), listen)).await.unwrap_err();
        assert!(refused.to_string().contains("1 of 3 rows"), "{refused}");
        assert_eq!(told, ["2: it has none of the fields page_content, text and description; it has body"]);
        assert!(world.chunks().is_empty());

        let other = ImportRequest { model: Some("other".to_owned()), ..request(from.clone()) };
        assert!(take(&app, other).await.unwrap_err().to_string().contains("searched by fake"));
        let without = world.open(None).await;
        assert!(take(&without, request(from.clone())).await.unwrap_err().to_string().contains("no embedding model"));
        let lenient = ImportRequest { pass_over: true, ..request(from) };
        assert_eq!(counts(&take(&app, lenient).await.unwrap()), [2, 0, 0, 1, 2]);
    });
}

/// LangChain's tables with a collection of [`ROWS`] rows and one of a single row.
fn langchain(database: &TestDatabase) {
    let sql = |sql: &str| execute(database.database(), sql);
    sql("CREATE EXTENSION vector; \
         CREATE TABLE langchain_pg_collection (uuid uuid PRIMARY KEY, name varchar NOT NULL UNIQUE, cmetadata json); \
         CREATE TABLE langchain_pg_embedding (id varchar PRIMARY KEY, collection_id uuid REFERENCES langchain_pg_collection, embedding vector, \
             document varchar, cmetadata jsonb); \
         INSERT INTO langchain_pg_collection VALUES ('00000000-0000-0000-0000-000000000001', 'handbook'), \
             ('00000000-0000-0000-0000-000000000002', 'other')");
    let row = |collection: usize, id: &str, n: usize| {
        let vector = json!(vector(&text(n)));
        format!("('{id}', '00000000-0000-0000-0000-00000000000{collection}', '{vector}', '{}', '{{\"page\": {n}}}')", text(n))
    };
    let rows: Vec<String> = (0..ROWS).map(|n| row(1, &format!("row-{n}"), n)).chain([row(2, "z", 9_999)]).collect();
    sql(&format!("INSERT INTO langchain_pg_embedding (id, collection_id, embedding, document, cmetadata) VALUES {}", rows.join(", ")));
}

#[test]
fn tables_of_langchain() {
    let Some(database) = TestDatabase::postgres() else {
        println!("skipped: LECTERN_TEST_POSTGRES_URL names no server");
        return;
    };
    langchain(&database);
    // A table that somebody made for themselves, with a key and names of its own.
    execute(
        database.database(),
        "CREATE SCHEMA \"My Texts\"; \
         CREATE TABLE \"My Texts\".\"Pages\" (\"Nr\" bigint PRIMARY KEY, content text, author text, embedding halfvec(64)); \
         INSERT INTO \"My Texts\".\"Pages\" SELECT 1, document, 'Ann', embedding::halfvec FROM langchain_pg_embedding WHERE id = 'z'; \
         CREATE TABLE bare (id bigint PRIMARY KEY, content text)",
    );
    let table = |table: &str, collection: Option<&str>| Seed::Pgvector {
        url: database.url().expose(),
        table: table.to_owned(),
        collection: collection.map(str::to_owned),
    };
    in_every_world(async |world: &World<'_>| {
        let model = Fake::new();
        let app = world.open(Some(&model)).await;
        for (from, expect) in [
            (table("langchain_pg_embedding", None), "handbook, other"),
            (table("langchain_pg_embedding", Some("absent")), "handbook, other"),
            (table("absent", None), "no table 'absent'"),
            (table("a; b", None), "no table 'a; b'"),
            (table("bare", None), "id bigint, content text"),
            (table("langchain_pg_collection", None), "none of the columns document"),
        ] {
            let refused = take(&app, request(from)).await.unwrap_err().to_string();
            assert!(refused.contains(expect), "{refused}");
        }
        is_taken_over(&app, &model, table("langchain_pg_embedding", Some("handbook"))).await;
        assert_eq!(counts(&take(&app, request(table("\"My Texts\".\"Pages\"", None))).await.unwrap()), [1, 0, 0, 0, 1]);
        app.followers.catch_up().await.unwrap();
        let found = crate::support::passages(&app, Method::Semantic, &text(9_999)).await;
        assert_eq!((found[0].chunk.external_id.as_str(), &found[0].chunk.metadata["author"]), ("1", &json!("Ann")));
    });
}
