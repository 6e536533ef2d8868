//! What every index of words does, whatever it is made of.

use super::{
    batch, held, late,
    world::{chunk, cursor, document, generation, scope, wait, words},
};
use lectern_domain::{
    collection::Generation,
    filter::{COMPARED_BYTES, Edge, Field, Filter},
    ids::ChunkId,
    language::Language,
};
use lectern_vector_store::{Held, LexicalEntry, LexicalIndex, LexicalQuery, Position};
use serde_json::{Value, json};
use std::{sync::Arc, thread};

/// Gives the index, and again after a restart.
pub type Restart<'a> = &'a mut dyn FnMut() -> Arc<dyn LexicalIndex>;

/// The whole contract.
pub fn keeps(restart: Restart<'_>) {
    let index = restart();
    puts_replaces_and_removes(&*index, &generation(101, Language::Fr, None));
    limits_and_order(&*index, &generation(102, Language::Fr, None));
    filters(&*index, &generation(103, Language::Fr, None));
    preferred(&*index, &generation(104, Language::Fr, None));
    any_text_is_a_question(&*index, &generation(105, Language::Fr, None));
    fuzziness(&*index, &generation(106, Language::Fr, None));
    scopes(&*index, [generation(107, Language::Fr, None), generation(108, Language::En, None)]);
    ten_thousand(&*index, &generation(109, Language::Fr, None));
    writers_and_searchers(&index, &generation(110, Language::Fr, None));
    held::of_words(&*index, &generation(112, Language::Fr, None));
    drop(index);
    restarts(restart, &generation(111, Language::Fr, None));
}

/// What an index adds to it that several processes may write to at the same time.
pub fn keeps_late_batches_out(index: &dyn LexicalIndex) {
    let generation = generation(120, Language::Fr, None);
    late::of_words(index, &generation, &scope(&[&generation]));
}

fn query(text: &str, limit: usize) -> LexicalQuery {
    LexicalQuery { text: text.to_owned(), limit, filter: None, prefer: Vec::new(), fuzzy: false }
}

fn find(index: &dyn LexicalIndex, generations: &[&Generation], query: &LexicalQuery) -> Vec<ChunkId> {
    let hits = wait(index.search(&scope(generations), query)).unwrap();
    assert!(hits.is_sorted_by(|a, b| a.score >= b.score), "best first: {hits:?}");
    hits.into_iter().map(|hit| hit.chunk).collect()
}

fn put(index: &dyn LexicalIndex, generation: &Generation, seq: i64, puts: Vec<LexicalEntry>) {
    change(index, generation, seq, Vec::new(), puts);
}

fn change(index: &dyn LexicalIndex, generation: &Generation, seq: i64, removes: Vec<ChunkId>, puts: Vec<LexicalEntry>) {
    assert_eq!(wait(index.apply(generation, batch(seq, removes, puts))).unwrap(), []);
    assert_eq!(wait(index.commit(generation, cursor(seq))).unwrap(), cursor(seq));
    assert_eq!(wait(index.position(generation)).unwrap(), Position::At(cursor(seq)));
}

fn puts_replaces_and_removes(index: &dyn LexicalIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    let found = |text: &str| find(index, &[generation], &query(text, 10));
    assert_eq!(wait(index.position(generation)).unwrap(), Position::Empty);
    assert!(found("chat").is_empty());

    put(index, generation, 1, vec![words(1, &document, "Le chat dort"), words(2, &document, "Le chien court")]);
    assert_eq!(found("chats"), [chunk(1)]);
    put(index, generation, 2, vec![words(1, &document, "La vache rumine")]);
    assert_eq!((found("chat"), found("vache")), (vec![], vec![chunk(1)]));

    // Twice is once; a remove of what is not there is fine; the last put of a batch stays.
    for seq in 3..5 {
        let puts = vec![words(3, &document, "un lion"), words(3, &document, "un tigre")];
        change(index, generation, seq, vec![chunk(2), chunk(99)], puts);
        assert_eq!((found("chien"), found("lion"), found("tigre")), (vec![], vec![], vec![chunk(3)]));
    }
    // Removes come first.
    change(index, generation, 5, vec![chunk(3)], vec![words(3, &document, "un ours")]);
    assert_eq!((found("tigre"), found("ours")), (vec![], vec![chunk(3)]));

    // What is not committed can't be found; an empty commit moves the cursor.
    wait(index.apply(generation, batch(6, vec![], vec![words(4, &document, "un zèbre")]))).unwrap();
    assert!(found("zebre").is_empty());
    change(index, generation, 6, vec![], vec![]);
    assert_eq!(found("zebre"), [chunk(4)]);

    wait(index.clear(generation)).unwrap();
    assert_eq!((found("ours"), wait(index.position(generation)).unwrap()), (vec![], Position::Empty));
    put(index, generation, 7, vec![words(5, &document, "un ours")]);
    assert_eq!(found("ours"), [chunk(5)]);
    wait(index.drop_generation(generation.id)).unwrap();
    assert_eq!((found("ours"), wait(index.position(generation)).unwrap()), (vec![], Position::Empty));
}

