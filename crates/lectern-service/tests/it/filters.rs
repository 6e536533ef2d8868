//! Searching by the metadata fields that a collection declares.

use crate::{
    fake::Fake,
    support::{METHODS, World, collection, document, in_every_world, request},
};
use lectern_domain::{
    access::Principal,
    document::NewDocument,
    fields::INSTITUTION,
    filter::{Field, Filter},
    search::Method,
};
use lectern_service::{
    ServiceError,
    app::App,
    corpora::{self, Ensured},
    search::search,
};
use serde_json::{Value, json};

/// A document of an institution, and with a field that nobody declared.
fn of(id: &str, institution: Value) -> NewDocument {
    let metadata = json!({ INSTITUTION: institution, "theme": "t" }).as_object().cloned().unwrap();
    NewDocument { metadata, ..document(id, "zebra") }
}

async fn put(app: &App, docs: &Ensured, batch: Vec<NewDocument>) {
    corpora::put(app, &docs.collection, &docs.generation, batch).await.unwrap();
}

/// The external ids of what has one of these values, in order of the ids.
async fn found(app: &App, method: Method, field: &str, values: &[&str]) -> Vec<String> {
    let mut request = request("zebra", method, 10);
    request.filter = Some(Filter::In(Field::Metadata(field.to_owned()), values.iter().map(|&value| Value::from(value)).collect()));
    let mut ids: Vec<String> =
        search(app, Principal::Operator, &request).await.unwrap().passages.into_iter().map(|found| found.chunk.external_id).collect();
    ids.sort();
    ids
}

async fn three(world: &World<'_>) -> (std::sync::Arc<App>, Ensured) {
    let app = world.open(Some(&Fake::new())).await;
    let docs = collection(&app).await;
    put(&app, &docs, vec![of("a", json!("CAF")), of("b", json!("CPAM, Évry")), of("c", json!(null)), document("d", "zebra")]).await;
    app.followers.catch_up().await.unwrap();
    (app, docs)
}

#[test]
fn only_what_has_the_value_is_found_by_every_method() {
    in_every_world(async |world| {
        let (app, docs) = three(world).await;
        for method in METHODS {
            assert_eq!(found(&app, method, INSTITUTION, &["CAF"]).await, ["a"], "{method:?}");
            assert_eq!(found(&app, method, INSTITUTION, &["CPAM, Évry", "CAF"]).await, ["a", "b"], "{method:?}");
            assert!(found(&app, method, INSTITUTION, &["caf"]).await.is_empty(), "{method:?}");
            assert!(found(&app, method, "theme", &["t"]).await.is_empty(), "{method:?}: a field that is not declared");
        }
        // Another value is another content, and counts before any follower moves.
        put(&app, &docs, vec![of("a", json!("CPAM, Évry"))]).await;
        for method in METHODS {
            assert!(found(&app, method, INSTITUTION, &["CAF"]).await.is_empty(), "{method:?}");
        }
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            assert_eq!(found(&app, method, INSTITUTION, &["CPAM, Évry"]).await, ["a", "b"], "{method:?}");
        }
    });
}

#[test]
fn one_that_passes_is_found_among_many_that_do_not() {
    in_every_world(async |world| {
        let app = world.open(Some(&Fake::new())).await;
        let docs = collection(&app).await;
        // A longer text ranks behind those of which there are more than a search without its engines' help would look at.
        let last = NewDocument { text: "zebra ".to_owned() + &"filler ".repeat(30), ..of("last", json!("CAF")) };
        let others = (0..200).map(|number| of(&format!("o{number}"), json!("CPAM")));
        put(&app, &docs, others.chain([last]).collect()).await;
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            let mut request = request("zebra", method, 1);
            request.filter = Some(Filter::In(Field::Metadata(INSTITUTION.to_owned()), vec!["CAF".into()]));
            let found = search(&app, Principal::Operator, &request).await.unwrap().passages;
            assert_eq!(found.iter().map(|found| found.chunk.external_id.as_str()).collect::<Vec<_>>(), ["last"], "{method:?}");
        }
    });
}

#[test]
fn a_process_that_only_reads_filters_what_its_snapshot_does_not_hold() {
    in_every_world(async |world| {
        let model = Fake::new();
        let _holder = world.open(Some(&model)).await;
        let reader = world.open(Some(&model)).await;
        let docs = collection(&reader).await;
        put(&reader, &docs, vec![of("a", json!("CAF")), of("b", json!("CPAM"))]).await;
        reader.followers.catch_up().await.unwrap();
        assert_eq!(found(&reader, Method::Semantic, INSTITUTION, &["CPAM"]).await, ["b"]);
    });
}

#[test]
fn a_collection_of_a_version_without_fields_has_the_usual_ones() {
    in_every_world(async |world| {
        let app = world.open(Some(&Fake::new())).await;
        collection(&app).await;
        world.sql("UPDATE collections SET fields = '{}'");
        let docs = collection(&app).await;
        assert!(!docs.created);
        put(&app, &docs, vec![of("a", json!("CAF")), of("b", json!("CPAM"))]).await;
        app.followers.catch_up().await.unwrap();
        for method in METHODS {
            assert_eq!(found(&app, method, INSTITUTION, &["CAF"]).await, ["a"], "{method:?}");
        }
    });
}

#[test]
fn a_value_of_another_kind_is_refused_and_nothing_is_written() {
    in_every_world(async |world| {
        let app = world.open(None).await;
        let docs = collection(&app).await;
        for wrong in [json!(3), json!(true), json!(["CAF"]), json!({})] {
            let batch = vec![of("a", json!("CAF")), of("b", wrong)];
            let refused = corpora::put(&app, &docs.collection, &docs.generation, batch).await.unwrap_err();
            assert!(matches!(&refused, ServiceError::Invalid(wrong) if wrong.message.contains(INSTITUTION)), "{refused}");
        }
        assert!(world.chunks().is_empty());
    });
}
