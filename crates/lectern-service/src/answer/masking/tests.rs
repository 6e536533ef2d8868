//! Whatever the cutting, what is sent is what is kept, and nothing survives.

use super::*;
use crate::answer::postprocessing::Postprocessing;
use proptest::prelude::*;
use std::sync::Arc;

fn masking() -> Masking {
    let names = ["check_mail", "check_number", "check_url"].map(str::to_owned);
    let checks = Arc::new(Postprocessing::without_list().expect("expressions"));
    Masking::new(checks.masks(&names).expect("known names").expect("something to do"))
}

/// Events as a model sends them, with the text in these pieces.
fn events(pieces: &[&str]) -> String {
    let event = |delta: Value, reason: Value| {
        let choice = json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": reason });
        format!(
            "data: {}\n\n",
            json!({ "id": "chatcmpl-7", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice] })
        )
    };
    let mut events = event(json!({ "role": "assistant", "content": "" }), Value::Null);
    events.extend(pieces.iter().map(|piece| event(json!({ "content": piece }), Value::Null)));
    events + &event(json!({}), json!("stop")) + "data: [DONE]\n\n"
}

/// What is sent for a stream that comes in these cuts, and what is kept.
fn run(stream: &[u8], cuts: &[usize]) -> (String, String) {
    let mut masking = masking();
    let (mut sent, mut from) = (Vec::new(), 0);
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect();
    ends.push(stream.len());
    ends.sort_unstable();
    for end in ends {
        sent.extend(masking.push(&stream[from..end]).expect("understood").unwrap_or_default());
        from = end;
    }
    sent.extend(masking.finish().unwrap_or_default());
    (String::from_utf8(sent).expect("text"), masking.into_text())
}

/// The text of what was sent, as a client reads it.
fn read(sent: &str) -> String {
    let mut decoder = SseDecoder::new();
    decoder.push(sent.as_bytes()).expect("events").iter().filter_map(content_delta).collect()
}

fn part() -> impl Strategy<Value = String> {
    let maskable = prop_oneof![
        "[a-z]{1,8}\\.[a-z]{1,8}@[a-z]{2,8}\\.(net|com|example)",
        "0[1-9]( [0-9]{2}){4}",
        "\\+33 [1-9](\\.[0-9]{2}){4}",
        "https://[a-z]{2,8}\\.(net|org)/[a-z0-9?=&.]{0,9}",
    ];
    let plain = prop_oneof!["[a-zA-Zéà]{1,9}", Just("2026".to_owned()), Just("M. Dupont".to_owned()), Just("…".to_owned())];
    let blank = prop_oneof![Just(" "), Just(". "), Just("\n"), Just(" ! "), Just(", ")];
    (prop_oneof![1 => maskable, 2 => plain], blank).prop_map(|(text, blank)| text + blank)
}

proptest! {
    #[test]
    fn nothing_survives_and_what_is_sent_is_kept(parts in prop::collection::vec(part(), 0..12), splits in prop::collection::vec(any::<usize>(), 0..12), cuts in prop::collection::vec(any::<usize>(), 0..12)) {
        let text = parts.concat();
        // The model's pieces, cut between any two characters.
        let mut ends: Vec<usize> = splits.iter().map(|split| text.floor_char_boundary(split % (text.len() + 1))).collect();
        ends.push(text.len());
        ends.sort_unstable();
        let mut from = 0;
        let pieces: Vec<&str> = ends.into_iter().map(|end| { let piece = &text[from..end]; from = end; piece }).collect();
        let (sent, kept) = run(events(&pieces).as_bytes(), &cuts);
        prop_assert_eq!(read(&sent), kept.clone());
        prop_assert!(sent.ends_with("data: [DONE]\n\n"));
        // Whatever the pieces, the same as all at once.
        let (_, whole) = run(events(&[&text]).as_bytes(), &[]);
        prop_assert_eq!(&kept, &whole);
        let again = masking().masks.mask(&kept);
        prop_assert_eq!(&again, &kept, "nothing is left to be masked");
        prop_assert!(!kept.contains('@') && !kept.contains("://"));
    }
}

#[test]
fn events_keep_the_model_s_form() {
    let (sent, kept) = run(events(&["Écrivez à jean.", "dupont@x", ".net. Ou", " non."]).as_bytes(), &[]);
    assert_eq!(kept, "Écrivez à [MAIL MASQUÉ]. Ou non.");
    let lines: Vec<Value> = sent.split("\n\n").filter_map(|event| serde_json::from_str(event.strip_prefix("data: ")?).ok()).collect();
    assert!(lines.iter().all(|event| event["id"] == "chatcmpl-7" && event["model"] == "m"));
    let deltas: Vec<&Value> = lines.iter().map(|event| &event["choices"][0]).collect();
    let expect = [
        json!({"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}),
        json!({"index": 0, "delta": {"content": "Écrivez à [MAIL MASQUÉ]. "}, "finish_reason": null}),
        json!({"index": 0, "delta": {"content": "Ou non."}, "finish_reason": null}),
        json!({"index": 0, "delta": {}, "finish_reason": "stop"}),
    ];
    assert_eq!(deltas, expect.iter().collect::<Vec<_>>());
}

#[test]
fn text_with_the_reason_of_the_end_and_other_choices() {
    let last = r#"{"id":"x","choices":[{"index":0,"delta":{"content":" b@c.net","reasoning_content":"d@e.net"},"finish_reason":"length"},{"index":1,"delta":{"content":"f@g.net"}}]}"#;
    let (sent, kept) = run(format!("data: {}\n\ndata: {last}\n\n", json!({"choices": [{"delta": {"content": "a"}}]})).as_bytes(), &[]);
    assert_eq!(kept, "a [MAIL MASQUÉ]");
    assert!(!sent.contains("net") && sent.contains(r#""finish_reason":"length""#), "{sent}");
}

#[test]
fn a_stream_that_is_cut_gives_what_is_held_back() {
    let (sent, kept) = run(b"data: {\"choices\":[{\"delta\":{\"content\":\"a@b.n", &[]);
    assert_eq!((sent.contains('@'), kept.as_str()), (true, ""), "half an event has no text");
    let (sent, kept) = run(b"data: {\"choices\":[{\"delta\":{\"content\":\"a@b.net\"}}]}\n\n", &[]);
    assert_eq!((read(&sent), kept.as_str()), ("[MAIL MASQUÉ]".to_owned(), "[MAIL MASQUÉ]"));
}

#[test]
fn a_sentence_without_an_end_has_a_bound() {
    let (sent, kept) = run(events(&["mot ".repeat(20_000).as_str(), "a@b.net"]).as_bytes(), &[]);
    assert_eq!((read(&sent), kept.ends_with("[MAIL MASQUÉ]")), (kept.clone(), true));
    let mut masking = masking();
    let outcome = masking.push(events(&["x".repeat(MAX_HELD + 1).as_str()]).as_bytes());
    assert!(matches!(outcome, Err(LlmError::Protocol(_))));
}
