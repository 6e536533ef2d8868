//! How good search and answers are, on real questions, through the command line. The data is not part of the project: where it is absent,
//! these tests say so and pass.

use crate::support::{Place, model, on_every_database, shared};
use lectern_testkit::search_server::SearchServer;
use serde_json::Value;
use std::{collections::HashMap, fs, path::Path};

/// Judgements: question, document, gain.
type Judgements = HashMap<String, HashMap<String, f64>>;

fn judgements(path: &Path) -> Judgements {
    let mut judged = Judgements::new();
    for line in fs::read_to_string(path).expect("judgements").lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let gain = columns[2].parse().expect("a number");
        judged.entry(columns[0].to_owned()).or_default().insert(columns[1].to_owned(), gain);
    }
    judged
}

/// The mean of nDCG@10 over the judged questions, as trec_eval's `ndcg_cut_10` has it: gains are the judgements, discounts log2(rank + 1).
fn ndcg_at_10(run: &str, judged: &Judgements) -> f64 {
    let mut ranked: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in run.lines() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        ranked.entry(columns[0]).or_default().push(columns[2]);
    }
    let dcg = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        gains.take(10).enumerate().map(|(rank, gain)| gain / (rank as f64 + 2.0).log2()).sum()
    };
    let of = |question: &String, gains: &HashMap<String, f64>| {
        let mut ideal: Vec<f64> = gains.values().copied().filter(|gain| *gain > 0.0).collect();
        ideal.sort_by(|a, b| b.total_cmp(a));
        let best = dcg(&mut ideal.into_iter());
        let found = ranked
            .get(question.as_str())
            .map_or(0.0, |documents| dcg(&mut documents.iter().map(|document| gains.get(*document).copied().unwrap_or(0.0).max(0.0))));
        if best > 0.0 { found / best } else { 0.0 }
    };
    judged.iter().map(|(question, gains)| of(question, gains)).sum::<f64>() / judged.len() as f64
}

/// Loads a data set into a collection of its own and returns nDCG@10 of one method.
fn measure(place: &Place, folder: &Path, collection: &str, method: &str) -> f64 {
    let run = place.path(&format!("{collection}-{method}.trec"));
    let queries = folder.join("queries.jsonl");
    place.ok(&[
        "search",
        "--queries",
        text(&queries),
        "--run",
        text(&run),
        "--collection",
        collection,
        "--method",
        method,
        "--limit",
        "10",
    ]);
    ndcg_at_10(&fs::read_to_string(run).expect("a run"), &judgements(&folder.join("qrels.tsv")))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn questions(folder: &Path) -> Vec<(String, String)> {
    let lines = fs::read_to_string(folder.join("queries.jsonl")).expect("questions");
    let question = |line: &str| {
        let value: Value = serde_json::from_str(line).expect("JSON");
        (value["_id"].as_str().expect("an id").to_owned(), value["text"].as_str().expect("a text").to_owned())
    };
    lines.lines().map(question).collect()
}

#[test]
fn lexical_search_is_at_least_as_good_as_elasticsearch() {
    let Some(shared) = shared() else { return };
    // The figures of Elasticsearch 9.5 with the plain analysers, one field.
    for (collection, elasticsearch) in [("cranfield", 0.519), ("piaf", 0.805)] {
        let place = Place::sqlite();
        let folder = shared.join(collection);
        place.ok(&["corpus", "add", text(&folder.join("corpus.jsonl")), "--collection", collection]);
        let found = measure(&place, &folder, collection, "lexical");
        println!("{collection}: lexical nDCG@10 {found:.4}, Elasticsearch {elasticsearch}");
        assert!(found >= elasticsearch, "{collection}: {found:.4} is less than {elasticsearch}");
    }
}

#[test]
fn elasticsearch_and_opensearch_find_words_as_well() {
    let Some(shared) = shared() else { return };
    for server in SearchServer::all() {
        // What Elasticsearch's own analysers reach on whole documents.
        for (collection, language, plain) in [("cranfield", "en", 0.519), ("piaf", "fr", 0.805)] {
            let folder = shared.join(collection);
            let corpus = folder.join("corpus.jsonl");
            let found = [Place::sqlite(), Place::sqlite().with_words_in(&server)].map(|place| {
                place.ok(&["corpus", "add", text(&corpus), "--collection", collection, "--language", language]);
                measure(&place, &folder, collection, "lexical")
            });
            println!("{collection}: lexical nDCG@10 {:.4} at {}, embedded {:.4}", found[1], server.url, found[0]);
            assert!(found[1] >= plain, "{collection} at {}: {:.4} is less than {plain}", server.url, found[1]);
        }
    }
}

#[test]
fn hybrid_search_is_at_least_as_good_as_its_parts() {
    let Some(shared) = shared() else { return };
    let Some(model) = model() else { return };
    let place = Place::sqlite();
    place.ok(&["model", "install", text(&model)]);
    let folder = shared.join("cranfield");
    place.ok(&["corpus", "add", text(&folder.join("corpus.jsonl")), "--collection", "cranfield"]);
    let [lexical, semantic, hybrid] = ["lexical", "semantic", "hybrid"].map(|method| measure(&place, &folder, "cranfield", method));
    println!("cranfield nDCG@10: lexical {lexical:.4}, semantic {semantic:.4}, hybrid {hybrid:.4}");
    assert!(hybrid >= lexical.max(semantic), "hybrid {hybrid:.4} is less than a part: {lexical:.4}, {semantic:.4}");
    assert!(hybrid >= 0.55, "hybrid {hybrid:.4} is less than 0.55");
}

#[test]
fn the_built_in_model_cites_the_judged_paragraph() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("piaf");
    let judged = judgements(&folder.join("qrels.tsv"));
    // Two hundred fixed questions, spread evenly over the file.
    let all = questions(&folder);
    let chosen: Vec<_> = all.iter().step_by(all.len() / 200).take(200).collect();
    assert_eq!(chosen.len(), 200);
    on_every_database(|place| {
        place.ok(&["corpus", "add", text(&folder.join("corpus.jsonl")), "--collection", "piaf", "--language", "fr"]);
        let cites = |(id, question): &&&(String, String)| {
            let answer = place.json(&["ask", question, "--collection", "piaf"]);
            let sources = answer["sources"].as_array().expect("sources");
            sources.iter().any(|source| judged[id].contains_key(source["document"].as_str().expect("a document")))
        };
        let cited = chosen.iter().filter(cites).count();
        println!("{}: the judged paragraph is cited in {cited} of {} answers", place.database.name(), chosen.len());
        assert!(cited * 100 >= 70 * chosen.len(), "only {cited} of {}", chosen.len());
    });
}

#[test]
fn questions_of_another_field_are_declined() {
    let Some(shared) = shared() else { return };
    let place = Place::sqlite();
    let sheets = shared.join("service-public/corpus.jsonl");
    place.ok(&["corpus", "add", text(&sheets), "--collection", "sheets"]);
    let all = questions(&shared.join("cranfield"));
    let chosen: Vec<_> = all.iter().step_by(all.len() / 50).take(50).collect();
    let declined = chosen
        .iter()
        .filter(|(_, question)| {
            let answer = place.json(&["ask", question, "--collection", "sheets"]);
            answer["sources"].as_array().expect("sources").is_empty()
        })
        .count();
    println!("{declined} of {} questions are declined", chosen.len());
    assert_eq!(chosen.len(), 50);
    assert!(declined * 100 >= 90 * chosen.len(), "only {declined} of {}", chosen.len());
}
