//! Find a collection by its name, or make it.

use crate::{ServiceError, app::App};
use lectern_domain::{
    collection::{Chunking, Collection, CollectionKey, CollectionName, Generation, Visibility},
    fields::FilterableFields,
    ids::UserId,
    language::Language,
    model::EmbeddingModelSpec,
};
use lectern_persistence::{
    DbError, Tx,
    repo::collections::{self, NewCollection, Which},
};

/// The language of a new collection of which nobody says in which it is.
pub(super) const FALLBACK: Language = Language::Fr;

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
    /// The metadata fields that it can be searched by, pinned.
    pub fields: FilterableFields,
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
    let key = CollectionKey::new(spec.owner, spec.visibility, &spec.name);
    if let Some(found) = find(app, key.clone()).await? {
        return Ok(found);
    }
    let model = app.followers.embedder.as_ref().map(|embedder| embedder.spec().clone());
    let made = app.bridge.write(move |tx| make(tx, &spec, model.as_ref())).await;
    match made {
        Ok(made) => Ok(made),
        // Another process made it meanwhile: then that one counts.
        Err(error @ DbError::UniqueViolation { .. }) => find(app, key).await?.ok_or_else(|| error.into()),
        Err(error) => Err(error.into()),
    }
}

/// Makes a collection and the generation that it is searched by.
///
/// # Errors
/// The unique violation of `collections_name_key`, and failures of the database.
pub(super) fn make(tx: &mut Tx<'_>, spec: &NewCollectionSpec, model: Option<&EmbeddingModelSpec>) -> Result<Ensured, DbError> {
    let now = chrono::Utc::now();
    let NewCollectionSpec { language, chunking, .. } = *spec;
    let new =
        NewCollection { name: spec.name.clone(), owner: spec.owner, visibility: spec.visibility, language, fields: spec.fields.clone() };
    let collection = collections::insert(tx.conn(), &new, now)?;
    let model = model.map(|model| collections::ensure_model(tx.conn(), model, now)).transpose()?;
    let pinned = model.as_ref().map(|model| model.id);
    let id = collections::insert_generation(tx.conn(), collection.id, language, chunking, pinned, now)?;
    collections::set_current(tx.conn(), collection.id, id)?;
    let generation = Generation { id, collection: collection.id, language, chunking, fields: new.fields, model };
    Ok(Ensured { collection, generation, created: true })
}

/// The collection with this key and its current generation, where it is there.
pub(super) async fn find(app: &App, key: CollectionKey) -> Result<Option<Ensured>, ServiceError> {
    let found = app.bridge.read(move |conn| collections::with_generation(conn, &Which::These(vec![key], Vec::new()))).await?;
    Ok(found.into_iter().next().map(|(collection, generation)| Ensured { collection, generation, created: false }))
}
