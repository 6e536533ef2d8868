//! Drop: a generation that no collection is searched by goes, with its indexes.

use super::Chosen;
use crate::{ServiceError, app::App};
use lectern_domain::{
    collection::Chunking,
    ids::{CollectionId, GenerationId},
    search::Side,
};
use lectern_persistence::{
    DbError, Tx,
    repo::{collections, recut},
};
use std::time::Duration;

/// How often another process that follows for a store outside is waited for.
const TRIES: usize = 100;

/// The pause between two of these.
const PAUSE: Duration = Duration::from_millis(50);

/// Drops a generation. Its indexes go too: those of a folder that another process holds go there with its next pass.
///
/// # Errors
/// [`ServiceError::NotDropped`] for the current generation of a collection, or where there is none with this id, and failures of the database
/// and the indexes.
pub async fn drop(app: &App, generation: GenerationId) -> Result<(), ServiceError> {
    let known = Chosen::default().generations(app).await?.into_iter().find(|kept| kept.generation.id == generation);
    let refused = |why: &'static str| ServiceError::NotDropped { generation: generation.0, why };
    let known = known.ok_or_else(|| refused("there is none with this number"))?;
    // One statement decides, since another process may switch to it at this moment.
    let (collection, chunking) = (known.generation.collection, known.generation.chunking);
    let delete = move |tx: &mut Tx<'_>| {
        recut::lock(tx.conn(), collection)?;
        collections::delete_generation(tx.conn(), generation)
    };
    if known.current || !app.bridge.write(delete).await? {
        return Err(refused("its collection is searched by it"));
    }
    app.followers.wake();
    forget_chunks(app, collection, chunking).await?;
    for side in Side::ALL {
        let outside = app.followers.seat_of(side).role().is_none();
        for _ in 0..if outside { TRIES } else { 1 } {
            if app.followers.drop_generation(side, generation).await? {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(())
}

/// Deletes the chunks of a chunking that no generation of the collection has any more.
async fn forget_chunks(app: &App, collection: CollectionId, chunking: Chunking) -> Result<(), ServiceError> {
    let some = move |tx: &mut Tx<'_>| {
        let used = recut::chunkings(tx.conn(), collection)?.contains(&chunking);
        if used { Ok::<_, DbError>(0) } else { recut::delete_chunks(tx.conn(), collection, &chunking.fingerprint()) }
    };
    while app.bridge.write(some).await? > 0 {}
    Ok(())
}
