//! The Diesel schema as Diesel's command line reads it: one file, with the types of one backend.

use crate::{conn::Backend, error::DbError};
use std::{fs, path::Path};

/// Our types, and Diesel's for each backend. On PostgreSQL the names are those of the database, which the comparison takes for the same only then.
const TYPES: [(&str, &str, &str); 5] = [
    ("TimestampType", "Timestamptz", "Text"),
    ("JsonType", "Jsonb", "Text"),
    ("UuidType", "Uuid", "Binary"),
    ("Binary", "Bytea", "Binary"),
    ("Double", "Float8", "Double"),
];

/// The text of every file in a folder of `table!` and `joinable!` macros.
pub(super) fn declared(folder: &Path, backend: Backend) -> Result<String, DbError> {
    let failed = |source| DbError::Io { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        files.push(entry.map_err(failed)?.path());
    }
    files.sort();
    let mut all = String::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")) {
        let text = fs::read_to_string(path).map_err(|source| DbError::Io { path: path.clone(), source })?;
        all.push_str(&for_backend(&text, backend));
    }
    Ok(all)
}

fn for_backend(text: &str, backend: Backend) -> String {
    let mut key = String::new();
    let mut lines = String::new();
    // What is about a file as a whole can't stand in the middle of one.
    for line in text.lines().filter(|line| !line.starts_with("//!") && !line.starts_with("#!")) {
        let trimmed = line.trim();
        if let Some((_, columns)) = trimmed.strip_suffix(") {").and_then(|head| head.split_once(" (")) {
            key = columns.to_owned();
        }
        let Some((name, kind)) = line.split_once(" -> ").filter(|_| !trimmed.starts_with("diesel::")) else {
            lines.push_str(line);
            lines.push('\n');
            continue;
        };
        let mut kind = TYPES.iter().fold(kind.to_owned(), |kind, (ours, postgres, sqlite)| {
            let theirs = if backend == Backend::Postgres { postgres } else { sqlite };
            // Whole words: another type's name may hold this one.
            if kind.split(['<', '>', ',']).any(|word| word == *ours) { kind.replace(ours, theirs) } else { kind }
        });
        // A key of SQLite that counts is INTEGER, of 64 bits whatever it is called.
        if backend == Backend::Sqlite && name.trim() == key {
            kind = kind.replace("BigInt", "Integer");
        }
        lines.push_str(&format!("{name} -> {kind}\n"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
//! A file.
#![expect(missing_docs, reason = \"none\")]
diesel::table! {
    use crate::types::sql::*;

    changes (seq) {
        seq -> BigInt,
        other -> BigInt,
        at -> Nullable<TimestampType>,
        hash -> Binary,
        uid -> UuidType,
    }
}
diesel::joinable!(chats -> users (user_id));
";

    #[track_caller]
    fn check(backend: Backend, expect: &[&str]) {
        let text = for_backend(TEXT, backend);
        let types: Vec<&str> =
            text.lines().filter_map(|line| line.trim().split_once(" -> ")).map(|(_, kind)| kind.trim_end_matches(',')).collect();
        assert_eq!(types, expect);
        assert!(!text.contains("//!") && !text.contains("#!["), "{text}");
    }

    #[test]
    fn types_are_those_of_the_backend() {
        check(Backend::Postgres, &["BigInt", "BigInt", "Nullable<Timestamptz>", "Bytea", "Uuid", "users (user_id));"]);
        check(Backend::Sqlite, &["Integer", "BigInt", "Nullable<Text>", "Binary", "Binary", "users (user_id));"]);
    }
}
