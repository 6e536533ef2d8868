//! Change a collection's name, or who may read it.

use super::{
    create::{check_name, name_taken},
    named,
};
use crate::{ServiceError, accounts::Caller, app::App};
use lectern_domain::{
    access::may_publish,
    collection::{Collection, CollectionName, CollectionRef, Visibility},
};
use lectern_persistence::repo::collections;

/// What is to be another way; what is none stays.
#[derive(Debug, Clone, Default)]
pub struct CollectionChange {
    /// Its name.
    pub name: Option<CollectionName>,
    /// Who may read it.
    pub visibility: Option<Visibility>,
}

/// Changes a collection that the caller may change. Only who may publish makes one public.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], [`ServiceError::Forbidden`], [`ServiceError::Invalid`] for a name that looks like an id,
/// [`ServiceError::CollectionNameTaken`], and failures of the database.
pub async fn change(app: &App, caller: &Caller, named: CollectionRef, change: CollectionChange) -> Result<Collection, ServiceError> {
    if let Some(name) = &change.name {
        check_name(name)?;
    }
    let who = caller.principal();
    let changed = app
        .bridge
        .write(move |tx| {
            let (mut collection, _) = named::writable(tx.conn(), who, &named)?;
            let (name, visibility) = (change.name.as_ref(), change.visibility.unwrap_or(collection.visibility));
            if visibility == Visibility::Public && collection.visibility != Visibility::Public && !may_publish(who) {
                return Err(ServiceError::Forbidden);
            }
            if visibility == collection.visibility && name.is_none_or(|name| *name == collection.name) {
                return Ok(collection);
            }
            collection.visibility = visibility;
            collection.name = change.name.unwrap_or(collection.name);
            collection.updated_at = chrono::Utc::now();
            collections::update(tx.conn(), &collection)?;
            Ok(collection)
        })
        .await;
    changed.map_err(name_taken)
}
