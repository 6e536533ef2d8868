//! The lists that come from data files: organisations and institutions.

use super::Organizations;
use crate::ServiceError;
use serde::{Deserialize, de::DeserializeOwned};
use std::{fs, path::Path};

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
/// [`ServiceError::File`] and [`ServiceError::List`] with the file's name.
pub fn organizations(path: Option<&Path>) -> Result<Organizations, ServiceError> {
    let list: Vec<Organization> = list(path, include_str!("../../lists/organizations.json"))?;
    Ok(list.into_iter().map(|organization| (organization.id, organization.name)).collect())
}

/// Reads institutions: a JSON list of texts. Without a file, the short list that Lectern comes with.
///
/// # Errors
/// [`ServiceError::File`] and [`ServiceError::List`] with the file's name.
pub fn institutions(path: Option<&Path>) -> Result<Vec<String>, ServiceError> {
    list(path, include_str!("../../lists/institutions.json"))
}

fn list<T: DeserializeOwned>(path: Option<&Path>, sample: &str) -> Result<T, ServiceError> {
    let shown = path.map_or_else(|| "the built-in list".to_owned(), |path| path.display().to_string());
    let failed = |source| ServiceError::File { path: shown.clone(), source };
    let text = match path {
        Some(path) if fs::metadata(path).map_err(failed)?.len() > LIST_BYTES => {
            return Err(failed(std::io::Error::other("it is larger than 64 MiB")));
        }
        Some(path) => fs::read_to_string(path).map_err(failed)?,
        None => sample.to_owned(),
    };
    serde_json::from_str(&text).map_err(|source| ServiceError::List { path: shown, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_order_and_name_their_file_where_they_are_wrong() {
        assert!(!organizations(None).expect("a list").list().is_empty() && !institutions(None).expect("a list").is_empty());
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.json");
        fs::write(&path, r#"[{"id":"2","name":"é","more":1},{"id":"1","name":"b"}]"#).expect("a file");
        let read = organizations(Some(&path)).expect("a list");
        assert_eq!(read.list(), [("2".to_owned(), "é".to_owned()), ("1".to_owned(), "b".to_owned())]);
        let refused = institutions(Some(&path)).expect_err("not texts").to_string();
        assert!(refused.contains("list.json"), "{refused}");
        assert!(matches!(institutions(Some(Path::new("/nowhere"))), Err(ServiceError::File { .. })));
    }
}
