//! What filters look at, as words: one for each field and value, in the order of the values. A filter is then a question of which words a
//! document has, the same in every store that knows words and their order.

use crate::{
    digest::Digest,
    filter::{COMPARED_BYTES, Edge, Field, Filter},
};
use serde_json::Value;
use std::ops::Range;

/// The longest word that a text is as it is, in bytes: engines leave out or refuse very long ones.
const LONGEST: usize = 1_000;

/// What a longer text is compared by, in bytes: more than any end of a range has, so that no two of different order are cut to the same.
const CUT: usize = COMPARED_BYTES + 8;

/// A number, a text, and a text that was cut.
const NUMBER: char = '#';
const TEXT: char = '"';
const CUT_TEXT: char = '\'';

/// The first of all characters in words: what follows a word is not less than the word and this.
const FIRST: char = '\u{1}';

/// A filter over words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Every one holds; an empty list holds.
    All(Vec<Condition>),
    /// At least one holds; an empty list does not.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The document has one of these words.
    Has(Vec<String>),
    /// The document has a word in one of these ranges, by the order of bytes.
    Within(Vec<Range<String>>),
}

impl Condition {
    /// The same filter over words: what [`Filter::matches`] tells of a document's values, this tells of the words of those values.
    pub fn of(filter: &Filter) -> Self {
        let all = |parts: &[Filter]| parts.iter().map(Self::of).collect();
        match filter {
            Filter::All(parts) => Self::All(all(parts)),
            Filter::Any(parts) => Self::Any(all(parts)),
            Filter::Not(part) => Self::Not(Box::new(Self::of(part))),
            Filter::In(field, values) => Self::Has(values.iter().map(|value| fact(field, value)).collect()),
            Filter::Range(field, from, to) => Self::Within(between(field, from.as_ref(), to.as_ref())),
            Filter::Prefix(field, start) => Self::Within(beginning(field, start)),
        }
    }
}

/// The word of a field that has a value. No word holds the character 0.
pub fn fact(field: &Field, value: &Value) -> String {
    let place = place(field);
    match value {
        Value::Number(number) => format!("{place}{NUMBER}{}", ordered(number)),
        Value::String(text) if place.len() + text.len() > LONGEST => {
            format!("{}#{}", kind(field).0, Digest::of_parts([place.as_bytes(), text.as_bytes()]))
        }
        Value::String(text) => format!("{place}{TEXT}{}", shown(text)),
        // What no field is declared to hold is a word all the same.
        other => format!("{place}{other}"),
    }
}

/// The words of a field that has a value: a long text has one by which it is compared besides.
pub fn facts(field: &Field, value: &Value) -> impl Iterator<Item = String> + use<> {
    let place = place(field);
    let long = value.as_str().filter(|text| place.len() + text.len() > LONGEST);
    let cut = long.map(|text| format!("{place}{CUT_TEXT}{}", shown(&text[..text.floor_char_boundary(CUT)])));
    [Some(fact(field, value)), cut].into_iter().flatten()
}

/// The words of a field between two ends, of which at least one is there.
fn between(field: &Field, from: Option<&Edge>, to: Option<&Edge>) -> Vec<Range<String>> {
    let place = place(field);
    let every = |kind: fn(&Value) -> bool| from.into_iter().chain(to).all(|edge| kind(&edge.value));
    let signs: &[char] = match (from, to) {
        (None, None) => &[],
        _ if every(Value::is_string) => &[TEXT, CUT_TEXT],
        _ if every(Value::is_number) => &[NUMBER],
        _ => &[],
    };
    let word = |sign: char, value: &Value| match value {
        Value::Number(number) => format!("{place}{sign}{}", ordered(number)),
        other => format!("{place}{sign}{}", shown(other.as_str().unwrap_or_default())),
    };
    let range = |&sign: &char| {
        let all = beginning_with(format!("{place}{sign}"));
        let cut = |edge: &Edge, after: bool| {
            let mut word = word(sign, &edge.value);
            word.extend(after.then_some(FIRST));
            word
        };
        let start = from.map_or(all.start, |edge| cut(edge, !edge.included));
        let end = to.map_or(all.end, |edge| cut(edge, edge.included));
        start..end
    };
    signs.iter().map(range).filter(|range| range.start < range.end).collect()
}

/// The words of a field whose text begins with this one.
fn beginning(field: &Field, start: &str) -> Vec<Range<String>> {
    let place = place(field);
    [TEXT, CUT_TEXT].map(|sign| beginning_with(format!("{place}{sign}{}", shown(start)))).to_vec()
}

/// All words that begin with this one, in which there is a character that is not the last of all.
fn beginning_with(word: String) -> Range<String> {
    let mut end = word.clone();
    while let Some(last) = end.pop() {
        // The order of characters is that of their bytes.
        if let Some(next) = (last as u32 + 1..=char::MAX as u32).find_map(char::from_u32) {
            end.push(next);
            break;
        }
    }
    word..end
}

