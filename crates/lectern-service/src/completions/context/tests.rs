use super::*;

const FIRST: &str = r#"data: {"id":"c1","created":7,"model":"M","choices":[{"delta":{"content":"é"}}]}"#;
const ADDED: &str = r#"data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"M","choices":[{"index":0,"delta":{},"finish_reason":null}],"rag_context":[{"strategy":"last","references":["a","b"]}]}"#;

/// Every way to cut `stream` in two, and byte by byte, must give the same bytes. `+` stands for the added event.
#[track_caller]
fn check(stream: &str, expect: &str) {
    let (stream, expect) = (stream.replace('1', FIRST), expect.replace('1', FIRST).replace('+', &format!("{ADDED}\n\n")));
    let run = |parts: &[&[u8]]| {
        let mut inserter = Inserter::new("m", vec!["a".into(), "b".into()]);
        let mut out: Vec<u8> = parts.iter().flat_map(|part| inserter.push(part)).collect();
        out.extend(inserter.finish());
        String::from_utf8(out).expect("text")
    };
    let bytes = stream.as_bytes();
    for cut in 0..=bytes.len() {
        assert_eq!(run(&[&bytes[..cut], &bytes[cut..]]), expect, "cut at {cut}");
    }
    assert_eq!(run(&bytes.chunks(1).collect::<Vec<_>>()), expect, "byte by byte");
}

#[test]
fn the_event_comes_before_the_end_and_nothing_else_changes() {
    check("1\n\ndata: [DONE]\n\n", "1\n\n+data: [DONE]\n\n");
    check("1\r\n\r\ndata: [DONE]\r\n\r\n", "1\r\n\r\n+data: [DONE]\r\n\r\n");
    check("1\n\ndata:[DONE]\n\n: more\n\n", "1\n\n+data:[DONE]\n\n: more\n\n");
    check("1\n\ndata: [DONE]", "1\n\n+data: [DONE]");
    check("1\n\ndata: [DONE]\n\ndata: [DONE]\n\n", "1\n\n+data: [DONE]\n\ndata: [DONE]\n\n");
    check("1\n\ndata: [DONE\n\ndata: [DONE]]\n\n : data: [DONE]\n\n", "1\n\ndata: [DONE\n\ndata: [DONE]]\n\n : data: [DONE]\n\n+");
}

#[test]
fn a_stream_without_an_end_gets_it_at_the_end() {
    check("1\n\n", "1\n\n+");
    check("1\n", "1\n\n+");
    check("1", "1\n\n+");
    check("1\n\ndata: [DO", "1\n\ndata: [DO\n\n+");
}

#[test]
fn an_object_gets_one_more_member() {
    let append = |text: &str| append(text.into(), vec!["a".into()]).map(|bytes| String::from_utf8(bytes).expect("text"));
    let added = r#""rag_context":[{"strategy":"last","references":["a"]}]"#;
    assert_eq!(append("{\"b\" : \"}\" } \n").expect("an object"), format!("{{\"b\" : \"}}\" ,{added}}}"));
    assert_eq!(append("{}").expect("an object"), format!("{{{added}}}"));
    for no_object in ["[]", "{", "\"}\"", ""] {
        assert!(append(no_object).is_err(), "{no_object}");
    }
}
