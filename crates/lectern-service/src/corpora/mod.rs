//! Collections and their documents.

mod change;
mod create;
mod delete;
mod documents;
mod ensure;
mod import;
mod limits;
mod list;
mod load;
pub(crate) mod named;
mod put;
mod remove;
mod source;

pub use change::{CollectionChange, change};
pub use create::{WantedCollection, create};
pub use delete::delete;
pub(crate) use documents::readable_chunks;
pub use documents::{DocumentDetails, chunk, chunks_of, delete_document, document, documents};
pub use ensure::{Ensured, NewCollectionSpec, ensure};
pub use import::{ImportRequest, Seed, import};
pub use limits::LoadLimits;
pub use list::unknown_cursor;
pub use list::{CollectionDetails, get, list};
pub use load::{LanguageFrom, LoadRequest, Loaded, Progress, load};
pub(crate) use put::chunks_made_of;
pub use put::{Outcome, Put, put};
pub use remove::{DropCollection, remove};
pub use source::Failure;
