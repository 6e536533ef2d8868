//! Switch: a collection is searched by another generation from now on.

use super::{
    Chosen,
    rebuild::embedded,
    recut::recut,
    verify::{CheckedIndex, check},
};
use crate::{ServiceError, app::App, follow::Limit};
use lectern_domain::{collection::CollectionKey, ids::GenerationId, search::Side};
use lectern_persistence::repo::collections::{self, Kept};
use std::time::Duration;

/// What became of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switched {
    /// The generation that the collection was searched by.
    pub from: GenerationId,
    /// The one that it is searched by now.
    pub to: GenerationId,
}

/// Makes a generation, the newest where none is named, the one that its collection is searched by: one row of SQL, which every search reads.
/// Both of its indexes have reached the log's end then, and hold what SQL says.
///
/// # Errors
/// [`ServiceError::UnknownCollection`]; [`ServiceError::NotSwitched`] where there is no such generation, or it differs from SQL, or is of
/// another model than the configured one; [`ServiceError::NotCaughtUp`] where it does not reach the end in time; failures of the database, the
/// indexes and the model.
pub async fn switch(
    app: &App,
    collection: &CollectionKey,
    generation: Option<GenerationId>,
    limit: Duration,
) -> Result<Switched, ServiceError> {
    let kept = Chosen(vec![collection.clone()]).generations(app).await?;
    let current = kept.iter().find(|kept| kept.current).map(|kept| kept.generation.id);
    let target = match generation {
        Some(id) => kept.iter().find(|kept| kept.generation.id == id),
        None => kept.iter().rev().find(|kept| Some(kept.generation.id) > current),
    };
    let (Some(from), Some(target)) = (current, target) else {
        return Err(refused(collection, "there is no such generation: make one with `lectern index rebuild`"));
    };
    if target.current {
        return Err(refused(collection, "it is searched by this generation already"));
    }
    check_model(app, collection, target)?;
    // A rebuild that was stopped may not have cut every document.
    recut(app, &target.generation, |_| {}).await?;
    let checked = check(app, std::slice::from_ref(target), Limit::after(limit)).await?;
    // The latest vectors of a folder are in the memory of the process that holds it, which has said that it has them.
    let behind = app.followers.vectors_seat.is_behind();
    let settles = |index: &&CheckedIndex| index.side == Side::Lexical || !behind;
    let unsettled: u64 = checked.indexes.iter().filter(settles).map(|index| index.unsettled).sum();
    if checked.differences() > 0 {
        return Err(refused(collection, &format!("{} chunks differ: see `lectern index verify`", checked.differences())));
    }
    if unsettled > 0 {
        return Err(refused(collection, &format!("{unsettled} chunks changed all the time: try again")));
    }
    let (chunks, embedded) = embedded(app, &target.generation).await?;
    if embedded < chunks {
        return Err(refused(collection, &format!("{} of {chunks} chunks are not embedded yet", chunks - embedded)));
    }
    let (of, to) = (target.generation.collection, target.generation.id);
    app.bridge.write(move |tx| collections::set_current(tx.conn(), of, to)).await?;
    Ok(Switched { from, to })
}

/// A generation of another model than the configured one would be searched by words alone.
fn check_model(app: &App, collection: &CollectionKey, target: &Kept) -> Result<(), ServiceError> {
    match (&target.generation.model, &app.followers.embedder) {
        (Some(model), Some(embedder)) if model.spec != *embedder.spec() => Err(refused(
            collection,
            &format!("the generation is of the model {}, and {} is configured", model.spec.name, embedder.spec().name),
        )),
        _ => Ok(()),
    }
}

fn refused(collection: &CollectionKey, why: &str) -> ServiceError {
    ServiceError::NotSwitched { collection: collection.to_string(), why: why.to_owned() }
}
