//! Who may do what: pure functions, and the only place where a [`Scope`] is built.

use crate::{
    chat::Chat,
    collection::{Collection, Generation, Visibility},
    feedback::Feedback,
    ids::{CollectionId, UserId},
    stream::Stream,
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

/// Which collections somebody may read, for whoever asks a database for no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readable {
    /// Every one.
    All,
    /// The public ones, and those of this account.
    PublicAndOf(UserId),
}

/// Which collections `who` may read: those of which [`may_read`] says so.
pub fn readable(who: Principal) -> Readable {
    match who {
        Principal::Operator | Principal::User { admin: true, .. } => Readable::All,
        Principal::User { id, admin: false } => Readable::PublicAndOf(id),
    }
}

/// Whether `who` may show a collection to every confirmed user: administrators, since all of them search it from then on.
pub fn may_publish(who: Principal) -> bool {
    matches!(who, Principal::Operator | Principal::User { admin: true, .. })
}

/// Whether `who` may see how an upload goes: who sent it, and whoever may change what it goes into.
pub fn may_read_upload(who: Principal, uploader: UserId, collection: &Collection) -> bool {
    matches!(who, Principal::User { id, .. } if id == uploader) || may_write(who, collection)
}

/// Whether `who` may change the collection and its documents.
pub fn may_write(who: Principal, collection: &Collection) -> bool {
    match who {
        Principal::Operator | Principal::User { admin: true, .. } => true,
        Principal::User { id, .. } => collection.owner == Some(id),
    }
}

/// Whether `who` may read the chat: its owner and administrators.
pub fn may_read_chat(who: Principal, chat: &Chat) -> bool {
    match who {
        Principal::Operator | Principal::User { admin: true, .. } => true,
        Principal::User { .. } => may_write_chat(who, chat),
    }
}

/// Whether `who` may add to the chat, change it or delete it: its owner, and no administrator for them.
pub fn may_write_chat(who: Principal, chat: &Chat) -> bool {
    match who {
        Principal::Operator => true,
        Principal::User { id, .. } => chat.user == id,
    }
}

/// Whether `who` may read the stream: administrators, who asked, and the owner of its chat.
pub fn may_read_stream(who: Principal, stream: &Stream, chat_owner: Option<UserId>) -> bool {
    match who {
        Principal::Operator | Principal::User { admin: true, .. } => true,
        Principal::User { .. } => may_run_stream(who, stream, chat_owner),
    }
}

/// Whether `who` may start, stop and search on behalf of the stream: who asked and the owner of its chat, no administrator for them.
pub fn may_run_stream(who: Principal, stream: &Stream, chat_owner: Option<UserId>) -> bool {
    match who {
        Principal::Operator => true,
        Principal::User { id, .. } => stream.user == Some(id) || chat_owner == Some(id),
    }
}

/// Whether `who` may give an opinion of the stream's answer: whoever may read it.
pub fn may_rate_stream(who: Principal, stream: &Stream, chat_owner: Option<UserId>) -> bool {
    may_read_stream(who, stream, chat_owner)
}

/// Whether `who` may read the feedback: its author and administrators.
pub fn may_read_feedback(who: Principal, feedback: &Feedback) -> bool {
    match who {
        Principal::Operator | Principal::User { admin: true, .. } => true,
        Principal::User { .. } => may_delete_feedback(who, feedback),
    }
}

/// Whether `who` may delete the feedback: its author, no administrator for them.
pub fn may_delete_feedback(who: Principal, feedback: &Feedback) -> bool {
    match who {
        Principal::Operator => true,
        Principal::User { id, .. } => feedback.user == id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chat::ChatType,
        ids::{ChatId, StreamId},
        stream::{NewStream, Temperature},
    };
    use crate::{
        collection::{Chunking, CollectionName},
        fields::FilterableFields,
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
            fields: FilterableFields::default(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        };
        let chunking = Chunking::new(1000, 0).expect("a valid chunking");
        let fields = FilterableFields::default();
        let generation =
            Generation { id: GenerationId(id), collection: collection.id, language: Language::Fr, chunking, fields, model: None };
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

    fn chat(owner: i32) -> Chat {
        Chat {
            id: ChatId(1),
            user: UserId(owner),
            name: None,
            chat_type: ChatType::Meeting,
            operators: None,
            themes: None,
            stream_count: 0,
            created_at: None,
            updated_at: None,
        }
    }

    fn stream(user: i32) -> Stream {
        Stream {
            id: StreamId(1),
            user: Some(UserId(user)),
            chat: None,
            question: NewStream {
                model_name: "m".into(),
                query: String::new(),
                mode: None,
                limit: None,
                with_history: None,
                context: String::new(),
                institution: String::new(),
                links: String::new(),
                temperature: Temperature::try_from(0.2).expect("valid"),
                collections: None,
                sources: vec![],
                should_sids: None,
                must_not_sids: None,
                postprocessing: None,
            },
            is_streaming: false,
            prompt: None,
            response: None,
            search_sids: None,
            rag_sources: None,
            created_at: None,
            updated_at: None,
        }
    }

    #[test]
    fn conversations_are_read_by_owners_and_administrators_and_changed_by_owners() {
        let owner = Principal::User { id: UserId(7), admin: false };
        let stranger = Principal::User { id: UserId(8), admin: false };
        let admin = Principal::User { id: UserId(9), admin: true };
        for (who, read, write) in [(owner, true, true), (stranger, false, false), (admin, true, false), (Principal::Operator, true, true)] {
            assert_eq!((may_read_chat(who, &chat(7)), may_write_chat(who, &chat(7))), (read, write), "{who:?}, chat");
            assert_eq!((may_read_stream(who, &stream(7), None), may_run_stream(who, &stream(7), None)), (read, write), "{who:?}, stream");
        }
        assert!(may_run_stream(owner, &stream(8), Some(UserId(7))), "the owner of the chat");
        assert!(!may_read_stream(stranger, &stream(7), Some(UserId(7))));
    }
}
