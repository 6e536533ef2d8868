//! Collections that a caller names, as far as they may be read: looked up and judged in one place.

use crate::ServiceError;
use lectern_domain::{
    access::{Principal, may_read, may_write},
    collection::{Collection, CollectionKey, CollectionRef, Generation, Visibility},
    ids::CollectionId,
};
use lectern_persistence::{
    Conn,
    repo::collections::{self, Which},
};

/// The collections that `who` means by these names, each with its current generation, in their order.
///
/// # Errors
/// [`ServiceError::UnknownCollection`] for one that is not there or that `who` may not read: which of the two is not told.
pub(crate) fn all(conn: &mut Conn, who: Principal, named: &[CollectionRef]) -> Result<Vec<(Collection, Generation)>, ServiceError> {
    let (mut keys, mut uids) = (Vec::new(), Vec::new());
    for one in named {
        match one {
            CollectionRef::Id(uid) => uids.push(*uid),
            name => keys.extend(keys_of(who, name)),
        }
    }
    let mut found = collections::with_generation(conn, &Which::These(keys, uids))?;
    found.retain(|(collection, _)| may_read(who, collection));
    named
        .iter()
        .map(|one| {
            let by_id = |(collection, _): &&(Collection, Generation)| matches!(one, CollectionRef::Id(uid) if *uid == collection.uid);
            let by_key = |key: CollectionKey| found.iter().find(|(collection, _)| key_of(collection) == key);
            let meant = found.iter().find(by_id).or_else(|| keys_of(who, one).into_iter().find_map(by_key));
            meant.cloned().ok_or_else(|| ServiceError::UnknownCollection(one.to_string()))
        })
        .collect()
}

/// The collection that `who` means.
///
/// # Errors
/// As [`all`].
pub(crate) fn one(conn: &mut Conn, who: Principal, named: &CollectionRef) -> Result<(Collection, Generation), ServiceError> {
    let found = all(conn, who, std::slice::from_ref(named))?.pop();
    found.ok_or_else(|| ServiceError::UnknownCollection(named.to_string()))
}

/// The collection that `who` means and may change.
///
/// # Errors
/// As [`all`], then [`ServiceError::Forbidden`].
pub(crate) fn writable(conn: &mut Conn, who: Principal, named: &CollectionRef) -> Result<(Collection, Generation), ServiceError> {
    let found = one(conn, who, named)?;
    if may_write(who, &found.0) { Ok(found) } else { Err(ServiceError::Forbidden) }
}

/// The collection with this id, with its current generation, where `who` may read it.
///
/// # Errors
/// Failures of the database.
pub(crate) fn by_id(conn: &mut Conn, who: Principal, id: CollectionId) -> Result<Option<(Collection, Generation)>, ServiceError> {
    let found = collections::with_generation(conn, &Which::Ids(vec![id]))?.pop();
    Ok(found.filter(|(collection, _)| may_read(who, collection)))
}

/// Under what a name is looked up, what counts most first.
fn keys_of(who: Principal, named: &CollectionRef) -> Vec<CollectionKey> {
    let shared = |name| CollectionKey::new(None, Visibility::Public, name);
    match (named, who) {
        (CollectionRef::Id(_), _) => Vec::new(),
        (CollectionRef::Name(name), Principal::User { id, .. }) => {
            vec![CollectionKey::new(Some(id), Visibility::Private, name), shared(name)]
        }
        (CollectionRef::Name(name) | CollectionRef::Shared(name), _) => vec![shared(name)],
    }
}

fn key_of(collection: &Collection) -> CollectionKey {
    CollectionKey::new(collection.owner, collection.visibility, &collection.name)
}
