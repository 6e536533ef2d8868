//! Drop: a generation that no collection is searched by goes, with its indexes.

use super::Chosen;
use crate::{ServiceError, app::App};
use lectern_domain::{ids::GenerationId, search::Side};
use lectern_persistence::repo::collections;
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
    if known.current || !app.bridge.write(move |tx| collections::delete_generation(tx.conn(), generation)).await? {
        return Err(refused("its collection is searched by it"));
    }
    app.followers.wake();
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
