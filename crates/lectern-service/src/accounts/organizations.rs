//! The organisations that a user may belong to.

use std::collections::HashMap;

/// A list of organisations: ids and names. Empty where none is configured, and then no organisation is known.
#[derive(Debug, Clone, Default)]
pub struct Organizations {
    list: Vec<(String, String)>,
    names: HashMap<String, String>,
}

impl FromIterator<(String, String)> for Organizations {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(pairs: T) -> Self {
        let list: Vec<_> = pairs.into_iter().collect();
        Self { names: list.iter().cloned().collect(), list }
    }
}

impl Organizations {
    /// Ids and names, in the order in which they were given.
    pub fn list(&self) -> &[(String, String)] {
        &self.list
    }

    /// Checks what a new user says: an id and its name, or neither.
    ///
    /// # Errors
    /// The rule that is broken, as the caller is told it.
    pub fn check(&self, id: Option<&str>, name: Option<&str>) -> Result<(), &'static str> {
        match (id, name) {
            (None, None) => Ok(()),
            (Some(id), Some(name)) => match self.names.get(id) {
                None => Err("unknown organization_id"),
                Some(known) if known != name => Err("unknown organization_name"),
                Some(_) => Ok(()),
            },
            _ => Err("organization_id and organization_name must be jointly given."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_known_or_absent() {
        let list: Organizations = [("1".to_owned(), "Préfecture".to_owned())].into_iter().collect();
        assert_eq!(list.check(None, None), Ok(()));
        assert_eq!(list.check(Some("1"), Some("Préfecture")), Ok(()));
        assert_eq!(list.check(Some("2"), Some("Préfecture")), Err("unknown organization_id"));
        assert_eq!(list.check(Some("1"), Some("")), Err("unknown organization_name"));
        assert!(list.check(Some("1"), None).is_err() && list.check(None, Some("")).is_err());
    }
}
