//! Drop: a generation that no collection is searched by goes, with its indexes.

use super::Chosen;
use crate::{
    ServiceError,
    app::App,
    jobs::{self, JobError, Work},
};
use lectern_domain::{
    ids::{CollectionId, GenerationId},
    search::Side,
};
use lectern_persistence::{
    DbError, Tx,
    repo::{collections, recut},
};
use serde::{Deserialize, Serialize};

/// Drops a generation. Its indexes go too: those of a folder that another process holds go there with its next pass. `false` where a store
/// outside could not be asked for now: what it holds goes in the background then.
///
/// # Errors
/// [`ServiceError::NotDropped`] for the current generation of a collection, or where there is none with this id, and failures of the database
/// and the embedded indexes.
pub async fn drop(app: &App, generation: GenerationId) -> Result<bool, ServiceError> {
    let known = Chosen::default().generations(app).await?.into_iter().find(|kept| kept.generation.id == generation);
    let refused = |why: &'static str| ServiceError::NotDropped { generation: generation.0, why };
    let known = known.ok_or_else(|| refused("there is none with this number"))?;
    let collection = known.generation.collection;
    let rest = DropGeneration { collection, generation, chunking: known.generation.chunking.fingerprint() };
    let work = Work::DropGeneration(rest.clone());
    // One statement decides, since another process may switch to it at this moment.
    let delete = move |tx: &mut Tx<'_>| {
        recut::lock(tx.conn(), collection)?;
        let deleted = collections::delete_generation(tx.conn(), generation)?;
        if deleted {
            jobs::enqueue(tx, &work)?;
        }
        Ok::<_, ServiceError>(deleted)
    };
    if known.current || !app.bridge.write(delete).await? {
        return Err(refused("its collection is searched by it"));
    }
    app.followers.wake();
    for side in Side::ALL {
        if app.followers.seat_of(side).role().is_some() {
            app.followers.drop_generation(side, generation).await?;
        }
    }
    match rest.run(app).await {
        Ok(()) => Ok(true),
        Err(JobError::GiveUp(why) | JobError::Again(why)) => {
            tracing::warn!(%generation, why, "what a store holds of a dropped generation stays there for now");
            Ok(false)
        }
    }
}

/// What is left of a generation that is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropGeneration {
    /// Its collection.
    pub collection: CollectionId,
    /// The generation.
    pub generation: GenerationId,
    /// The fingerprint of its chunking.
    pub chunking: String,
}

impl DropGeneration {
    /// Deletes the chunks of its chunking, where no generation of the collection has it any more, then what stores outside hold of it.
    pub(crate) async fn run(self, app: &App) -> Result<(), JobError> {
        let (collection, chunking) = (self.collection, self.chunking);
        let some = move |tx: &mut Tx<'_>| {
            let used = recut::chunkings(tx.conn(), collection)?.into_iter().any(|kept| kept.fingerprint() == chunking);
            if used { Ok::<_, DbError>(0) } else { recut::delete_chunks(tx.conn(), collection, &chunking) }
        };
        while app.bridge.write(some.clone()).await.map_err(ServiceError::from)? > 0 {}
        drop_outside(app, &[self.generation]).await
    }
}

/// Drops what stores outside hold of generations that are gone. It is to be tried again where another process follows for one of them now.
pub(crate) async fn drop_outside(app: &App, gone: &[GenerationId]) -> Result<(), JobError> {
    match app.followers.drop_outside(gone).await? {
        true => Ok(()),
        false => Err(JobError::Again("another process is busy with the indexes".to_owned())),
    }
}
