//! Delete documents.

use crate::{ServiceError, app::App};
use lectern_domain::{
    change::{ChangeKind, NewChange},
    collection::Collection,
    document::ExternalId,
    ids::CollectionId,
};
use lectern_persistence::{
    Tx,
    repo::{
        chunks,
        documents::{self, Stored},
    },
};

/// Deletes the documents of a collection that have these external ids, with their history, in one transaction, and says how many there were.
/// A search that starts after the answer finds none of them. Callers bound the size of a batch.
///
/// # Errors
/// [`ServiceError`] where the database fails; nothing was deleted then.
pub async fn delete(app: &App, collection: &Collection, ids: Vec<ExternalId>) -> Result<usize, ServiceError> {
    let collection = collection.id;
    let deleted = app
        .bridge
        .write(move |tx| {
            let stored = documents::find_for_update(tx.conn(), collection, &ids.iter().collect::<Vec<_>>())?;
            for stored in stored.values() {
                delete_chunks(tx, collection, stored)?;
                documents::delete(tx.conn(), stored.id)?;
            }
            Ok::<_, ServiceError>(stored.len())
        })
        .await?;
    app.followers.wake();
    Ok(deleted)
}

/// Deletes the chunks of a document's current version, and says in the log which they were.
pub(super) fn delete_chunks(tx: &mut Tx<'_>, collection: CollectionId, stored: &Stored) -> Result<(), lectern_persistence::DbError> {
    for (chunking, chunks) in chunks::delete_of_version(tx.conn(), stored.version_id)? {
        tx.log(NewChange { kind: ChangeKind::Delete, collection, document: stored.id, version: stored.version_id, chunking, chunks });
    }
    Ok(())
}
