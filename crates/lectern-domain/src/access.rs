//! Who may do what: pure functions, and the only place where a [`Scope`] is built.

use crate::{
    collection::{Collection, Generation, Visibility},
    ids::{CollectionId, UserId},
    user::User,
};

/// On whose behalf something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// A signed-in user.
    User {
        /// Who.
        id: UserId,
        /// Whether they administer the installation.
        admin: bool,
    },
    /// Whoever holds the machine: the command line.
    Operator,
}

impl From<&User> for Principal {
    fn from(user: &User) -> Self {
        Self::User { id: user.id, admin: user.is_admin }
    }
}

/// The generations that a caller may search. No store can be asked without one, and none can be made but here.
#[derive(Debug, Clone)]
pub struct Scope {
    generations: Vec<Generation>,
}

impl Scope {
    /// The generations of those collections that `who` may read; the others are left out silently.
    pub fn readable(who: Principal, collections: impl IntoIterator<Item = (Collection, Generation)>) -> Self {
        let generations = collections
            .into_iter()
            .filter(|(collection, generation)| generation.collection == collection.id && may_read(who, collection))
            .map(|(_, generation)| generation)
            .collect();
        Self { generations }
    }

    /// What may be searched.
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// The part of this scope that `keep` accepts.
    #[must_use]
    pub fn narrowed(&self, keep: impl Fn(&Generation) -> bool) -> Self {
        Self { generations: self.generations.iter().filter(|generation| keep(generation)).cloned().collect() }
    }

    /// Whether a row of this collection may be shown.
    pub fn allows(&self, collection: CollectionId) -> bool {
        self.generations.iter().any(|generation| generation.collection == collection)
    }
}

/// Whether `who` may read the collection's documents.
pub fn may_read(who: Principal, collection: &Collection) -> bool {
    match who {
        Principal::Operator | Principal::User { admin: true, .. } => true,
        Principal::User { id, .. } => collection.visibility == Visibility::Public || collection.owner == Some(id),
    }
}

/// Whether `who` may change the collection and its documents.
pub fn may_write(who: Principal, collection: &Collection) -> bool {
    match who {
        Principal::Operator | Principal::User { admin: true, .. } => true,
        Principal::User { id, .. } => collection.owner == Some(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        collection::{Chunking, CollectionName},
        ids::GenerationId,
        language::Language,
    };
    use chrono::DateTime;

    fn collection(id: i32, owner: Option<i32>, visibility: Visibility) -> (Collection, Generation) {
        let name = CollectionName::try_from(format!("c{id}")).expect("a valid name");
        let collection = Collection {
            id: CollectionId(id),
            uid: name.uid(),
            name,
            owner: owner.map(UserId),
            visibility,
            language: Language::Fr,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let chunking = Chunking::new(1000, 0).expect("a valid chunking");
        let generation = Generation { id: GenerationId(id), collection: collection.id, language: Language::Fr, chunking, model: None };
        (collection, generation)
    }

    #[track_caller]
    fn check(who: Principal, expect: &[i32]) {
        let all = [
            collection(1, None, Visibility::Public),
            collection(2, Some(7), Visibility::Private),
            collection(3, Some(8), Visibility::Private),
            collection(4, None, Visibility::Private),
        ];
        let scope = Scope::readable(who, all);
        assert_eq!(scope.generations().iter().map(|generation| generation.collection.0).collect::<Vec<_>>(), expect);
        assert_eq!((1..=4).filter(|&id| scope.allows(CollectionId(id))).collect::<Vec<_>>(), expect);
    }

    #[test]
    fn a_user_reads_what_is_public_and_their_own() {
        check(Principal::User { id: UserId(7), admin: false }, &[1, 2]);
    }

    #[test]
    fn administrators_and_the_operator_read_everything() {
        check(Principal::User { id: UserId(9), admin: true }, &[1, 2, 3, 4]);
        check(Principal::Operator, &[1, 2, 3, 4]);
    }
}
