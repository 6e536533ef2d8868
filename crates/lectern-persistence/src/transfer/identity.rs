//! Whether two rows of one key are the same thing. Databases number their rows for themselves: user 3 of one is not user 3 of another.

use super::shape::{Column, Found, Table, quoted};

/// Columns that say since when there is a thing. They never change, whatever else of it does.
const SINCE: [&str; 2] = ["created_at", "at"];

/// Columns that are not shown: they prove who somebody is.
const SECRET: [&str; 2] = ["hash", "token"];

/// What a thing is known by, beside its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Since when there is it.
    since: Option<String>,
    /// Where that is not said: what no other row of the table has, and what it cannot be without.
    marks: Vec<String>,
}

impl Identity {
    /// What the things of a table are known by, as its catalogue tells. Those whose key names another row are what that one is: there is one of
    /// them below it, or one for each number, text or digest that the key has besides.
    pub(crate) fn of(found: &Found) -> Self {
        let Found { table, uniques, references } = found;
        let is_key = |column: &String| table.key.contains(column);
        if references.iter().any(|reference| reference.columns.iter().all(is_key)) {
            return Self { since: None, marks: Vec::new() };
        }
        let since = SINCE.iter().find(|name| table.position(name).is_some()).map(|&name| name.to_owned());
        let required = references.iter().filter(|reference| reference.required).flat_map(|reference| &reference.columns);
        let mut marks: Vec<String> = Vec::new();
        for column in uniques.iter().flatten().chain(required).filter(|column| !is_key(column)) {
            if !marks.contains(column) {
                marks.push(column.clone());
            }
        }
        Self { since, marks }
    }

    /// The condition that `s` and `t`, which have one key, are the same thing. Never NULL.
    pub(crate) fn same(&self) -> String {
        let equal = |column: &String| format!("s.{0} IS NOT DISTINCT FROM t.{0}", quoted(column));
        let marks: Vec<String> = self.marks.iter().map(equal).collect();
        let marks = if marks.is_empty() { "TRUE".to_owned() } else { marks.join(" AND ") };
        match &self.since {
            Some(since) => format!("({} AND (s.{} IS NOT NULL OR ({marks})))", equal(since), quoted(since)),
            None => format!("({marks})"),
        }
    }

    /// The columns that show somebody what a thing is.
    pub(crate) fn telling<'t>(&self, table: &'t Table) -> Vec<&'t Column> {
        let names = self.since.iter().chain(&self.marks).filter(|name| !SECRET.contains(&name.as_str()));
        names.filter_map(|name| table.position(name)).map(|at| &table.columns[at]).collect()
    }
}
