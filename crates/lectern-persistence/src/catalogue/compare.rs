//! How two schemas differ.

use super::{Catalogue, Fact};
use std::fmt;

/// One way in which a schema is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// What of it; none where it is the table as a whole.
    pub fact: Option<Fact>,
    /// The definition that was expected; none where nothing was. Empty for a table as a whole.
    pub expected: Option<String>,
    /// The definition that was found; none where nothing was. Empty for a table as a whole.
    pub found: Option<String>,
}

impl Catalogue {
    /// How another schema differs from this one. Tables that only the other one has are those of others, and no difference.
    pub fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut all = Vec::new();
        for (table, facts) in self.tables() {
            let Some(there) = found.table(table) else {
                all.push(Difference { table: table.to_owned(), fact: None, expected: Some(String::new()), found: None });
                continue;
            };
            let both = facts.keys().chain(there.keys().filter(|fact| !facts.contains_key(fact)));
            for fact in both {
                let (expected, found) = (facts.get(fact), there.get(fact));
                if expected != found {
                    let (expected, found) = (expected.cloned(), found.cloned());
                    all.push(Difference { table: table.to_owned(), fact: Some(fact.clone()), expected, found });
                }
            }
        }
        all
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, fact, expected, found } = self;
        match fact {
            Some(fact) => write!(f, "{table}: {} {}", fact.kind.as_str(), fact.name)?,
            None => write!(f, "table {table}")?,
        }
        let shown = |definition: &str| if definition.is_empty() { String::new() } else { format!(": {definition}") };
        match (expected, found) {
            (Some(expected), Some(found)) => write!(f, " is {found}, expected {expected}"),
            (Some(expected), None) => write!(f, " is missing{}", shown(expected)),
            (None, found) => write!(f, " should not be there{}", shown(found.as_deref().unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_said_in_words() {
        let of = |text: &str| {
            let mut catalogue = Catalogue::default();
            catalogue.apply(text).expect("changes");
            catalogue
        };
        let expected = of(
            "table chats\n+ column id: integer\n+ column name: text not null\n+ index ix_name: btree (name)\ntable users\n+ column id: integer\n",
        );
        let found = of("table chats\n+ column id: integer\n+ column name: text\n+ check (id > 0)\ntable of_others\n+ column id: integer\n");
        let said: Vec<String> = expected.differences(&found).iter().map(Difference::to_string).collect();
        assert_eq!(
            said,
            [
                "chats: column name is text, expected text not null",
                "chats: index ix_name is missing: btree (name)",
                "chats: check (id > 0) should not be there",
                "table users is missing",
            ]
        );
        assert_eq!(expected.differences(&expected), []);
    }
}
