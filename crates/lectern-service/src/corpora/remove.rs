//! Delete a collection: at once for everybody's eyes, then in the background, piece by piece.

use super::named;
use crate::{
    ServiceError,
    accounts::Caller,
    app::App,
    index::drop_outside,
    jobs::{self, JobError, Work},
};
use lectern_domain::{
    collection::{Collection, CollectionRef},
    ids::{CollectionId, GenerationId},
};
use lectern_persistence::{
    DbError,
    repo::{changes, collections, documents, uploads},
};
use serde::{Deserialize, Serialize};

/// The documents, and the entries of the change log, of one transaction: other writes wait for no more than these.
const PIECE: i64 = 200;

/// Deletes a collection that the caller may change. Nobody finds it or what was in it from the answer on, and its name is free; its rows go in
/// the background.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], [`ServiceError::Forbidden`], and failures of the database.
pub async fn remove(app: &App, caller: &Caller, named: CollectionRef) -> Result<Collection, ServiceError> {
    let who = caller.principal();
    let removed = app
        .bridge
        .write(move |tx| {
            let (collection, _) = named::writable(tx.conn(), who, &named)?;
            let mut generations = collections::generations(tx.conn())?;
            generations.retain(|generation| generation.collection == collection.id);
            let generations = generations.into_iter().map(|generation| generation.id).collect();
            collections::hide(tx.conn(), collection.id, collection.uid)?;
            uploads::forget_of_collection(tx.conn(), collection.id)?;
            jobs::enqueue(tx, &Work::DropCollection(DropCollection { collection: collection.id, generations }))?;
            Ok::<_, ServiceError>(collection)
        })
        .await?;
    app.jobs.wake();
    Ok(removed)
}

/// A collection that nobody finds any more, and whose rows are to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropCollection {
    /// The collection.
    pub collection: CollectionId,
    /// Its generations, whose indexes go too.
    pub generations: Vec<GenerationId>,
}

impl DropCollection {
    /// Deletes the documents, the collection, what the log says of it, then what stores outside hold of it; who holds the folder of the embedded
    /// indexes drops those when it looks next.
    pub(crate) async fn run(self, app: &App) -> Result<(), JobError> {
        let id = self.collection;
        let piecewise = async {
            while app.bridge.write(move |tx| documents::delete_some(tx.conn(), id, PIECE)).await? > 0 {}
            app.bridge.write(move |tx| collections::delete(tx.conn(), id)).await?;
            while app.bridge.write(move |tx| changes::forget_some(tx.conn(), id, PIECE)).await? > 0 {}
            Ok::<_, DbError>(())
        };
        piecewise.await.map_err(ServiceError::from)?;
        drop_outside(app, &self.generations).await
    }
}