fn limits_and_order(index: &dyn LexicalIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    let puts = (0..20).map(|n| words(n, &document, &format!("{}{}", "pomme ".repeat(n + 1), "poire ".repeat(20 - n))));
    put(index, generation, 1, puts.collect());
    let all = find(index, &[generation], &query("pomme", 50));
    assert_eq!((all.len(), all[0], all[19]), (20, chunk(19), chunk(0)));
    for limit in [0, 1, 7, 20] {
        assert_eq!(find(index, &[generation], &query("pomme", limit)), all[..limit]);
    }
    assert_eq!(find(index, &[generation], &query("pomme", usize::MAX)), all);
}

/// Filters and the chunks that pass them, for the documents of [`filtered_documents`].
pub fn filter_cases() -> Vec<(Filter, &'static [usize])> {
    let field = |name: &str| Field::Metadata(name.to_owned());
    let is = |name: &str, value: Value| Filter::In(field(name), vec![value]);
    let edge = |value: Value, included: bool| Some(Edge { value, included });
    let within = |name: &str, from: Option<Edge>, to: Option<Edge>| Filter::Range(field(name), from, to);
    let begins = |name: &str, start: &str| Filter::Prefix(field(name), start.to_owned());
    let most = "é".repeat(COMPARED_BYTES / 2);
    vec![
        (Filter::In(Field::Source, vec![json!("web")]), &[0, 1]),
        (Filter::In(Field::Source, vec![json!("web"), json!("book")]), &[0, 1, 2]),
        (Filter::In(Field::Source, vec![json!(1)]), &[]),
        (Filter::In(Field::Source, vec![]), &[]),
        (Filter::In(Field::ExternalId, vec![json!("doc-2"), json!("doc-3")]), &[2, 3]),
        (is("year", json!(2024)), &[0]),
        (is("year", json!("2024")), &[1]),
        (is("open", json!(true)), &[0, 2]),
        (is("theme", json!("Été à l'œuvre, 100 %")), &[3]),
        (is("long", json!("é".repeat(5_000))), &[2]),
        (is("long", json!("é".repeat(4_999))), &[]),
        (is("absent", json!(null)), &[]),
        (Filter::Not(Box::new(Filter::In(Field::Source, vec![json!("web")]))), &[2, 3]),
        (Filter::Not(Box::new(is("absent", json!(1)))), &[0, 1, 2, 3]),
        (Filter::All(vec![]), &[0, 1, 2, 3]),
        (Filter::Any(vec![]), &[]),
        (Filter::All(vec![is("open", json!(true)), Filter::Not(Box::new(is("year", json!(2024))))]), &[2]),
        (Filter::Any(vec![is("year", json!("2024")), is("theme", json!("Été à l'œuvre, 100 %"))]), &[1, 3]),
        (is("year", json!(2024.0)), &[0]),
        (within("year", edge(json!(2024), true), None), &[0]),
        (within("year", edge(json!(2024), false), None), &[]),
        (within("year", edge(json!(-1.5), true), edge(json!(2024), true)), &[0]),
        (within("year", None, edge(json!(2024), false)), &[]),
        (within("year", edge(json!("2"), true), edge(json!("3"), true)), &[1]),
        (within("year", edge(json!(3000), true), edge(json!(1000), true)), &[]),
        (within("weight", None, edge(json!(0), false)), &[1]),
        (within("weight", edge(json!(-0.5), false), edge(json!(1e9), true)), &[2, 3]),
        (within("open", edge(json!(0), true), edge(json!(1), true)), &[]),
        (within("absent", None, edge(json!(1), true)), &[]),
        (within("theme", edge(json!("É"), true), edge(json!("Ê"), true)), &[3]),
        (within("long", edge(json!(most), false), None), &[2]),
        (within("long", None, edge(json!(most), true)), &[]),
        (Filter::Range(Field::Source, edge(json!("book"), false), None), &[0, 1]),
        (begins("theme", "Été à l'"), &[3]),
        (begins("theme", "été"), &[]),
        (begins("theme", ""), &[3]),
        (begins("long", &most), &[2]),
        (begins("year", "20"), &[1]),
        (Filter::Prefix(Field::ExternalId, "doc-".to_owned()), &[0, 1, 2, 3]),
        (Filter::Prefix(Field::Source, "b".to_owned()), &[2]),
        (Filter::Not(Box::new(begins("theme", "Été"))), &[0, 1, 2]),
        (Filter::Not(Box::new(within("weight", edge(json!(0), true), None))), &[0, 1]),
    ]
}

