//! A schema as text: what was added to another one and what was taken from it, a fact a line. A migration's file says so what it does, and the
//! files of all up to a revision add up to the schema at that revision.
//!
//! ```text
//! table chats
//! - index ix_chats_title: btree (title)
//! + column archived_at: timestamp with time zone
//! ```

use super::{Catalogue, Fact, Facts, Kind};
use std::{collections::BTreeSet, fmt::Write as _};

/// Why changes can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ChangesError {
    /// The line, from 1.
    line: usize,
    /// What is wrong with it.
    message: &'static str,
}

impl Catalogue {
    /// What has to be added to this schema, and taken from it, to make another one of it.
    pub fn changes_to(&self, other: &Self) -> String {
        let empty = Facts::new();
        let mut text = String::new();
        for table in self.tables.keys().chain(other.tables.keys()).collect::<BTreeSet<_>>() {
            let (before, after) = (self.tables.get(table).unwrap_or(&empty), other.tables.get(table).unwrap_or(&empty));
            let removed = before.iter().filter(|(fact, definition)| after.get(fact) != Some(definition)).map(|fact| ('-', fact));
            let added = after.iter().filter(|(fact, definition)| before.get(fact) != Some(definition)).map(|fact| ('+', fact));
            let mut lines = removed.chain(added).peekable();
            if lines.peek().is_some() {
                let _ = writeln!(text, "table {}", quoted(table));
            }
            for (sign, (Fact { kind, name }, definition)) in lines {
                // A name that begins with a parenthesis is the definition of what has none.
                let name = if name.starts_with('(') { name.clone() } else { quoted(name) };
                let colon = if definition.is_empty() { "" } else { ": " };
                let _ = writeln!(text, "{sign} {} {name}{colon}{definition}", kind.as_str());
            }
        }
        text
    }

    /// Makes changes to this schema. Lines that begin with `#` are comments.
    ///
    /// # Errors
    /// Where a line is not written like a change, adds what is there or takes what is not.
    pub fn apply(&mut self, changes: &str) -> Result<(), ChangesError> {
        let mut table = None;
        for (index, line) in changes.lines().enumerate() {
            let failed = |message| ChangesError { line: index + 1, message };
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = line.strip_prefix("table ") {
                table = Some(unquoted(name).ok_or(failed("this is no name"))?.0);
                continue;
            }
            let table = table.clone().ok_or(failed("this belongs to no table"))?;
            let (sign, rest) = line.split_once(' ').ok_or(failed("expected + or -"))?;
            let (fact, definition) = parse(rest).ok_or(failed("this is no fact"))?;
            let facts = self.tables.entry(table.clone()).or_default();
            match sign {
                "+" if facts.contains_key(&fact) => return Err(failed("this is there already")),
                "+" => {
                    facts.insert(fact, definition);
                }
                "-" if facts.get(&fact) != Some(&definition) => return Err(failed("this is not there")),
                "-" => {
                    facts.remove(&fact);
                }
                _ => return Err(failed("expected + or -")),
            }
            if facts.is_empty() {
                self.tables.remove(&table);
            }
        }
        Ok(())
    }
}

fn parse(text: &str) -> Option<(Fact, String)> {
    // `unique` is the beginning of `unique index`.
    let kind = Kind::ALL.into_iter().filter(|kind| text.starts_with(kind.as_str())).max_by_key(|kind| kind.as_str().len())?;
    let rest = text[kind.as_str().len()..].strip_prefix(' ')?;
    if rest.starts_with('(') {
        return Some((Fact { kind, name: rest.to_owned() }, String::new()));
    }
    let (name, rest) = unquoted(rest)?;
    let definition = if rest.is_empty() { rest } else { rest.strip_prefix(": ")? };
    Some((Fact { kind, name }, definition.to_owned()))
}

/// Whether a name needs no quotes.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|char: char| char.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

pub(super) fn quoted(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The name at the start of a text, and the rest.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|char: char| !char.is_ascii_alphanumeric() && char != '_').unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(changes: &str) -> Catalogue {
        let mut catalogue = Catalogue::default();
        catalogue.apply(changes).unwrap_or_else(|error| panic!("{changes}: {error}"));
        catalogue
    }

    const FIRST: &str = "\
table \"Odd \"\" name\"
+ column \"a: b\": text default 'c: d'
table chats
+ column id: integer not null
+ primary key chats_pkey: (id)
+ check (id > 0)
+ index ix_chats_id: btree (id)
+ unique index ix_chats_id_key: btree (id)
+ option strict
";

    #[test]
    fn changes_lead_from_one_to_the_other() {
        let first = of(FIRST);
        assert_eq!(Catalogue::default().changes_to(&first), FIRST);
        let second = of("table chats\n+ column id: bigint not null\n+ primary key chats_pkey: (id)\n");
        let changes = first.changes_to(&second);
        assert!(changes.contains("- column id: integer not null\n") && changes.contains("+ column id: bigint not null\n"), "{changes}");
        let mut there = first.clone();
        there.apply(&changes).expect("they apply");
        assert_eq!(there, second);
        there.apply(&second.changes_to(&first)).expect("they apply");
        assert_eq!(there, first);
        assert_eq!(first.changes_to(&first), "");
        assert_eq!(of(&format!("# a comment\n\n{}", FIRST.replace('\n', "\r\n"))), first);
    }

    #[track_caller]
    fn refused(changes: &str, expect: &str) {
        let error = Catalogue::default().apply(changes).expect_err("an error");
        assert_eq!(error.to_string(), expect);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        refused("+ column id: integer", "line 1: this belongs to no table");
        refused("table a\n+ column id: integer\n+ column id: integer", "line 3: this is there already");
        refused("table a\n- column id: integer", "line 2: this is not there");
        refused("table a\n+ nothing id", "line 2: this is no fact");
        refused("table a\n* column id: integer", "line 2: expected + or -");
        refused("table \"a", "line 1: this is no name");
    }
}
