//! What a file is, told by its name.

use lectern_domain::document::Format;
use std::path::Path;

/// The extension of files that hold one JSON object a line.
pub const JSON_LINES_EXTENSION: &str = "jsonl";

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Many documents, one JSON object a line: [`crate::JsonLines`].
    JsonLines,
    /// One document: [`crate::read_file`].
    Document(Format),
}

impl FileKind {
    /// What the file at `path` holds, by its extension in any case; none where the extension is not one of
    /// `jsonl`, `md`, `markdown`, `txt`, `html` and `htm`.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            JSON_LINES_EXTENSION => Some(Self::JsonLines),
            "md" | "markdown" => Some(Self::Document(Format::Markdown)),
            "txt" => Some(Self::Document(Format::Text)),
            "html" | "htm" => Some(Self::Document(Format::Html)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_tell_what_a_file_is() {
        let cases = [
            ("a.jsonl", Some(FileKind::JsonLines)),
            ("b/a.MD", Some(FileKind::Document(Format::Markdown))),
            ("a.markdown", Some(FileKind::Document(Format::Markdown))),
            ("a.b.txt", Some(FileKind::Document(Format::Text))),
            ("a.htm", Some(FileKind::Document(Format::Html))),
            ("a.Html", Some(FileKind::Document(Format::Html))),
            ("a.pdf", None),
            ("md", None),
            (".md", None),
        ];
        for (path, expected) in cases {
            assert_eq!(FileKind::of_path(Path::new(path)), expected, "{path}");
        }
    }
}
