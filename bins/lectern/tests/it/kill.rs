//! kill -9 at any moment: a load that was killed and repeated ends where an undisturbed one does.

use crate::support::{Place, jsonl, on_every_database};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const WORDS: [&str; 24] = [
    "harbour", "lantern", "meadow", "cobbler", "velvet", "thunder", "orchard", "pebble", "saddle", "whistle", "garden", "anchor", "candle",
    "feather", "granite", "hollow", "island", "juniper", "kettle", "ladder", "marble", "needle", "oyster", "parcel",
];

/// Knuth's MMIX generator: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn corpus(count: u64) -> String {
    let mut random = Random(1);
    let mut text = |words: u64| (0..words).map(|_| WORDS[random.below(24) as usize]).collect::<Vec<_>>().join(" ");
    jsonl((0..count).map(|number| json!({ "_id": format!("doc-{number}"), "title": text(3), "text": format!("{} shelf{}", text(200 + number % 400), number % 23) })))
}

fn small() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the size of a test is told by the environment")]
    std::env::var_os("LECTERN_SOAK").is_none()
}

const ADD: [&str; 6] = ["corpus", "add", "a.jsonl", "--collection", "x", "--language=en"];

/// Starts a load and kills it some time, at most a quarter of that of a whole load, after its start or after it said that documents are
/// stored. Whether it came to its end before.
fn kill(place: &Place, random: &mut Random, whole: Duration) -> bool {
    let mut child = place.command(&ADD).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    if random.below(4) > 0 {
        let (said, stored) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok).filter(|line| line.ends_with("chunks stored")) {
                // Nobody listens after the first line.
                let _ = said.send(line);
            }
        });
        // An error: it ended without a word.
        let _ = stored.recv();
    }
    ended_within(&mut child, whole * u32::try_from(random.below(100)).unwrap() / 400)
}

/// Kills the process after a while. The time is what is tested: no order of events is hoped for.
fn ended_within(child: &mut Child, time: Duration) -> bool {
    thread::sleep(time);
    child.kill().unwrap();
    child.wait().unwrap().success()
}

/// Every passage that some searches find, with its score, in an order of its own.
fn found(place: &Place) -> Vec<(String, f64)> {
    let search = |query: &str| {
        let found: Value = place.json(&["search", query, "--collection", "x", "--limit", "10000"]);
        found["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| (hit["chunk"].to_string(), hit["score"].as_f64().unwrap()))
            .collect::<Vec<_>>()
    };
    ["shelf3", "shelf5 harbour", "shelf8 needle oyster"]
        .into_iter()
        .flat_map(|query| {
            let mut hits = search(query);
            hits.sort_by(|a, b| a.0.cmp(&b.0));
            hits
        })
        .collect()
}

/// Sums of the same terms in another order differ in their last digits.
#[track_caller]
fn assert_same(one: &[(String, f64)], other: &[(String, f64)]) {
    assert!(!one.is_empty() && one.len() == other.len(), "{} and {} passages", one.len(), other.len());
    for (one, other) in one.iter().zip(other) {
        assert!(one.0 == other.0 && (one.1 - other.1).abs() < 1e-4, "{one:?} and {other:?}");
    }
}

#[test]
fn a_load_that_is_killed_and_repeated_ends_where_an_undisturbed_one_does() {
    let (documents, kills) = if small() { (600, 6) } else { (20_000, 60) };
    let text = corpus(documents);
    on_every_database(|place| {
        let undisturbed = place.sibling();
        for place in [place, &undisturbed] {
            place.write("a.jsonl", &text);
        }
        let begun = Instant::now();
        undisturbed.ok(&ADD);
        let whole = begun.elapsed();
        let mut random = Random(7);
        let ended = (0..kills).filter(|_| kill(place, &mut random, whole)).count();
        assert!(ended < kills, "every load came to its end before it was killed");
        println!("{}: {ended} of {kills} loads came to their end before they were killed", place.database.name());
        place.ok(&ADD);
        let (contents, expected) = (place.database.contents(), undisturbed.database.contents());
        assert_eq!(contents.documents.len() as u64, documents);
        assert_eq!(contents, expected, "on {}", place.database.name());
        assert_same(&found(place), &found(&undisturbed));
        assert_eq!(place.json(&ADD)["unchanged"], documents);
    });
}
