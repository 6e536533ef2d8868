//! The lists that come from data files: organisations and institutions.

use super::Organizations;
use crate::{ServiceError, data_file};
use serde::{Deserialize, de::DeserializeOwned};
use std::path::Path;

/// The largest list, in bytes.
const LIST_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Deserialize)]
struct Organization {
    id: String,
    name: String,
}

/// Reads organisations: a JSON list of `{"id": …, "name": …}`. Without a file, the short list that Lectern comes with.
///
/// # Errors
/// [`ServiceError::DataFile`] where the file cannot be read or is something else.
pub fn organizations(path: Option<&Path>) -> Result<Organizations, ServiceError> {
    let list: Vec<Organization> = list(path, include_str!("../../lists/organizations.json"))?;
    Ok(list.into_iter().map(|organization| (organization.id, organization.name)).collect())
}

/// Reads institutions: a JSON list of texts. Without a file, the short list that Lectern comes with.
///
/// # Errors
/// [`ServiceError::DataFile`] where the file cannot be read or is something else.
pub fn institutions(path: Option<&Path>) -> Result<Vec<String>, ServiceError> {
    list(path, include_str!("../../lists/institutions.json"))
}

fn list<T: DeserializeOwned>(path: Option<&Path>, sample: &str) -> Result<T, ServiceError> {
    match path {
        Some(path) => data_file::json(path, LIST_BYTES),
        None => serde_json::from_str(sample).map_err(|error| ServiceError::internal("reading a built-in list", error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lists_keep_their_order_and_name_their_file_where_they_are_wrong() {
        assert!(!organizations(None).expect("a list").list().is_empty() && !institutions(None).expect("a list").is_empty());
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.json");
        fs::write(&path, r#"[{"id":"2","name":"é","more":1},{"id":"1","name":"b"}]"#).expect("a file");
        let read = organizations(Some(&path)).expect("a list");
        assert_eq!(read.list(), [("2".to_owned(), "é".to_owned()), ("1".to_owned(), "b".to_owned())]);
        let refused = institutions(Some(&path)).expect_err("not texts").to_string();
        assert!(refused.contains("list.json: invalid type") && refused.ends_with("at line 1 column 1"), "{refused}");
        assert!(matches!(institutions(Some(Path::new("/nowhere"))), Err(ServiceError::DataFile { .. })));
    }
}
