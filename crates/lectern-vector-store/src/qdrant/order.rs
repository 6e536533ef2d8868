//! Ranges of words in a store that knows ranges of numbers alone.
//!
//! Each word that has an order is also a whole number, kept in the payload's `order`: 11 bits for the field, 2 for the kind of value and 40 for how the
//! value begins (a number's first 40 bits, a text's first five bytes), which floating point numbers of the store's conditions have room for. Words in their order have
//! numbers in the same order, and some share one: a range of numbers lets through a little more than the range of words, and what comes back is looked at again.

use lectern_domain::digest::Digest;
use std::ops::Range;

/// The bits of how a value begins.
const VALUE: u32 = 40;

/// The bits of its kind.
const KIND: u32 = 2;

/// The bits of its field.
const FIELD: u32 = 11;

/// The number of a word; none for one that no range can hold.
pub(super) fn number(word: &str) -> Option<i64> {
    let (field, rest) = word.split_at(field_length(word)?);
    matches!(rest.as_bytes().first(), Some(b'"' | b'#' | b'\'')).then(|| of(field, rest))
}

/// The first and the last number that words in a range have.
pub(super) fn numbers(range: &Range<String>) -> Option<(i64, i64)> {
    let (field, from) = range.start.split_at(field_length(&range.start)?);
    let to = range.end.strip_prefix(field)?;
    Some((of(field, from), of(field, to)))
}

/// How long the part of a word is that names its field: a letter and a JSON text.
fn field_length(word: &str) -> Option<usize> {
    let mut bytes = word.bytes().enumerate().skip(1);
    let (_, b'"') = bytes.next()? else { return None };
    let mut escaped = false;
    for (at, byte) in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn of(field: &str, rest: &str) -> i64 {
    let mut bytes = rest.bytes();
    let sign = bytes.next().unwrap_or_default();
    let (kind, value) = match sign {
        0..b'"' => (0, 0),
        b'"' => (0, first_bytes(bytes)),
        b'#' => (1, first_digits(bytes)),
        // Nothing has these: they are ends of ranges.
        b'$'..b'\'' => (2, 0),
        b'\'' => (2, first_bytes(bytes)),
        _ => (3, 0),
    };
    let [one, two, ..] = Digest::of(field).0;
    let field = i64::from(u16::from_be_bytes([one, two]) >> (u16::BITS - FIELD));
    (field << (KIND + VALUE)) | (kind << VALUE) | value
}

/// The first five bytes of a text.
fn first_bytes(bytes: impl Iterator<Item = u8>) -> i64 {
    bytes.chain([0; 5]).take(5).fold(0, |sum, byte| (sum << 8) | i64::from(byte))
}

/// The first ten of a number's hexadecimal digits.
fn first_digits(digits: impl Iterator<Item = u8>) -> i64 {
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
    digits.chain([b'0'; 10]).take(10).fold(0, |sum, digit| (sum << 4) | i64::from(value(digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_domain::{
        facts::{Condition, fact, facts},
        filter::{Edge, Field, Filter},
    };
    use serde_json::{Value, json};

    #[test]
    fn words_in_a_range_have_numbers_in_its_range() {
        let values = [
            json!(-1e300),
            json!(-2),
            json!(0),
            json!(1.5),
            json!(2023),
            json!(2024),
            json!(1e300),
            json!(""),
            json!("\0"),
            json!("2024"),
            json!("2024-05-01"),
            json!("2024-05-02"),
            json!("a"),
            json!("é".repeat(900)),
            json!("\u{10ffff}"),
        ];
        for field in [Field::Source, Field::Metadata("a\"\\b".to_owned()), Field::Metadata("é".to_owned())] {
            let edges: Vec<Option<Value>> = values.iter().cloned().map(Some).chain([None]).collect();
            let check = |filter: &Filter| {
                let Condition::Within(ranges) = Condition::of(filter) else { panic!("{filter:?}") };
                for word in values.iter().flat_map(|value| facts(&field, value)) {
                    for range in ranges.iter().filter(|range| range.contains(&word)) {
                        let (from, to) = numbers(range).unwrap();
                        let number = number(&word).unwrap();
                        assert!((from..=to).contains(&number), "{word:?} in {range:?}");
                    }
                }
            };
            for (from, to) in edges.iter().flat_map(|from| edges.iter().map(move |to| (from, to))) {
                let edge = |value: &Option<Value>| value.clone().map(|value| Edge { value, included: true });
                check(&Filter::Range(field.clone(), edge(from), edge(to)));
            }
            for start in ["", "2024", "2024-05-0", "\u{10ffff}"] {
                check(&Filter::Prefix(field.clone(), start.to_owned()));
            }
        }
    }

    #[test]
    fn numbers_are_exact_to_the_store_and_tell_years_apart() {
        let year = |year: i32| number(&fact(&Field::Metadata("year".to_owned()), &json!(year))).unwrap();
        assert!(year(2023) < year(2024) && year(2024) < year(2025));
        assert!((0..1 << 53).contains(&year(2024)));
        for unordered in [json!(true), json!(null), json!("é".repeat(900))] {
            assert_eq!(number(&fact(&Field::Source, &unordered)), None);
        }
    }
}
