//! What is asked of a Qdrant in the same way at every run, so that it can be recorded. Nothing here may depend on the time or on chance.

use super::options;
use crate::support::{INSTALLATION, chunk, cursor, document, generation, scope, vector, wait};
use lectern_domain::{collection::Generation, language::Language};
use lectern_testkit::contract::{self, batch};
use lectern_vector_store::{
    Position, StoreError, VectorIndex, VectorQuery,
    qdrant::{Qdrant, QdrantOptions, Quantization},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

/// A scenario, given the server's address and what the names of collections begin with. It begins without collections of that name.
type Scenario = fn(&str, &str);

/// All of them, with their names.
pub(super) const ALL: [(&str, Scenario); 7] = [
    ("contract", contract_in_small),
    ("late", late),
    ("lost", a_collection_that_is_lost_is_noticed_and_never_made_by_accident),
    ("unfinished", a_collection_that_was_not_finished_is_finished),
    ("mapping", a_collection_with_another_mapping_is_named_with_the_difference),
    ("kept", how_vectors_are_kept_is_chosen),
    ("snapshot", the_store_makes_snapshots),
];

fn open(url: &str, prefix: &str) -> Arc<dyn VectorIndex> {
    Qdrant::new(&options(url, prefix), INSTALLATION).unwrap().vectors()
}

/// Asks the server itself.
fn ask(method: Method, url: String, body: &Value) -> Value {
    wait(async {
        let answer = reqwest::Client::new().request(method, url).json(body).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
    })
}

fn collection(prefix: &str, generation: &Generation) -> String {
    format!("{prefix}-{}-g{}-vectors-v1", INSTALLATION.0.simple(), generation.id)
}

fn put(index: &dyn VectorIndex, generation: &Generation, seq: i64) -> Result<(), StoreError> {
    let puts = vec![vector(1, &document(1, None, &[]), vec![1.0, 0.0, 0.0, 0.0])];
    wait(index.apply(generation, batch(seq, vec![], puts)))?;
    wait(index.commit(generation, cursor(seq))).map(|_| ())
}

fn found(index: &dyn VectorIndex, generation: &Generation) -> usize {
    let query = VectorQuery { vector: vec![1.0, 0.0, 0.0, 0.0], limit: 10, filter: None };
    wait(index.search(&scope(&[generation]), &query)).unwrap().len()
}

fn contract_in_small(url: &str, prefix: &str) {
    let index = open(url, prefix);
    wait(index.check(&[])).unwrap();
    contract::vectors::keeps_in_small(&mut || open(url, prefix));
}

fn late(url: &str, prefix: &str) {
    let index = open(url, prefix);
    contract::vectors::keeps_late_batches_out(&*index);
    // Neither does a place that comes late take the newer one's.
    let generation = generation(1, Language::Fr, Some(4));
    put(&*index, &generation, 7).unwrap();
    wait(index.commit(&generation, cursor(6))).unwrap();
    assert_eq!(wait(index.position(&generation)).unwrap(), Position::At(cursor(7)));
}

fn a_collection_that_is_lost_is_noticed_and_never_made_by_accident(url: &str, prefix: &str) {
    let (index, generation) = (open(url, prefix), generation(1, Language::Fr, Some(4)));
    put(&*index, &generation, 1).unwrap();
    let path = format!("{url}/collections/{}", collection(prefix, &generation));
    ask(Method::DELETE, path.clone(), &Value::Null);
    assert_eq!(found(&*index, &generation), 0);
    let refused = put(&*index, &generation, 2).unwrap_err();
    assert!(refused.may_pass() && refused.to_string().contains("is gone"), "{refused}");
    assert!(ask(Method::GET, path, &Value::Null)["result"].is_null());
    assert_eq!(wait(index.position(&generation)).unwrap(), Position::Empty);
    wait(index.clear(&generation)).unwrap();
    put(&*index, &generation, 2).unwrap();
    assert_eq!(found(&*index, &generation), 1);
}

fn a_collection_that_was_not_finished_is_finished(url: &str, prefix: &str) {
    let (index, generation) = (open(url, prefix), generation(1, Language::Fr, Some(4)));
    // Where somebody got no further than this, there is no place yet.
    let path = format!("{url}/collections/{}", collection(prefix, &generation));
    ask(Method::PUT, path, &json!({ "vectors": { "embedding": { "size": 4, "distance": "Cosine" } } }));
    wait(index.check(std::slice::from_ref(&generation))).unwrap();
    assert_eq!(wait(index.position(&generation)).unwrap(), Position::Empty);
    put(&*index, &generation, 1).unwrap();
    wait(index.check(std::slice::from_ref(&generation))).unwrap();
    assert_eq!(wait(index.position(&generation)).unwrap(), Position::At(cursor(1)));
    // The alias is for people.
    let alias = collection(prefix, &generation).trim_end_matches("-v1").to_owned();
    let counted = ask(Method::POST, format!("{url}/collections/{alias}/points/count"), &json!({ "exact": true }));
    assert_eq!(counted["result"]["count"], 2);
}

fn a_collection_with_another_mapping_is_named_with_the_difference(url: &str, prefix: &str) {
    let (index, of_four) = (open(url, prefix), generation(1, Language::Fr, Some(4)));
    wait(index.check(std::slice::from_ref(&of_four))).unwrap();
    put(&*index, &of_four, 1).unwrap();
    wait(index.check(std::slice::from_ref(&of_four))).unwrap();
    let refused = |generation: Generation| match wait(index.check(&[generation])).unwrap_err() {
        StoreError::Mismatch(why) => why,
        other => panic!("{other}"),
    };
    let said = refused(generation(1, Language::Fr, Some(5)));
    assert!(said.contains(&collection(prefix, &of_four)) && said.contains("embedding.size is 4 instead of 5"), "{said}");
    let mut other = of_four.clone();
    other.model.as_mut().unwrap().spec.revision = "2".to_owned();
    let said = refused(other);
    assert!(said.contains(r#"revision is "1" instead of "2""#), "{said}");
    let path = format!("{url}/collections/{}/index/facts?wait=true", collection(prefix, &of_four));
    ask(Method::DELETE, path, &Value::Null);
    let said = refused(of_four);
    assert!(said.contains("payload_schema.facts is missing"), "{said}");
    let said = refused(generation(2, Language::Fr, Some(65_537)));
    assert!(said.contains("at most 65536"), "{said}");
}

fn how_vectors_are_kept_is_chosen(url: &str, prefix: &str) {
    let all = [Quantization::None, Quantization::Scalar, Quantization::Binary, Quantization::Product];
    for (id, quantization) in (1..).zip(all) {
        let generation = generation(id, Language::Fr, Some(4));
        let kept =
            QdrantOptions { quantization, vectors_on_disk: true, graph_on_disk: true, payload_on_disk: false, ..options(url, prefix) };
        let index = Qdrant::new(&kept, INSTALLATION).unwrap().vectors();
        put(&*index, &generation, 1).unwrap();
        assert_eq!(found(&*index, &generation), 1);
        let hit = wait(index.search(&scope(&[&generation]), &VectorQuery { vector: vec![1.0, 1.0, 0.0, 0.0], limit: 1, filter: None }))
            .unwrap()[0];
        assert!(hit.chunk == chunk(1) && (hit.score - 0.5f32.sqrt()).abs() < 1e-4, "{hit:?}");
        let told = ask(Method::GET, format!("{url}/collections/{}", collection(prefix, &generation)), &Value::Null);
        let config = &told["result"]["config"];
        assert_eq!(config["params"]["vectors"]["embedding"]["on_disk"], true);
        assert_eq!((&config["hnsw_config"]["on_disk"], &config["params"]["on_disk_payload"]), (&json!(true), &json!(false)));
        let kind = config["quantization_config"].as_object().and_then(|kinds| kinds.keys().next().cloned());
        assert_eq!(kind.as_deref(), [None, Some("scalar"), Some("binary"), Some("product")][id as usize - 1]);
    }
}

fn the_store_makes_snapshots(url: &str, prefix: &str) {
    let (index, generation) = (open(url, prefix), generation(1, Language::Fr, Some(4)));
    assert_eq!(wait(index.snapshot(&generation)).unwrap(), None);
    put(&*index, &generation, 1).unwrap();
    let made = wait(index.snapshot(&generation)).unwrap().expect("a snapshot");
    let (place, name) = made.url.rsplit_once('/').unwrap();
    assert_eq!(place, format!("{url}/collections/{}/snapshots", collection(prefix, &generation)));
    let listed = ask(Method::GET, place.to_owned(), &Value::Null);
    assert_eq!((&listed["result"][0]["name"], &listed["result"][0]["size"]), (&json!(name), &json!(made.bytes)));
}
