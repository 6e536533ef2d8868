//! `docs/configuration.md` and the code say the same.

use lectern_settings::{
    Settings, Sources,
    keys::{KEYS, Kind, NOT_USED},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../../../docs/configuration.md");

/// The rows of the page's tables whose first cell is a key: key → (type, default, variable, aliases).
fn rows() -> BTreeMap<String, [String; 4]> {
    let mut rows = BTreeMap::new();
    for line in PAGE.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<String> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        let [key, kind, default, variable, aliases, _] = cells.as_slice() else { panic!("six cells: {line}") };
        let row = [kind, default, variable, aliases].map(Clone::clone);
        assert!(rows.insert(key.trim_matches('`').to_owned(), row).is_none(), "{key} is on the page twice");
    }
    rows
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Secret => "secret".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Integer { min, max } => format!("integer, {min} to {max}"),
        Kind::Boolean => "boolean".to_owned(),
        Kind::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Address => "address and port".to_owned(),
        Kind::AddressOrOff => "address and port, or `off`".to_owned(),
        Kind::Url => "URL".to_owned(),
        Kind::ApiPath => "URL path".to_owned(),
        Kind::DatabaseUrl => "database URL".to_owned(),
        Kind::Networks => "list of networks".to_owned(),
        Kind::Origins => "list of origins".to_owned(),
        Kind::Endpoints => "list of endpoints".to_owned(),
        Kind::ApiPaths => "list of paths".to_owned(),
        Kind::Names => "list of names".to_owned(),
    }
}

fn default(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

#[test]
fn every_key_in_the_code_is_on_the_page_and_the_other_way_round() {
    let rows = rows();
    let shown: BTreeMap<&str, Value> =
        Settings::load(&Sources::empty()).expect("settings").describe().into_iter().map(|entry| (entry.key, entry.value)).collect();
    let mut expect = BTreeMap::new();
    for key in KEYS {
        let aliases: Vec<String> = key.aliases.iter().map(|alias| format!("`{alias}`")).collect();
        let default = key.computed.map_or_else(|| default(&shown[key.name]), str::to_owned);
        expect.insert(key.name.to_owned(), [kind(key.kind), default, format!("`{}`", key.variable()), aliases.join(", ")]);
        if key.kind.is_secret() {
            let aliases: Vec<String> = key.aliases.iter().map(|alias| format!("`{alias}_FILE`")).collect();
            let row = ["path".to_owned(), "none".to_owned(), format!("`{}_FILE`", key.variable()), aliases.join(", ")];
            expect.insert(format!("{}_file", key.name), row);
        }
    }
    for (key, row) in &expect {
        assert_eq!(rows.get(key), Some(row), "{key} on the page");
    }
    let unknown: Vec<_> = rows.keys().filter(|key| !expect.contains_key(*key)).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "on the page and not in the code");
}

#[test]
fn the_list_of_keys_is_the_list_of_fields() {
    fn leaves(prefix: &str, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(&format!("{prefix}.{name}"), value, found)),
            _ => {
                found.insert(prefix.trim_start_matches('.').to_owned());
            }
        }
    }
    let mut fields = BTreeSet::new();
    leaves("", &serde_json::to_value(Settings::default()).expect("JSON"), &mut fields);
    assert_eq!(fields, KEYS.iter().map(|key| key.name.to_owned()).collect());
}

#[test]
fn the_page_names_every_variable_that_is_not_used() {
    for name in NOT_USED {
        assert!(PAGE.contains(&format!("`{name}`")), "{name}");
    }
}
