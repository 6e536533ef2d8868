//! Elasticsearch and OpenSearch keep the contract, and what they add to it.

mod access;
mod trouble;

use crate::support::{document, generation, scope, vector, wait, words};
use lectern_domain::{ids::InstallationId, language::Language};
use lectern_testkit::{
    contract::{
        self, batch,
        world::{chunk, cursor},
    },
    search_server::SearchServer,
};
use lectern_vector_store::{
    LexicalQuery, Position, StoreError,
    elasticsearch::{Elasticsearch, ElasticsearchOptions},
};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

const INSTALLATION: InstallationId = InstallationId(Uuid::from_u128(7));

fn options(server: &SearchServer) -> ElasticsearchOptions {
    ElasticsearchOptions { prefix: server.prefix.clone(), ..ElasticsearchOptions::new(&server.url) }
}

fn open(server: &SearchServer) -> Elasticsearch {
    Elasticsearch::new(&options(server), INSTALLATION).unwrap()
}

fn query(text: &str) -> LexicalQuery {
    LexicalQuery { text: text.to_owned(), limit: 10, filter: None, prefer: vec![], fuzzy: false }
}

#[test]
fn words_keep_the_contract() {
    for server in SearchServer::all() {
        contract::lexical::keeps(&mut || open(&server).lexical());
        contract::lexical::keeps_late_batches_out(&*open(&server).lexical());
    }
}

#[test]
fn vectors_keep_the_contract() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    contract::vectors::keeps(&mut || open(&server).vectors());
    contract::vectors::keeps_late_batches_out(&*open(&server).vectors());
}

#[test]
fn vectors_on_an_opensearch_are_refused() {
    let Some(server) = SearchServer::opensearch() else { return };
    let store = open(&server);
    wait(store.lexical().check(&[])).unwrap();
    let refused = wait(store.vectors().check(&[])).unwrap_err();
    assert!(matches!(&refused, StoreError::Mismatch(why) if why.contains("is an OpenSearch")), "{refused}");
}

#[test]
fn a_chunk_that_is_rejected_holds_up_no_other() {
    for server in SearchServer::all() {
        let (index, generation) = (open(&server).lexical(), generation(1, Language::Fr, None));
        let mut long = (*document(1, None, &[])).clone();
        // Longer than a term may be.
        long.external_id = "x".repeat(40_000);
        let puts = vec![
            words(1, &document(1, None, &[]), "un chat"),
            words(2, &long.into(), "un chien"),
            words(3, &document(1, None, &[]), "un ours"),
        ];
        let rejected = wait(index.apply(&generation, batch(1, vec![], puts))).unwrap();
        assert_eq!(rejected.iter().map(|rejected| rejected.chunk).collect::<Vec<_>>(), [chunk(2)]);
        assert!(rejected[0].reason.contains("immense term"), "{rejected:?}");
        wait(index.commit(&generation, cursor(1))).unwrap();
        let found = wait(index.search(&scope(&[&generation]), &query("chat chien ours"))).unwrap();
        assert_eq!(found.len(), 2);
    }
}

#[test]
fn an_index_that_is_lost_is_noticed_and_never_made_by_accident() {
    for server in SearchServer::all() {
        let (index, generation) = (open(&server).lexical(), generation(1, Language::Fr, None));
        let put = |seq| wait(index.apply(&generation, batch(seq, vec![], vec![words(1, &document(1, None, &[]), "un chat")])));
        put(1).unwrap();
        wait(index.commit(&generation, cursor(1))).unwrap();
        wait(server.drop_indexes(""));
        assert!(wait(index.search(&scope(&[&generation]), &query("chat"))).unwrap().is_empty());
        let refused = put(2).unwrap_err();
        assert!(refused.may_pass() && refused.to_string().contains("is gone"), "{refused}");
        assert_eq!(wait(server.indexes()), Vec::<String>::new());
        assert_eq!(wait(index.position(&generation)).unwrap(), Position::Empty);
        wait(index.clear(&generation)).unwrap();
        put(2).unwrap();
        wait(index.commit(&generation, cursor(2))).unwrap();
        assert_eq!(wait(index.search(&scope(&[&generation]), &query("chat"))).unwrap().len(), 1);
    }
}

#[test]
fn an_index_with_another_mapping_is_named_with_the_difference() {
    for server in SearchServer::all() {
        let (index, generation) = (open(&server).lexical(), generation(1, Language::Fr, None));
        wait(index.check(std::slice::from_ref(&generation))).unwrap();
        wait(index.clear(&generation)).unwrap();
        wait(index.check(std::slice::from_ref(&generation))).unwrap();
        let name = wait(server.indexes()).remove(0);
        // What its operator sets while it is open is no difference.
        let set =
            json!({ "index": { "auto_expand_replicas": false, "number_of_replicas": 0, "refresh_interval": "5s", "gc_deletes": "2h" } });
        wait(server.ask(Method::PUT, &format!("/{name}/_settings"), Some(&set)));
        wait(index.check(std::slice::from_ref(&generation))).unwrap();
        let english = crate::support::generation(1, Language::En, None);
        let refused = wait(index.check(&[english])).unwrap_err().to_string();
        assert!(refused.contains(&name) && refused.contains(r#"language is "fr" instead of "en""#), "{refused}");
        wait(server.drop_indexes(&name));
        let wrong = json!({ "mappings": { "properties": { "body": { "type": "keyword" } } } });
        wait(server.ask(Method::PUT, &format!("/{name}"), Some(&wrong)));
        let refused = wait(index.check(&[generation])).unwrap_err();
        assert!(matches!(&refused, StoreError::Mismatch(why) if why.contains("mappings") || why.contains("is missing")), "{refused}");
    }
}

#[test]
fn many_collections_are_searched_at_once() {
    for server in SearchServer::all() {
        let index = open(&server).lexical();
        let generations: Vec<_> = (1..=70).map(|id| generation(id, Language::Fr, None)).collect();
        // Those between are not there yet.
        for (n, generation) in generations.iter().enumerate().step_by(23) {
            wait(index.apply(generation, batch(1, vec![], vec![words(n, &document(1, None, &[]), "un chat")]))).unwrap();
            wait(index.commit(generation, cursor(1))).unwrap();
        }
        let scope = scope(&generations.iter().collect::<Vec<_>>());
        let mut found: Vec<_> = wait(index.search(&scope, &query("chat"))).unwrap().into_iter().map(|hit| hit.chunk).collect();
        let mut expect = [0, 23, 46, 69].map(chunk);
        found.sort();
        expect.sort();
        assert_eq!(found, expect);
    }
}

#[test]
fn vectors_of_length_zero_are_rejected_with_the_reason() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    let (index, generation) = (open(&server).vectors(), generation(1, Language::Fr, Some(4)));
    let document = document(1, None, &[]);
    let puts = vec![vector(1, &document, vec![0.0; 4]), vector(2, &document, vec![1.0; 4])];
    let rejected = wait(index.apply(&generation, batch(1, vec![], puts))).unwrap();
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0].chunk == chunk(1) && rejected[0].reason.contains("zero magnitude"), "{rejected:?}");
}
