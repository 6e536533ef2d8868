//! The collections that a caller may read, and one of them.

use super::named;
use crate::{ServiceError, app::App};
use lectern_domain::{
    Invalid,
    access::{Principal, may_read, readable},
    collection::{Collection, CollectionRef, Generation},
    page::Following,
};
use lectern_persistence::repo::{collections, documents};
use uuid::Uuid;

/// A collection, how it is searched, and how many documents it has.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionDetails {
    /// The collection.
    pub collection: Collection,
    /// Its current generation.
    pub generation: Generation,
    /// How many documents it has.
    pub documents: u64,
}

/// A page of the collections that `who` may read, in the order in which they were made.
///
/// # Errors
/// [`ServiceError::Invalid`] where there is no such collection to begin after, and failures of the database.
pub async fn list(app: &App, who: Principal, part: Following<Uuid>) -> Result<Vec<Collection>, ServiceError> {
    app.bridge
        .read(move |conn| {
            let after = part.after.map(|uid| named::one(conn, who, &CollectionRef::Id(uid))).transpose();
            let after = match after {
                Err(ServiceError::UnknownCollection(_)) => return Err(unknown_cursor()),
                after => after?.map(|(collection, _)| collection.id),
            };
            let mut page = collections::page(conn, readable(who), Following { after, limit: part.limit, descending: part.descending })?;
            page.retain(|collection| may_read(who, collection));
            Ok(page)
        })
        .await
}

/// The collection that `who` means.
///
/// # Errors
/// [`ServiceError::UnknownCollection`], and failures of the database.
pub async fn get(app: &App, who: Principal, named: CollectionRef) -> Result<CollectionDetails, ServiceError> {
    app.bridge
        .read(move |conn| {
            let (collection, generation) = named::one(conn, who, &named)?;
            let documents = documents::count(conn, collection.id)?;
            Ok(CollectionDetails { collection, generation, documents: u64::try_from(documents).unwrap_or_default() })
        })
        .await
}

/// What a page is to begin after is not there, or not for the caller.
pub fn unknown_cursor() -> ServiceError {
    Invalid::new("after", "there is no such item to begin after").into()
}
