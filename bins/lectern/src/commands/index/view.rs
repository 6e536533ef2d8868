//! How indexes are shown.

use lectern_service::index::{Checked, CheckedIndex, Kind, Snapshotted, Status};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The most differences that are named, of each index; all are counted.
const NAMED: usize = 100;

/// The most that people are shown.
const SHOWN: usize = 10;

pub(super) fn status(found: &[Status]) -> Value {
    let generation = |status: &Status| {
        let generation = &status.kept.generation;
        let indexes: Vec<Value> = status
            .indexes
            .iter()
            .map(|index| {
                json!({
                    "index": index.side.as_str(),
                    "store": index.store,
                    "at": index.at,
                    "behind": index.behind,
                    "set_aside": index.set_aside,
                })
            })
            .collect();
        json!({
            "collection": status.kept.collection.as_str(),
            "generation": generation.id.0,
            "current": status.kept.current,
            "created_at": status.kept.created_at.to_rfc3339(),
            "language": generation.language.code(),
            "chunk_chars": generation.chunking.chars(),
            "chunk_overlap": generation.chunking.overlap(),
            "model": generation.model.as_ref().map(|model| {
                json!({ "name": model.spec.name, "revision": model.spec.revision, "dimensions": model.spec.dimensions })
            }),
            "chunks": status.chunks,
            "embedded": status.embedded,
            "indexes": indexes,
        })
    };
    json!({ "generations": found.iter().map(generation).collect::<Vec<_>>() })
}

pub(super) fn snapshots(made: &[Snapshotted]) -> Value {
    let one = |Snapshotted { kept, snapshot }: &Snapshotted| {
        json!({
            "collection": kept.collection.as_str(),
            "generation": kept.generation.id.0,
            "url": snapshot.url,
            "bytes": snapshot.bytes,
        })
    };
    json!({ "snapshots": made.iter().map(one).collect::<Vec<_>>() })
}

pub(super) fn snapshots_for_people(made: &[Snapshotted]) -> String {
    let one = |Snapshotted { kept, snapshot }: &Snapshotted| {
        format!("{} generation {}: {} ({} bytes)\n", kept.collection.as_str(), kept.generation.id, snapshot.url, snapshot.bytes)
    };
    if made.is_empty() { "there are no vectors\n".to_owned() } else { made.iter().map(one).collect() }
}

pub(super) fn status_for_people(found: &[Status]) -> String {
    let mut text = String::new();
    for status in found {
        let generation = &status.kept.generation;
        let current = if status.kept.current { "" } else { ", not searched by" };
        let model = generation.model.as_ref().map_or("no model".to_owned(), |model| {
            let other = if status.embeds { "" } else { ", not the configured model" };
            format!("{} ({} of {} embedded{other})", model.spec.name, status.embedded, status.chunks)
        });
        let (chars, overlap) = (generation.chunking.chars(), generation.chunking.overlap());
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "{} generation {}{current}: {} chunks, language {}, chunks of {chars} with {overlap} in common, {model}",
            status.kept.collection,
            generation.id,
            status.chunks,
            generation.language.code(),
        );
        for index in &status.indexes {
            let at = index.at.map_or("not begun".to_owned(), |at| format!("at {at}, {} behind", index.behind));
            let aside = if index.set_aside > 0 { format!(", {} set aside", index.set_aside) } else { String::new() };
            let _ = writeln!(text, "  {} in {}: {at}{aside}", index.side.as_str(), index.store);
        }
    }
    if text.is_empty() {
        text.push_str("there are no collections\n");
    }
    text
}

pub(super) fn checked(checked: &Checked) -> Value {
    let index = |index: &CheckedIndex| {
        let named: Vec<Value> = index
            .differences
            .iter()
            .take(NAMED)
            .map(|difference| {
                let version = difference.version.map(|version| version.0.to_string());
                json!({ "chunk": difference.chunk.to_string(), "kind": difference.kind.as_str(), "version": version })
            })
            .collect();
        json!({
            "collection": index.collection.as_str(),
            "generation": index.generation.0,
            "current": index.current,
            "index": index.side.as_str(),
            "store": index.store,
            "expected": index.wanted,
            "held": index.held,
            "missing": index.count(Kind::Missing),
            "stale": index.count(Kind::Stale),
            "orphaned": index.count(Kind::Orphaned),
            "more": index.more,
            "set_aside": index.set_aside,
            "unsettled": index.unsettled,
            "named": named,
        })
    };
    json!({ "differences": checked.differences(), "indexes": checked.indexes.iter().map(index).collect::<Vec<_>>() })
}

pub(super) fn checked_for_people(checked: &Checked) -> String {
    let mut text = String::new();
    for index in &checked.indexes {
        let mut said = Vec::new();
        for kind in [Kind::Missing, Kind::Stale, Kind::Orphaned] {
            match index.count(kind) {
                0 => {}
                count => said.push(format!("{count} {}", kind.as_str())),
            }
        }
        let rest = [(index.more, "more differences"), (index.set_aside, "set aside"), (index.unsettled, "not to be told")];
        said.extend(rest.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
        if index.is_clean() {
            said.insert(0, "no differences".to_owned());
        }
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "{} generation {}, {} in {}: {} of {} chunks, {}",
            index.collection,
            index.generation,
            index.side.as_str(),
            index.store,
            index.held,
            index.wanted,
            said.join(", ")
        );
        for difference in index.differences.iter().take(SHOWN) {
            let _ = writeln!(text, "  {} {}", difference.kind.as_str(), difference.chunk);
        }
        if index.differences.len() > SHOWN {
            let _ = writeln!(text, "  … --json names more");
        }
    }
    if text.is_empty() {
        text.push_str("there are no collections\n");
    }
    text
}
