//! Find a collection by its name, or make it.

use crate::{ServiceError, app::App};
use lectern_domain::{
    collection::{Chunking, Collection, CollectionName, Generation, Visibility},
    fields::FilterableFields,
    ids::UserId,
    language::Language,
};
use lectern_persistence::{
    DbError,
    repo::collections::{self, NewCollection},
};

/// What a collection is made with where it is not there yet.
#[derive(Debug, Clone)]
pub struct NewCollectionSpec {
    /// Its name.
    pub name: CollectionName,
    /// Its owner; none for what the operator makes.
    pub owner: Option<UserId>,
    /// Who may read it.
    pub visibility: Visibility,
    /// Its language, pinned.
    pub language: Language,
    /// How its texts are cut, pinned.
    pub chunking: Chunking,
}

/// A collection, the generation that it is searched by, and whether it was made just now.
#[derive(Debug, Clone)]
pub struct Ensured {
    /// The collection.
    pub collection: Collection,
    /// Its current generation.
    pub generation: Generation,
    /// Whether it was made by this call.
    pub created: bool,
}

/// The collection of this name with its current generation, made from `spec` where it is not there. An existing one keeps what it pinned.
///
/// # Errors
/// [`ServiceError`] where the database fails.
pub async fn ensure(app: &App, spec: NewCollectionSpec) -> Result<Ensured, ServiceError> {
    let name = spec.name.clone();
    if let Some(found) = find(app, name.clone()).await? {
        return Ok(found);
    }
    let model = app.followers.embedder.as_ref().map(|embedder| embedder.spec().clone());
    let made = app
        .bridge
        .write(move |tx| {
            let now = chrono::Utc::now();
            let fields = FilterableFields::default();
            let new = NewCollection {
                name: spec.name,
                owner: spec.owner,
                visibility: spec.visibility,
                language: spec.language,
                fields: fields.clone(),
            };
            let collection = collections::insert(tx.conn(), &new, now)?;
            let model = model.map(|model| collections::ensure_model(tx.conn(), &model, now)).transpose()?;
            let id = collections::insert_generation(
                tx.conn(),
                collection.id,
                spec.language,
                spec.chunking,
                model.as_ref().map(|model| model.id),
                now,
            )?;
            collections::set_current(tx.conn(), collection.id, id)?;
            let generation = Generation { id, collection: collection.id, language: spec.language, chunking: spec.chunking, fields, model };
            Ok::<_, DbError>(Ensured { collection, generation, created: true })
        })
        .await;
    match made {
        Ok(made) => Ok(made),
        // Another process made it meanwhile: then that one counts.
        Err(error @ DbError::UniqueViolation { .. }) => find(app, name).await?.ok_or_else(|| error.into()),
        Err(error) => Err(error.into()),
    }
}

/// The collection of this name with its current generation, where it is there.
pub(super) async fn find(app: &App, name: CollectionName) -> Result<Option<Ensured>, ServiceError> {
    let found = app.bridge.read(move |conn| collections::with_generation(conn, Some(&[name]))).await?;
    Ok(found.into_iter().next().map(|(collection, generation)| Ensured { collection, generation, created: false }))
}
