//! Files that callers send: taken part by part into the database, then turned into documents by a job that any process may take.

mod format;
mod ingest;
mod lines;
mod receive;
mod status;

pub use format::format_of;
pub use ingest::Ingest;
pub use receive::{NewFile, Receiving};
pub use status::{Stage, UploadView, list, status};
