//! Documents in, passages out: the text of a file or of a line, and the chunks that it is cut into.
//!
//! Nothing here touches a disk or a network. The caller opens files and walks folders; it asks [`FileKind::of_path`] what a path is,
//! hands bytes to [`read_file`] or a reader to [`JsonLines`], and gets [`NewDocument`](lectern_domain::document::NewDocument)s.
//! [`passages`] cuts a document's text, and [`detect`] finds out its language.

mod chunk;
mod file;
mod headings;
mod html;
mod jsonl;
mod kind;
mod language;
mod nesting;
mod sections;
mod settings;

pub use chunk::passages;
pub use file::{FileError, external_id, read_file, read_to_limit};
pub use jsonl::{JsonLines, LineError, LineProblem};
pub use kind::{FileKind, JSON_LINES_EXTENSION};
pub use language::detect;
pub use settings::CorpusSettings;