fn kind(field: &Field) -> (char, &str) {
    match field {
        Field::Source => ('s', ""),
        Field::ExternalId => ('e', ""),
        Field::Metadata(name) => ('m', name),
    }
}

/// What all words of a field begin with, and no other words do.
fn place(field: &Field) -> String {
    let (kind, name) = kind(field);
    format!("{kind}{}", Value::from(name))
}

/// A text without the character 0, which PostgreSQL does not take, in the same order.
fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0' => shown.push_str("\u{1}\u{1}"),
            '\u{1}' => shown.push_str("\u{1}\u{2}"),
            other => shown.push(other),
        }
    }
    shown
}

/// A number as 16 digits whose order is the numbers'.
fn ordered(number: &serde_json::Number) -> String {
    // Minus zero is zero.
    let bits = (number.as_f64().unwrap_or_default() + 0.0).to_bits();
    let bits = if bits >> 63 == 0 { bits ^ (1 << 63) } else { !bits };
    format!("{bits:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn metadata(name: &str, value: Value) -> String {
        fact(&Field::Metadata(name.to_owned()), &value)
    }

    #[test]
    fn facts_tell_fields_names_and_types_apart() {
        let words = [
            fact(&Field::Source, &json!("web")),
            fact(&Field::ExternalId, &json!("web")),
            metadata("", json!("web")),
            metadata("a", json!("b\u{0}")),
            metadata("a", json!("b\u{1}")),
            metadata("a", json!("b\u{1}\u{1}")),
            metadata("a\"", json!("b")),
            metadata("a", json!(1)),
            metadata("a", json!("1")),
            metadata("a", json!(true)),
            metadata("a", json!("true")),
            metadata("a", json!("é".repeat(400))),
            metadata("a", json!("é".repeat(600))),
            metadata("a", json!("é".repeat(601))),
        ];
        for (index, one) in words.iter().enumerate() {
            assert!(!words[..index].contains(one), "{one}");
            assert!(one.len() <= LONGEST + 1 && !one.contains('\0'), "{one}");
        }
    }

    #[test]
    fn the_order_of_words_is_that_of_values() {
        let numbers = [f64::MIN, -2.5, -2.0, -f64::MIN_POSITIVE, 0.0, f64::MIN_POSITIVE, 1.0, 1e9, f64::MAX];
        let words: Vec<String> = numbers.iter().map(|number| metadata("n", json!(number))).collect();
        assert!(words.is_sorted_by(|one, other| one < other), "{words:?}");
        assert_eq!((metadata("n", json!(-0.0)), metadata("n", json!(2024))), (metadata("n", json!(0)), metadata("n", json!(2024.0))));
        let texts = ["", "\0", "\0a", "\u{1}", "\u{1}\u{1}", "\u{2}", "a", "a\0", "a\u{1}", "ab", "\u{d7ff}", "\u{e000}", "\u{10ffff}"];
        let words: Vec<String> = texts.iter().map(|text| metadata("t", json!(text))).collect();
        assert!(words.is_sorted_by(|one, other| one < other), "{words:?}");
    }

    #[test]
    fn what_begins_with_a_word() {
        let end = |word: &str| beginning_with(word.to_owned()).end;
        assert_eq!(end("ab"), "ac");
        assert_eq!(end("a\u{d7ff}"), "a\u{e000}");
        assert_eq!(end("a\u{10ffff}"), "b");
    }

    #[test]
    fn words_say_what_values_say() {
        let values =
            [json!(-1), json!(0), json!(1.5), json!(""), json!("a"), json!("a\0"), json!("ab"), json!("é".repeat(900)), json!(true)];
        let field = Field::Metadata("f".to_owned());
        let edges = [None, Some(json!(0)), Some(json!("a")), Some(json!("é".repeat(128))), Some(json!(false))];
        let has = |words: &[String], condition: &Condition| match condition {
            Condition::Has(any) => any.iter().any(|word| words.contains(word)),
            Condition::Within(any) => any.iter().any(|range| words.iter().any(|word| range.contains(word))),
            other => panic!("{other:?}"),
        };
        for value in &values {
            let words: Vec<String> = facts(&field, value).collect();
            let check = |filter: Filter| {
                let expect = filter.matches(&|_| Some(std::borrow::Cow::Borrowed(value)));
                assert_eq!(has(&words, &Condition::of(&filter)), expect, "{value} {filter:?}");
            };
            for (from, to) in edges.iter().flat_map(|from| edges.iter().map(move |to| (from, to))) {
                for (one, other) in [(true, true), (true, false), (false, true), (false, false)] {
                    let edge = |value: &Option<Value>, included| value.clone().map(|value| Edge { value, included });
                    check(Filter::Range(field.clone(), edge(from, one), edge(to, other)));
                }
            }
            for start in ["", "a", "a\0", "é", &"é".repeat(128)] {
                check(Filter::Prefix(field.clone(), start.to_owned()));
            }
            values.iter().for_each(|other| check(Filter::In(field.clone(), vec![other.clone()])));
        }
    }
}
