//! Cutting texts into passages.

use lectern_corpus::passages;
use lectern_domain::{chunk::Passage, collection::Chunking, document::Format};
use proptest::prelude::*;
use std::time::Instant;

fn cut(text: &str, format: Format, chars: u32, overlap: u32) -> Vec<Passage> {
    passages(text, format, Chunking::new(chars, overlap).unwrap()).collect()
}

fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What holds for every text.
#[track_caller]
fn check(text: &str, format: Format, chars: u32) {
    let passages = cut(text, format, chars, 0);
    for passage in &passages {
        assert!(!passage.text.trim().is_empty());
        assert_eq!(passage.text, passage.text.trim());
        assert!(passage.text.chars().count() <= chars as usize, "{} characters", passage.text.chars().count());
        assert!(!passage.heading.contains('\n'));
    }
    let all: String = passages.iter().map(|passage| dense(&passage.text)).collect();
    assert!(all == dense(text), "something of the text is lost or repeated");
}

#[test]
fn a_text_without_words_has_no_passages() {
    for text in ["", " ", "\n\n\t \u{a0}\u{2003}\n"] {
        for format in [Format::Text, Format::Markdown, Format::Html] {
            assert_eq!(cut(text, format, 100, 0), [], "{text:?}");
        }
    }
}

#[test]
fn headings_stand_above_their_passages() {
    let filler = "Un deux trois quatre cinq six sept huit neuf dix onze douze.";
    let text = format!(
        "intro\n\n# A\n\n{filler}\n\n## A *one*\n\n{filler}\n\n{filler}\n\n## A two\n\n{filler}\n\n# B\n\n### B deep\n\n{filler}\n"
    );
    let found: Vec<_> =
        cut(&text, Format::Markdown, 100, 0).into_iter().map(|p| (p.heading, p.text.lines().next().unwrap().to_owned())).collect();
    let expected = [("", "intro"), ("", "# A"), ("A", "## A *one*"), ("A > A one", filler), ("A", "## A two"), ("", "# B")];
    assert_eq!(found, expected.map(|(heading, text)| (heading.to_owned(), text.to_owned())));
}

#[test]
fn plain_text_has_no_headings() {
    assert!(cut(&"# A\n\nx\n\n".repeat(100), Format::Text, 100, 0).iter().all(|passage| passage.heading.is_empty()));
}

#[test]
fn overlap_repeats_the_end_of_the_passage_before() {
    let text = (0..200).map(|n| format!("Phrase numéro {n}.")).collect::<Vec<_>>().join(" ");
    let passages = cut(&text, Format::Text, 200, 60);
    assert!(passages.len() > 10);
    for pair in passages.windows(2) {
        let shared = (1..=60).rev().find(|n| pair[1].text.is_char_boundary(*n) && pair[0].text.ends_with(&pair[1].text[..*n]));
        assert!(shared.is_some(), "{pair:?}");
    }
}

#[test]
fn hard_texts_keep_everything() {
    let long_word = "é".repeat(150_000);
    let grapheme = format!("a{}b", "\u{301}".repeat(3000));
    let fence = format!("```\n{}\n```\n# After\ntext", "# code\n".repeat(20_000));
    let list = (0..30).map(|n| format!("{}- item {n}\n", "  ".repeat(n))).collect::<String>();
    let table = format!("| a | b |\n|---|---|\n{}", "| x y | z |\n".repeat(5000));
    let crlf = "Une ligne.\r\n\r\nUne autre.\r\n".repeat(4000);
    let quotes = ">".repeat(50_000);
    let links = "[a](".repeat(20_000);
    let emphasis = "*a **b _c ".repeat(10_000);
    let html = "<div>".repeat(15_000);
    let cases = [long_word, grapheme, fence, list, table, crlf, quotes, links, emphasis, html, "# ".repeat(40_000), "#\n".repeat(40_000)];
    for text in &cases {
        for format in [Format::Text, Format::Markdown] {
            check(text, format, 300);
        }
    }
}

#[test]
fn time_is_linear_in_the_length() {
    let unit = "# Titre\n\nUne phrase courte, suivie d'une autre. Puis `du code` et [un lien](http://x).\n\n- a\n- b\n\n";
    let time = |repeat: usize, format| {
        let text = unit.repeat(repeat);
        let start = Instant::now();
        assert!(passages(&text, format, Chunking::new(1200, 0).unwrap()).count() > 0);
        start.elapsed().as_secs_f64()
    };
    for format in [Format::Text, Format::Markdown] {
        // Ten times the text; a quadratic algorithm would need a hundred times the time. A machine may be busy with something else meanwhile.
        let ratios = [(); 3].map(|()| time(40_000, format) / time(4_000, format).max(0.01));
        assert!(ratios.iter().any(|ratio| *ratio < 35.0), "{format:?}: {ratios:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_kept(text in "(?s).{0,2000}", chars in 100u32..400) {
        for format in [Format::Text, Format::Markdown, Format::Html] {
            check(&text, format, chars);
        }
    }

    #[test]
    fn any_markdown_is_kept(parts in prop::collection::vec(prop::sample::select(vec![
        "# ", "## ", "\n", "\n\n", "- ", "1. ", "> ", "```", "    ", "| a | b |\n|---|---|\n", "---\n", "===\n", "**", "`", "[x](y)", "<b>", "mot ",
        "Une phrase. ", "été", "\u{301}", "\r\n", "\t", "🇫🇷", "\\", "![i](j)\n", "<!-- c -->\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ]), 0..400), chars in 100u32..300) {
        let text = parts.concat();
        check(&text, Format::Markdown, chars);
        // With overlap, passages still have their size.
        for passage in cut(&text, Format::Markdown, chars, 40) {
            assert!(passage.text.chars().count() <= chars as usize);
        }
    }
}
