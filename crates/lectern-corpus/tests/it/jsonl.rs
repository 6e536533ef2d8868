//! Documents from JSON lines.

use lectern_corpus::{JsonLines, LineError, LineProblem};
use lectern_domain::document::NewDocument;
use std::io::{BufReader, Cursor, Read};

fn read(input: &[u8], limit: usize) -> Vec<Result<NewDocument, LineError>> {
    // A buffer of a few bytes cuts lines wherever it can.
    JsonLines::new(BufReader::with_capacity(7, Cursor::new(input.to_vec())), limit).collect()
}

#[track_caller]
fn check(input: &[u8], expected: &[Result<&str, &str>]) {
    let read: Vec<_> =
        read(input, 1000).into_iter().map(|item| item.map(|d| d.external_id.to_string()).map_err(|e| e.to_string())).collect();
    let expected: Vec<_> = expected.iter().map(|item| item.map(str::to_owned).map_err(str::to_owned)).collect();
    assert_eq!(read, expected);
}

#[test]
fn every_field_finds_its_place() {
    let line = br#"{"_id": "a", "title": "T", "text": "x\ny", "url": "http://u", "source": "s", "theme": "t", "n": [1, {"k": null}]}"#;
    let document = read(line, 1000).pop().unwrap().unwrap();
    assert_eq!((document.title.as_str(), document.text.as_str()), ("T", "x\ny"));
    assert_eq!((document.url.as_deref(), document.source.as_deref()), (Some("http://u"), Some("s")));
    assert_eq!(serde_json::to_string(&document.metadata).unwrap(), r#"{"theme":"t","n":[1,{"k":null}]}"#);
}

#[test]
fn optional_fields_may_be_absent_or_null() {
    for line in [&br#"{"_id": 7, "text": ""}"#[..], br#"{"_id": 7, "title": null, "text": null, "url": null, "source": null}"#] {
        let document = read(line, 1000).pop().unwrap().unwrap();
        assert_eq!(document.external_id.as_str(), "7");
        assert_eq!((document.title.as_str(), document.text.as_str()), ("", ""));
        assert_eq!((document.url, document.source, document.metadata.len()), (None, None, 0));
    }
}

#[test]
fn blank_lines_marks_and_ends_of_lines_are_no_errors() {
    check(b"", &[]);
    check(b"\n \t\r\n\n", &[]);
    check(b"\xEF\xBB\xBF{\"_id\":\"a\",\"text\":\"\"}\r\n\n{\"_id\":\"b\",\"text\":\"\"}", &[Ok("a"), Ok("b")]);
    check(b"{\"_id\":-3,\"text\":\"\"}\n{\"_id\":18446744073709551615,\"text\":\"\"}\n", &[Ok("-3"), Ok("18446744073709551615")]);
}

#[test]
fn a_wrong_line_is_named_and_the_next_one_is_read() {
    let cases: &[(&[u8], &str)] = &[
        (b"{\"_id\": \"x\", ", "not valid JSON at column 13; each line holds one whole JSON object"),
        (b"[1]", "not a JSON object; write {\"_id\": …, \"title\": …, \"text\": …}"),
        (b"{\"text\":\"\"}", "_id: is missing; every line needs one that no other line has"),
        (b"{\"_id\":1.5,\"text\":\"\"}", "_id: must be text or a whole number"),
        (b"{\"_id\":null,\"text\":\"\"}", "_id: must be text or a whole number"),
        (b"{\"_id\":\"\",\"text\":\"\"}", "_id: a document's id has 1 to 500 characters and no control characters"),
        (b"{\"_id\":\"x\"}", "text: is missing; write \"text\": \"\" for a document without text"),
        (b"{\"_id\":\"x\",\"text\":3}", "text: must be text"),
        (b"{\"_id\":\"x\",\"text\":\"\",\"url\":[]}", "url: must be text"),
        (b"{\"_id\":\"\xff\",\"text\":\"\"}", "invalid UTF-8 at byte 8 of the line; convert the file to UTF-8"),
    ];
    for (line, problem) in cases {
        let input = [b"{\"_id\":\"a\",\"text\":\"\"}\n".as_slice(), line, b"\n{\"_id\":\"b\",\"text\":\"\"}\n"].concat();
        check(&input, &[Ok("a"), Err(&format!("line 2: {problem}")), Ok("b")]);
    }
}

#[test]
fn a_long_line_is_passed_over_without_being_kept() {
    // 64 MiB of one line, never in memory as a whole.
    let long = std::io::repeat(b'x').take(1 << 26);
    let input = Cursor::new(b"{\"_id\":\"a\",\"text\":\"\"}\n").chain(long).chain(Cursor::new(b"\n{\"_id\":\"b\",\"text\":\"\"}"));
    let mut lines = JsonLines::new(BufReader::with_capacity(1 << 16, input), 1 << 16);
    assert_eq!(lines.next().unwrap().unwrap().external_id.as_str(), "a");
    let error = lines.next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "line 2: longer than 65536 bytes; raise max_line_bytes or cut the document into several");
    assert_eq!(lines.next().unwrap().unwrap().external_id.as_str(), "b");
    assert!(lines.next().is_none());
    assert_eq!((lines.line(), lines.bytes_read()), (3, 2 * 21 + 1 + (1 << 26) + 1));
}

#[test]
fn the_limit_is_exact() {
    let line = "{\"_id\":\"a\",\"text\":\"\"}";
    for end in ["", "\n", "\r\n"] {
        let input = format!("{line}{end}");
        assert!(read(input.as_bytes(), line.len())[0].is_ok(), "{end:?}");
        let error = read(input.as_bytes(), line.len() - 1).remove(0).unwrap_err();
        assert!(matches!(error.problem, LineProblem::TooLong { limit: 20 }), "{end:?}");
    }
}

#[test]
fn nul_is_removed_everywhere() {
    let line = br#"{"_id": "a\u0000b", "title": "\u0000T", "text": "x\u0000y", "m": {"k\u0000": ["\u0000v"]}}"#;
    let document = read(line, 1000).pop().unwrap().unwrap();
    assert_eq!((document.external_id.as_str(), document.title.as_str(), document.text.as_str()), ("ab", "T", "xy"));
    assert_eq!(serde_json::to_string(&document.metadata).unwrap(), r#"{"m":{"k":["v"]}}"#);
}

#[test]
fn a_broken_stream_ends_the_reading() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("unplugged"))
        }
    }
    let mut lines = JsonLines::new(BufReader::new(Cursor::new(b"{\"_id\":1,\"text\":\"\"}\n{").chain(Broken)), 100);
    assert!(lines.next().unwrap().is_ok());
    assert_eq!(lines.next().unwrap().unwrap_err().to_string(), "line 2: cannot be read");
    assert!(lines.next().is_none());
}