/// Four documents, of one chunk each.
pub fn filtered_documents() -> [Arc<lectern_vector_store::IndexedDocument>; 4] {
    [
        document(0, Some("web"), &[("year", json!(2024)), ("open", json!(true))]),
        document(1, Some("web"), &[("year", json!("2024")), ("open", json!(false)), ("weight", json!(-0.5))]),
        document(2, Some("book"), &[("open", json!(true)), ("long", json!("é".repeat(5_000))), ("weight", json!(0.0))]),
        document(3, None, &[("theme", json!("Été à l'œuvre, 100 %")), ("weight", json!(12))]),
    ]
}

fn filters(index: &dyn LexicalIndex, generation: &Generation) {
    let puts = filtered_documents().iter().enumerate().map(|(n, document)| words(n, document, "le même texte")).collect();
    put(index, generation, 1, puts);
    for (filter, expect) in filter_cases() {
        let mut found = find(index, &[generation], &LexicalQuery { filter: Some(filter.clone()), ..query("texte", 10) });
        found.sort();
        let mut expect: Vec<ChunkId> = expect.iter().map(|&n| chunk(n)).collect();
        expect.sort();
        assert_eq!(found, expect, "{filter:?}");
    }
}

fn preferred(index: &dyn LexicalIndex, generation: &Generation) {
    let documents = [document(1, Some("web"), &[]), document(2, None, &[]), document(3, None, &[])];
    let texts = ["pomme pomme pomme", "pomme et poire", "rien de cela"];
    put(index, generation, 1, (0..3).map(|n| words(n, &documents[n], texts[n])).collect());
    let prefer = |ids: &[String]| find(index, &[generation], &LexicalQuery { prefer: ids.to_vec(), ..query("pomme", 10) });
    assert_eq!(prefer(&[]), [chunk(0), chunk(1)]);
    assert_eq!(prefer(&["doc-2".to_owned()]), [chunk(1), chunk(0)]);
    assert_eq!(prefer(&[chunk(2).to_string(), "doc-2".to_owned(), "unknown".to_owned()]), [chunk(1), chunk(2), chunk(0)]);
    let web = Some(Filter::In(Field::Source, vec![json!("web")]));
    let filtered = LexicalQuery { prefer: vec!["doc-3".to_owned()], filter: web, ..query("pomme", 10) };
    assert_eq!(find(index, &[generation], &filtered), [chunk(0)]);
}

fn any_text_is_a_question(index: &dyn LexicalIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    let texts = ["La préfecture de police", "L\u{2019}été à la mer", "Ελλάδα και 日本 🦀", "cœur et œuvre"];
    put(index, generation, 1, texts.iter().enumerate().map(|(n, text)| words(n, &document, text)).collect());
    let long = (0..3_000).map(|n| format!("mot{n} ")).collect::<String>() + "préfecture";
    let cases: [(&str, &[usize]); 11] = [
        ("PREFECTURE", &[0]),
        ("pre\u{301}fecture", &[0]),
        ("+préfecture -police AND NOT \"(", &[0]),
        ("body:(police*)", &[0]),
        ("l'été", &[1]),
        ("ΕΛΛΆΔΑ", &[2]),
        ("", &[]),
        ("\0\u{feff} \n", &[]),
        ("le la les", &[]),
        ("coeurs", &[3]),
        (&long, &[]),
    ];
    for (text, expect) in cases {
        let expect: Vec<ChunkId> = expect.iter().map(|&n| chunk(n)).collect();
        if text.len() < 1_000 {
            assert_eq!(find(index, &[generation], &query(text, 10)), expect, "{text}");
        } else {
            // Bounded in time; which of the words count is the index's choice.
            find(index, &[generation], &query(text, 10));
        }
    }
    // Whether a sign is a word is the index's choice too.
    let found = find(index, &[generation], &query("🦀", 10));
    assert!(found.is_empty() || found == [chunk(2)], "{found:?}");
}

