//! The one spelling of a JSON document: what two documents that mean the same have in common.
//!
//! Keys are sorted by their code points, the last one of equal keys counts, no space is between tokens, texts escape only what they must, and
//! a number is written as ECMAScript writes it, with all its digits. That is RFC 8785, but for the order of keys outside the basic plane and for
//! numbers that no double has.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How deep a document may be.
const DEPTH: usize = 512;

/// Writes a document without the spaces between its tokens. It must be one.
pub(crate) fn write_compact(document: &str, out: &mut Vec<u8>) {
    let bytes = document.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')) {
        return out.extend_from_slice(bytes);
    }
    let (mut inside, mut escaped) = (false, false);
    for &byte in bytes {
        if inside {
            inside = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            continue;
        } else {
            inside = byte == b'"';
        }
        out.push(byte);
    }
}

/// Whether a text is a document; the error says why not.
pub(crate) fn check(document: &str) -> Result<(), String> {
    serde_json::from_str::<&RawValue>(document).map(drop).map_err(|error| error.to_string())
}

/// Writes the one spelling of a document.
pub(crate) fn write_canonical(document: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let raw: &RawValue = serde_json::from_str(document).map_err(|error| error.to_string())?;
    canonical(raw.get(), DEPTH, out)
}

fn canonical(document: &str, depth: usize, out: &mut Vec<u8>) -> Result<(), String> {
    let failed = |error: serde_json::Error| error.to_string();
    let deeper = || depth.checked_sub(1).ok_or_else(|| format!("it is more than {DEPTH} levels deep"));
    match document.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(document).map_err(failed)?;
            out.push(b'{');
            for (at, (key, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, key).map_err(failed)?;
                out.push(b':');
                canonical(value.get(), deeper()?, out)?;
            }
            out.push(b'}');
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(document).map_err(failed)?;
            out.push(b'[');
            for (at, value) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                canonical(value.get(), deeper()?, out)?;
            }
            out.push(b']');
        }
        // Most texts are spelled with nothing escaped.
        Some(b'"') if !document.contains('\\') => out.extend_from_slice(document.as_bytes()),
        Some(b'"') => {
            let text: String = serde_json::from_str(document).map_err(failed)?;
            serde_json::to_writer(out, &text).map_err(failed)?;
        }
        Some(b'-' | b'0'..=b'9') => write_number(document, out),
        _ => out.extend_from_slice(document.as_bytes()),
    }
    Ok(())
}

/// Writes a number's one spelling, digit by digit.
pub(crate) fn write_number(number: &str, out: &mut Vec<u8>) {
    let (negative, rest) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    let leading = digits.len() - significant.len();
    let significant = significant.trim_end_matches('0');
    let Ok(exponent) = exponent.parse::<i32>() else { return out.extend_from_slice(number.as_bytes()) };
    if significant.is_empty() {
        return out.push(b'0');
    }
    if negative {
        out.push(b'-');
    }
    // The number is 0.significant × 10^point.
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let point = length(whole) - i64::try_from(leading).unwrap_or(i64::MAX) + i64::from(exponent);
    let count = length(significant);
    let zeros = |out: &mut Vec<u8>, many: i64| out.extend((0..many).map(|_| b'0'));
    let split = |at: i64| significant.split_at(usize::try_from(at).unwrap_or_default());
    if count <= point && point <= 21 {
        out.extend_from_slice(significant.as_bytes());
        zeros(out, point - count);
    } else if 0 < point && point <= 21 {
        let (before, after) = split(point);
        out.extend_from_slice(format!("{before}.{after}").as_bytes());
    } else if -6 < point && point <= 0 {
        out.extend_from_slice(b"0.");
        zeros(out, -point);
        out.extend_from_slice(significant.as_bytes());
    } else {
        let (first, rest) = split(1);
        let dot = if rest.is_empty() { "" } else { "." };
        out.extend_from_slice(format!("{first}{dot}{rest}e{:+}", point - 1).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn canonical(document: &str) -> String {
        let mut out = Vec::new();
        write_canonical(document, &mut out).expect(document);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn documents_that_mean_the_same_are_spelled_the_same() {
        let one = canonical(r#" { "b" : [ 1.0 , 1e2, null, true ], "a\u00e9" : "x\u0041\/\n" , "b ": {} , "a": 1, "a": 2 } "#);
        assert_eq!(one, "{\"a\":2,\"aé\":\"xA/\\n\",\"b\":[1,100,null,true],\"b \":{}}");
        assert_eq!(canonical(&one), one);
        assert_eq!(canonical("null"), "null");
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (number, expect) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("0e9", "0"),
            ("1.50", "1.5"),
            ("-12e-1", "-1.2"),
            ("100", "100"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("123456789012345678901", "123456789012345678901"),
            ("1000000000000000000000", "1e+21"),
            ("12345678901234567890123.5", "1.23456789012345678901235e+22"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157E308", "1.7976931348623157e+308"),
            ("0.1e1", "1"),
            ("00.5", "0.5"),
            ("1e99999999999", "1e99999999999"),
        ] {
            let mut out = Vec::new();
            write_number(number, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expect, "{number}");
        }
    }

    #[test]
    fn spaces_go_and_texts_stay() {
        let compact = |document: &str| {
            let mut out = Vec::new();
            write_compact(document, &mut out);
            String::from_utf8(out).expect("UTF-8")
        };
        assert_eq!(compact("{ \"a b\" : [ 1 ,\n \"c \\\" d\\\\\" , \"\" ] }"), "{\"a b\":[1,\"c \\\" d\\\\\",\"\"]}");
        assert_eq!(compact("[1,2]"), "[1,2]");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for wrong in ["", "{", "[1,]", "nul", "\"\\ud800\"", "{\"a\":1}x", "01"] {
            assert!(write_canonical(wrong, &mut Vec::new()).is_err(), "{wrong}");
        }
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(write_canonical(&deep(DEPTH), &mut Vec::new()).is_ok());
        assert!(write_canonical(&deep(DEPTH + 2), &mut Vec::new()).is_err());
    }
}
