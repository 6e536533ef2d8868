//! Make a collection.

use super::ensure::{Ensured, FALLBACK, NewCollectionSpec, make};
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{
    Invalid,
    access::may_publish,
    collection::{CollectionName, Visibility},
    fields::FilterableFields,
    language::Language,
};
use lectern_persistence::repo::{collections, users};

/// A collection that somebody wants to have.
#[derive(Debug, Clone)]
pub struct WantedCollection {
    /// Its name: no other collection of the caller's has it or, where it is public, no other public one.
    pub name: CollectionName,
    /// Who may read it.
    pub visibility: Visibility,
    /// Its language, pinned; none takes French.
    pub language: Option<Language>,
    /// The metadata fields that it can be searched by, pinned.
    pub fields: FilterableFields,
}

/// Makes a collection of the caller's.
///
/// # Errors
/// [`ServiceError::Invalid`] for a name that looks like an id, [`ServiceError::Forbidden`] for a public one of somebody who may not publish,
/// [`ServiceError::TooManyCollections`], [`ServiceError::CollectionNameTaken`], and failures of the database.
pub async fn create(app: &App, caller: &Caller, wanted: WantedCollection) -> Result<Ensured, ServiceError> {
    check_name(&wanted.name)?;
    let (who, owner) = (caller.principal(), caller.user.id);
    if wanted.visibility == Visibility::Public && !may_publish(who) {
        return Err(ServiceError::Forbidden);
    }
    let spec = NewCollectionSpec {
        name: wanted.name,
        owner: Some(owner),
        visibility: wanted.visibility,
        language: wanted.language.unwrap_or(FALLBACK),
        chunking: app.load_limits.chunking(),
        fields: wanted.fields,
    };
    let most = (!caller.user.is_admin).then_some(app.allowances.collections).flatten();
    let model = app.followers.embedder.as_ref().map(|embedder| embedder.spec().clone());
    let made = app
        .bridge
        .write(move |tx| {
            if let Some(most) = most {
                users::in_turn(tx.conn(), owner)?;
                if collections::count_of_owner(tx.conn(), owner)? >= i64::from(most) {
                    return Err(ServiceError::TooManyCollections { most });
                }
            }
            Ok(make(tx, &spec, model.as_ref())?)
        })
        .await;
    made.map_err(name_taken)
}

/// Names that look like ids would be taken for ids.
pub(super) fn check_name(name: &CollectionName) -> Result<(), Invalid> {
    let rule = || Invalid::new("name", "a name does not look like an id");
    if name.looks_like_an_id() { Err(rule()) } else { Ok(()) }
}

pub(super) fn name_taken(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Db(error) if error.is_unique_violation_of("collections_name_key") => ServiceError::CollectionNameTaken,
        other => other,
    }
}
