//! From the statement that made a table, an index or a trigger to facts.

use super::{
    clauses::{Clauses, elements},
    tokens::{Token, spelled},
};
use crate::catalogue::{Catalogue, Kind, text::quoted};

/// What a constraint begins with.
const CONSTRAINTS: [&str; 5] = ["constraint", "primary", "unique", "check", "foreign"];

/// What ends the type of a column.
const AFTER_TYPE: [&str; 10] = ["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated"];

/// `CREATE TABLE name (…) options`.
pub(super) fn table(catalogue: &mut Catalogue, name: &str, tokens: &[Token]) {
    let Some(start) = tokens.iter().position(|token| token.is("(")) else { return };
    let mut clauses = Clauses::new(&tokens[start..]);
    let body = clauses.group();
    for element in elements(&body[1..body.len().saturating_sub(1).max(1)]) {
        if element.first().is_some_and(|first| CONSTRAINTS.iter().any(|word| first.is(word))) {
            constraint(catalogue, name, element);
        } else {
            column(catalogue, name, element);
        }
    }
    for option in elements(clauses.rest()).into_iter().filter(|option| !option.is_empty()) {
        catalogue.add(name, Kind::Option, Some(spelled(option)), String::new());
    }
}

/// `CREATE INDEX name ON table (…)`.
pub(super) fn index(catalogue: &mut Catalogue, table: &str, name: String, tokens: &[Token]) {
    let kind = if tokens.get(1).is_some_and(|token| token.is("unique")) { Kind::UniqueIndex } else { Kind::Index };
    // The first word outside of names that is `on`, and the table after it.
    let place = tokens.iter().position(|token| token.is("on")).map_or(tokens.len(), |at| (at + 2).min(tokens.len()));
    catalogue.add(table, kind, Some(name), spelled(&tokens[place..]));
}

/// `CREATE TRIGGER name …`.
pub(super) fn trigger(catalogue: &mut Catalogue, table: &str, name: String, tokens: &[Token]) {
    catalogue.add(table, Kind::Trigger, Some(name), spelled(&tokens[tokens.len().min(3)..]));
}

fn constraint(catalogue: &mut Catalogue, table: &str, element: &[Token]) {
    let mut clauses = Clauses::new(element);
    let name = if clauses.pass(&["constraint"]) { clauses.name() } else { None };
    let kind = if clauses.pass(&["primary", "key"]) {
        Kind::PrimaryKey
    } else if clauses.pass(&["unique"]) {
        Kind::Unique
    } else if clauses.pass(&["foreign", "key"]) {
        Kind::ForeignKey
    } else {
        clauses.pass(&["check"]);
        Kind::Check
    };
    let mut definition = spelled(clauses.rest());
    if kind == Kind::PrimaryKey
        && let Some(columns) = definition.strip_suffix(" autoincrement)")
    {
        definition = format!("{columns}) autoincrement");
    }
    catalogue.add(table, kind, name, definition);
}

fn column(catalogue: &mut Catalogue, table: &str, element: &[Token]) {
    let mut clauses = Clauses::new(element);
    let Some(column) = clauses.name() else { return };
    let own = format!("({})", quoted(&column));
    let mut parts = vec![kind_of_values(&mut clauses)];
    let (mut null, mut collation, mut default) = ("", String::new(), String::new());
    while clauses.peek().is_some() {
        let name = if clauses.pass(&["constraint"]) { clauses.name() } else { None };
        if clauses.pass(&["primary", "key"]) {
            let order = if clauses.pass(&["desc"]) { " desc" } else { "" };
            clauses.pass(&["asc"]);
            let conflict = clauses.conflict();
            let counted = if clauses.pass(&["autoincrement"]) { " autoincrement" } else { "" };
            catalogue.add(table, Kind::PrimaryKey, name, format!("({}{order}){conflict}{counted}", quoted(&column)));
        } else if clauses.pass(&["not", "null"]) {
            null = "not null";
            clauses.conflict();
        } else if clauses.pass(&["unique"]) {
            catalogue.add(table, Kind::Unique, name, format!("{own}{}", clauses.conflict()));
        } else if clauses.pass(&["check"]) {
            catalogue.add(table, Kind::Check, name, spelled(clauses.group()));
        } else if clauses.comes(&["references"]) {
            catalogue.add(table, Kind::ForeignKey, name, format!("{own} {}", clauses.reference()));
        } else if clauses.pass(&["default"]) {
            default = format!("default {}", value(&mut clauses));
        } else if clauses.pass(&["collate"]) {
            collation = clauses.name().map(|name| format!("collate {name}")).unwrap_or_default();
        } else if clauses.pass(&["generated", "always", "as"]) || clauses.pass(&["as"]) {
            let expression = spelled(clauses.group());
            let kept = if clauses.pass(&["stored"]) { "stored" } else { "virtual" };
            clauses.pass(&["virtual"]);
            default = format!("generated always as {expression} {kept}");
        } else {
            clauses.next();
        }
    }
    parts.extend([collation, null.to_owned(), default]);
    parts.retain(|part| !part.is_empty());
    catalogue.add(table, Kind::Column, Some(column), parts.join(" "));
}

/// The type of a column, which may be none.
fn kind_of_values(clauses: &mut Clauses<'_>) -> String {
    let mut words = Vec::new();
    while clauses.peek().is_some() && !clauses.comes(&AFTER_TYPE) && !clauses.comes(&["as"]) {
        let group = clauses.group();
        if group.is_empty() {
            words.extend(clauses.next().cloned());
        } else {
            words.extend_from_slice(group);
        }
    }
    spelled(&words)
}

/// The value of a default: in parentheses, or a literal with its sign.
fn value(clauses: &mut Clauses<'_>) -> String {
    let group = clauses.group();
    if !group.is_empty() {
        return spelled(group);
    }
    let sign = clauses.next().map(|token| spelled(std::slice::from_ref(token))).unwrap_or_default();
    match sign.as_str() {
        "+" | "-" => sign + &clauses.next().map(|token| spelled(std::slice::from_ref(token))).unwrap_or_default(),
        _ => sign,
    }
}