fn fuzziness(index: &dyn LexicalIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    put(index, generation, 1, vec![words(1, &document, "congé de paternité"), words(2, &document, "un chat")]);
    let fuzzy = |text: &str| find(index, &[generation], &LexicalQuery { fuzzy: true, ..query(text, 10) });
    assert!(find(index, &[generation], &query("patrenité", 10)).is_empty());
    assert_eq!(fuzzy("patrenité"), [chunk(1)]);
    assert_eq!(fuzzy("chut"), [chunk(2)]);
    assert!(fuzzy("or").is_empty());
}

fn scopes(index: &dyn LexicalIndex, [french, english]: [Generation; 2]) {
    let document = document(1, None, &[]);
    put(index, &french, 1, vec![words(1, &document, "le train arrive")]);
    put(index, &english, 1, vec![words(2, &document, "the train is late, the train is slow")]);
    let train = query("train", 10);
    assert_eq!(find(index, &[&french], &train), [chunk(1)]);
    assert_eq!(find(index, &[&english], &train), [chunk(2)]);
    assert_eq!(find(index, &[&french, &english], &train).len(), 2);
    assert_eq!(find(index, &[&french, &english], &query("train", 1)).len(), 1);
    assert!(find(index, &[], &train).is_empty());
    wait(index.drop_generation(english.id)).unwrap();
    assert_eq!(find(index, &[&french, &english], &train), [chunk(1)]);
}

fn ten_thousand(index: &dyn LexicalIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    let entry = |n: usize| words(n, &document, &format!("unique{n} groupe{} commun", n % 100));
    wait(index.clear(generation)).unwrap();
    for part in 0..10 {
        wait(index.apply(generation, batch(1, vec![], (part * 1_000..(part + 1) * 1_000).map(entry).collect()))).unwrap();
    }
    wait(index.commit(generation, cursor(1))).unwrap();
    let found = |text: &str| find(index, &[generation], &query(text, 20_000));
    assert_eq!((found("unique9999"), found("groupe7").len(), found("commun").len()), (vec![chunk(9_999)], 100, 10_000));
    change(index, generation, 2, (0..5_000).map(chunk).collect(), vec![]);
    assert_eq!((found("unique1"), found("groupe7").len(), found("commun").len()), (vec![], 50, 5_000));
    assert_eq!(find(index, &[generation], &query("commun", 10)).len(), 10);
}

fn writers_and_searchers(index: &Arc<dyn LexicalIndex>, generation: &Generation) {
    let document = document(1, None, &[]);
    put(&**index, generation, 1, vec![words(0, &document, "permanent")]);
    thread::scope(|threads| {
        for writer in 1..4 {
            let (index, document) = (Arc::clone(index), Arc::clone(&document));
            threads.spawn(move || {
                for n in 0..10 {
                    let puts = vec![words(writer * 100 + n, &document, "permanent passager")];
                    let seq = (writer * 100 + n) as i64;
                    wait(index.apply(generation, batch(seq, vec![], puts))).unwrap();
                    wait(index.commit(generation, cursor(seq))).unwrap();
                }
            });
        }
        for _ in 0..3 {
            let index = Arc::clone(index);
            threads.spawn(move || {
                for _ in 0..50 {
                    assert!(find(&*index, &[generation], &query("permanent", 100)).contains(&chunk(0)));
                }
            });
        }
    });
    assert_eq!(find(&**index, &[generation], &query("permanent", 100)).len(), 31);
}

fn restarts(restart: Restart<'_>, generation: &Generation) {
    let document = document(1, None, &[]);
    let index = restart();
    put(&*index, generation, 41, vec![words(1, &document, "durable")]);
    let changes = || batch(42, vec![chunk(1)], vec![words(2, &document, "ensuite")]);
    wait(index.apply(generation, changes())).unwrap();
    drop(index);
    let index = restart();
    assert_eq!(wait(index.position(generation)).unwrap(), Position::At(cursor(41)));
    assert_eq!(find(&*index, &[generation], &query("durable ensuite", 10)), [chunk(1)]);
    // What was applied and not committed may be there or not: the follower applies it again.
    wait(index.apply(generation, changes())).unwrap();
    wait(index.commit(generation, cursor(42))).unwrap();
    assert_eq!(find(&*index, &[generation], &query("durable ensuite", 10)), [chunk(2)]);
    put(&*index, generation, 43, vec![words(3, &document, "durable")]);
    assert_eq!(find(&*index, &[generation], &query("durable ensuite", 10)).len(), 2);
    drop(index);
    let mut held = [words(2, &document, "ensuite"), words(3, &document, "durable")]
        .map(|entry| Held { chunk: entry.chunk, digest: Some(entry.digest()) });
    held.sort_unstable_by_key(|held| held.chunk);
    assert_eq!(wait(restart().held(generation, None, 10)).unwrap(), held);
}
