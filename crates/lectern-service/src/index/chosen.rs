//! The generations that a command speaks of.

use crate::{ServiceError, app::App};
use lectern_domain::collection::CollectionKey;
use lectern_persistence::repo::collections::{self, Kept};

/// The collections that were named; all where none was.
#[derive(Debug, Clone, Default)]
pub struct Chosen(pub Vec<CollectionKey>);

impl Chosen {
    /// Their generations, by the collections' names, the oldest of each first.
    ///
    /// # Errors
    /// [`ServiceError::UnknownCollection`] for a name that no collection has, and failures of the database.
    pub(super) async fn generations(&self, app: &App) -> Result<Vec<Kept>, ServiceError> {
        let names = (!self.0.is_empty()).then(|| self.0.clone());
        let kept = app.bridge.read(move |conn| collections::kept(conn, names.as_deref())).await?;
        match self.0.iter().find(|name| !kept.iter().any(|kept| kept.collection == **name)) {
            Some(unknown) => Err(ServiceError::UnknownCollection(unknown.to_string())),
            None => Ok(kept),
        }
    }
}
