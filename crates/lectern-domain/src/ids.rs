//! One type per id, so that a chat's id can't be passed where a stream's is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(/// An account.
    UserId(i32));
id!(/// An API token of an account.
    ApiTokenId(i32));
id!(/// A conversation.
    ChatId(i32));
id!(/// A question of a conversation and its answer.
    StreamId(i32));
id!(/// One writing of an answer.
    RunId(Uuid));
id!(/// A user's opinion of an answer.
    FeedbackId(i32));
id!(/// A set of documents with one language, one chunking and one owner.
    CollectionId(i32));
id!(/// One way of indexing a collection: language, chunking and embedding model, pinned.
    GenerationId(i32));
id!(/// An embedding model, as the database knows it.
    ModelId(i32));
id!(/// A document of a collection, whatever its version.
    DocumentId(i32));
id!(/// One content of a document.
    VersionId(Uuid));
id!(/// One passage of one version of a document; what stands under it never changes.
    ChunkId(Uuid));
id!(/// An entry of the change log, random, so that equal numbers of two histories can be told apart.
    EntryId(Uuid));
id!(/// Somebody who follows the change log: a folder of embedded indexes, or a remote store.
    FollowerId(Uuid));
id!(/// A database; minted anew by a restore or a copy.
    InstallationId(Uuid));
id!(/// A process that holds leases.
    HolderId(Uuid));
id!(/// A file on its way into a collection.
    UploadId(Uuid));
id!(/// A piece of work in the background.
    JobId(i32));
