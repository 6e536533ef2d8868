//! Documents from files.

use lectern_corpus::{CorpusSettings, FileError, external_id, read_file, read_to_limit};
use lectern_domain::document::{ExternalId, Format, NewDocument};
use std::path::Path;

fn read(id: &str, format: Format, bytes: &[u8]) -> Result<NewDocument, FileError> {
    read_file(ExternalId::try_from(id.to_owned()).unwrap(), format, bytes.to_vec(), &CorpusSettings::default())
}

#[test]
fn titles_come_from_the_text_or_the_name() {
    let cases: &[(&str, Format, &str, &str)] = &[
        ("a/b.md", Format::Markdown, "Intro\n\n## First *one*\n# Second", "First one"),
        ("a/b.c.md", Format::Markdown, "no heading", "b.c"),
        ("a/note.txt", Format::Text, "# not a heading in plain text", "note"),
        (".txt", Format::Text, "", ".txt"),
        ("p.html", Format::Html, "<title>\n A &amp; B\n</title><h1>C</h1>", "A & B"),
        ("p.html", Format::Html, "<title> </title><h1>C</h1>", "C"),
        ("p.html", Format::Html, "<p>nothing", "p"),
    ];
    for (id, format, text, title) in cases {
        assert_eq!(read(id, *format, text.as_bytes()).unwrap().title, *title, "{text}");
    }
    let long = format!("# {}", "x".repeat(10_000));
    assert!(read("a.md", Format::Markdown, long.as_bytes()).unwrap().title.chars().count() <= 300);
}

#[test]
fn the_text_is_kept_as_it_is() {
    for text in ["", "x", " a\r\n\tb \n\n"] {
        assert_eq!(read("a.txt", Format::Text, text.as_bytes()).unwrap().text, text);
    }
    assert_eq!(read("a.md", Format::Markdown, b"\xEF\xBB\xBF# T").unwrap().text, "# T");
}

#[test]
fn html_becomes_the_markdown_of_what_it_says() {
    let page = "<!doctype html><html><head><title>T</title><style>p{}</style></head><body><nav><a href=/>Home</a></nav>\
                <h1>One</h1><p>Some <b>bold</b> &eacute;t&eacute;.</p><script>alert(1)</script><ul><li>a<li>b</ul>\
                <table><tr><th>k</th><th>v</th></tr><tr><td>1</td><td>2</td></tr></table><noscript>no</noscript></body></html>";
    let text = read("p.html", Format::Html, page.as_bytes()).unwrap().text;
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).map(str::trim_end).collect();
    assert_eq!(lines, ["# One", "Some **bold** été.", "*   a", "*   b", "| k | v |", "| - | - |", "| 1 | 2 |"]);
}

#[test]
fn what_is_no_text_is_refused_with_the_place() {
    let cases: &[(&[u8], &str)] = &[
        (b"ab\xffc", "invalid UTF-8 at byte 2; convert the file to UTF-8"),
        (b"a\xff\0", "invalid UTF-8 at byte 1; convert the file to UTF-8"),
        (b"abc\0\xff", "a NUL at byte 3; this is not a text file"),
    ];
    for (bytes, message) in cases {
        assert_eq!(read("a.txt", Format::Text, bytes).unwrap_err().to_string(), *message);
    }
}

#[test]
fn sizes_have_bounds() {
    let settings = CorpusSettings { max_file_bytes: 4, max_html_bytes: 3, ..CorpusSettings::default() };
    let cases = [
        (Format::Text, 4, None),
        (Format::Markdown, 5, Some("max_file_bytes")),
        (Format::Html, 3, None),
        (Format::Html, 4, Some("max_html_bytes")),
    ];
    for (format, size, setting) in cases {
        let bytes = vec![b'a'; size];
        let found = [
            read_to_limit(bytes.as_slice(), format, &settings).err(),
            read_file(ExternalId::try_from("a".to_owned()).unwrap(), format, bytes.clone(), &settings).err(),
        ];
        for error in found {
            match (error, setting) {
                (None, None) => {}
                (Some(FileError::TooLarge { setting: named, .. }), Some(setting)) => assert_eq!(named, setting),
                (error, _) => panic!("{format:?} of {size}: {error:?}"),
            }
        }
    }
    // An endless reader is left alone as soon as it has given too much.
    assert!(read_to_limit(std::io::repeat(b'a'), Format::Text, &settings).is_err());
}

#[test]
fn deep_html_is_refused_and_long_html_is_not() {
    for tag in ["<div>", "<b><i>", "<ul><li>", "<table><tr><td>", "<blockquote>"] {
        let error = read("p.html", Format::Html, tag.repeat(100_000).as_bytes()).unwrap_err();
        assert!(matches!(error, FileError::TooDeep { .. }), "{tag}: {error}");
    }
    // Deep, but within the bounds: converted without using up the stack of a thread.
    for (tag, times) in [("<blockquote><ul><li>", 120), ("<table><tr><td>", 250), ("<div>", 250)] {
        let deep = format!("{}x", tag.repeat(times));
        assert!(read("p.html", Format::Html, deep.as_bytes()).unwrap().text.contains('x'), "{tag}");
    }
    let wide = "<p>word <b>word</b></p>\n".repeat(20_000);
    assert!(read("p.html", Format::Html, wide.as_bytes()).unwrap().text.len() > 200_000);
}

#[test]
fn ids_are_paths_below_the_folder_that_was_given() {
    let cases =
        [("docs", "docs/a/b.md", "a/b.md"), ("docs/", "docs/./a.md", "a.md"), ("/x/a.md", "/x/a.md", "a.md"), ("other", "/x/y.md", "y.md")];
    for (root, path, id) in cases {
        assert_eq!(external_id(Path::new(root), Path::new(path)).unwrap().as_str(), id, "{root} {path}");
    }
    assert!(matches!(external_id(Path::new("r"), Path::new(&format!("r/{}", "d/".repeat(300)))), Err(FileError::Id(_))));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8_is_refused() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let path = Path::new("r").join(OsStr::from_bytes(b"\xff.md"));
    assert!(matches!(external_id(Path::new("r"), &path), Err(FileError::PathNotUtf8)));
}
