//! What a file holds, by what is said of it.

use lectern_corpus::FileKind;
use lectern_domain::upload::UploadFormat;
use std::path::Path;

/// What a file holds: its name's extension says so, or else its content type. None where neither is known.
pub fn format_of(name: &str, content_type: Option<&str>) -> Option<UploadFormat> {
    let by_name = FileKind::of_path(Path::new(name)).map(|kind| match kind {
        FileKind::JsonLines => UploadFormat::Jsonl,
        FileKind::Document(format) => format.into(),
    });
    let has_extension = Path::new(name).extension().is_some();
    by_name.or_else(|| match content_type.filter(|_| !has_extension)? {
        "application/jsonl" | "application/x-ndjson" | "application/x-jsonlines" => Some(UploadFormat::Jsonl),
        "text/markdown" => Some(UploadFormat::Markdown),
        "text/html" => Some(UploadFormat::Html),
        "text/plain" => Some(UploadFormat::Text),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, content_type: Option<&str>, expect: Option<UploadFormat>) {
        assert_eq!(format_of(name, content_type), expect, "{name} {content_type:?}");
    }

    #[test]
    fn a_name_counts_more_than_a_type() {
        check("a.JSONL", Some("text/plain"), Some(UploadFormat::Jsonl));
        check("a.md", None, Some(UploadFormat::Markdown));
        check("notes", Some("text/html"), Some(UploadFormat::Html));
        check("notes", Some("application/x-ndjson"), Some(UploadFormat::Jsonl));
        check("a.pdf", Some("text/plain"), None);
        check("a", Some("application/pdf"), None);
        check("", None, None);
    }
}
