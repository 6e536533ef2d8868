//! How deep a page's HTML goes, judged before it is parsed: the time of parsing grows with the square of the depth.

use std::collections::HashMap;

/// The most elements inside each other. Pages have some dozens.
pub(crate) const MAX_DEPTH: usize = 256;
/// The most attributes of a tag; the parser compares each with all before it.
const MAX_ATTRIBUTES: usize = 1_000;
/// The most elements that are made again because they were never closed.
const MAX_REOPENED: usize = 20_000_000;

/// Elements that end by themselves where the next one begins, or that hold nothing.
const CLOSED_BY_THEMSELVES: [&[u8]; 38] = [
    b"p",
    b"li",
    b"dt",
    b"dd",
    b"tr",
    b"td",
    b"th",
    b"tbody",
    b"thead",
    b"tfoot",
    b"caption",
    b"option",
    b"optgroup",
    b"rt",
    b"rp",
    b"rb",
    b"rtc",
    b"colgroup",
    b"html",
    b"head",
    b"body",
    b"a",
    b"area",
    b"base",
    b"br",
    b"col",
    b"embed",
    b"hr",
    b"img",
    b"input",
    b"link",
    b"meta",
    b"param",
    b"source",
    b"track",
    b"wbr",
    b"keygen",
    b"image",
];
/// Elements that begin again in the next block until they are closed by name (HTML Living Standard, 13.2.4.3).
const FORMATTING: [&[u8]; 13] = [b"b", b"big", b"code", b"em", b"font", b"i", b"nobr", b"s", b"small", b"strike", b"strong", b"tt", b"u"];
/// Elements whose content is no markup.
const RAW: [&[u8]; 7] = [b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed"];

/// Whether a page is as flat as pages are: parsing it takes time in proportion to its length.
pub(crate) fn is_flat(html: &str) -> bool {
    let bytes = html.as_bytes();
    let (mut open, mut counts, mut formatting) = (Vec::new(), HashMap::new(), HashMap::new());
    let (mut unclosed, mut reopened, mut at) = (0_usize, 0_usize, 0);
    while let Some(tag) = next_tag(bytes, at) {
        at = tag.end;
        reopened += unclosed;
        if tag.attributes > MAX_ATTRIBUTES || reopened > MAX_REOPENED || open.len() + unclosed > MAX_DEPTH {
            return false;
        }
        let name = tag.name.to_ascii_lowercase();
        if FORMATTING.contains(&name.as_slice()) {
            let count: &mut usize = formatting.entry(name).or_default();
            match tag.closes {
                true if *count > 0 => (*count, unclosed) = (*count - 1, unclosed - 1),
                true => {}
                false => (*count, unclosed) = (*count + 1, unclosed + 1),
            }
        } else if CLOSED_BY_THEMSELVES.contains(&name.as_slice()) {
        } else if !tag.closes {
            if RAW.contains(&name.as_slice()) {
                at = end_of_raw(bytes, at, &name);
            } else {
                *counts.entry(name.clone()).or_insert(0_usize) += 1;
                open.push(name);
            }
        } else if counts.get(&name).is_some_and(|count| *count > 0) {
            while let Some(top) = open.pop() {
                counts.entry(top.clone()).and_modify(|count| *count -= 1);
                if top == name {
                    break;
                }
            }
        }
    }
    open.len() + unclosed <= MAX_DEPTH
}

struct Tag<'a> {
    name: &'a [u8],
    closes: bool,
    attributes: usize,
    end: usize,
}

/// The first tag at or after `at`.
fn next_tag(bytes: &[u8], mut at: usize) -> Option<Tag<'_>> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'<')? + 1;
        if bytes[at..].starts_with(b"!--") {
            at = find(bytes, at + 1, b"-->")?;
            continue;
        }
        let closes = bytes.get(at) == Some(&b'/');
        let start = at + usize::from(closes);
        if bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
            let long = bytes[start..].iter().take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>')).count();
            let (end, attributes) = end_of_tag(bytes, start + long);
            return Some(Tag { name: &bytes[start..start + long], closes, attributes, end });
        }
    }
}

/// Where a tag ends, and how many words it has.
fn end_of_tag(bytes: &[u8], mut at: usize) -> (usize, usize) {
    let (mut words, mut in_word) = (0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => return (at + 1, words),
            b'"' | b'\'' if bytes[at - 1] == b'=' => {
                let end = bytes[at + 1..].iter().position(|other| other == byte);
                at = end.map_or(bytes.len(), |end| at + 1 + end);
                in_word = false;
            }
            b'/' => in_word = false,
            byte if byte.is_ascii_whitespace() => in_word = false,
            _ if !in_word => (words, in_word) = (words + 1, true),
            _ => {}
        }
        at += 1;
    }
    (bytes.len(), words)
}

/// Where the tag begins that ends raw text.
fn end_of_raw(bytes: &[u8], mut at: usize, name: &[u8]) -> usize {
    while let Some(end) = find(bytes, at, b"</") {
        if bytes.get(end..end + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return end - 2;
        }
        at = end;
    }
    bytes.len()
}

/// Where the first occurrence of `what` at or after `at` ends.
fn find(bytes: &[u8], at: usize, what: &[u8]) -> Option<usize> {
    bytes.get(at..)?.windows(what.len()).position(|window| window == what).map(|found| at + found + what.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_flat_and_hostile_ones_are_not() {
        let attributes = format!("<p {}>", (0..2000).map(|n| format!("a{n}=1 ")).collect::<String>());
        let unclosed = (0..300).map(|n| format!("<div><b id={n}></div>")).collect::<String>();
        let script = format!("<script>{}</script>", "'<div>'".repeat(1000));
        let cases = [
            (true, "<p>a<li>b<br>".repeat(1000)),
            (true, "<div class=\"<div>\"><b>x</b></div><!-- <div> -->".repeat(1000)),
            (true, script),
            (true, "a < b <3 </> <".to_owned()),
            (true, "<div>".repeat(200)),
            (false, "<div>".repeat(300)),
            (false, "<DIV></x>".repeat(300)),
            (false, "<ul><li>".repeat(300)),
            (false, "<b><i>".repeat(300)),
            (false, unclosed),
            (false, attributes),
            (false, format!("{}{}", "<i id=x>".repeat(200), "<p>x".repeat(200_000))),
        ];
        for (flat, html) in cases {
            assert_eq!(is_flat(&html), flat, "{}", &html[..html.len().min(60)]);
        }
    }
}
