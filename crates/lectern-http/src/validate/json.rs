//! Bodies as JSON, read the way existing clients know it: the error's words and its place in characters are those of Python's
//! `json` module (`Lib/json/decoder.py` and `Modules/_json.c` document them), whole numbers and fractions are told apart, the last of
//! equal keys wins in the place of the first, and `NaN` and lone surrogates get through, to be refused with a place by the validation.

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How deep lists and objects may lie in each other.
const DEPTH_MAX: usize = 200;
/// How many digits a whole number may have.
const DIGITS_MAX: usize = 4300;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond 64 bits.
    BigInt(Box<str>),
    /// Any other number, `NaN` and the infinities among them.
    Float(f64),
    /// A string.
    Text(String),
    /// A string with a lone surrogate, which no Unicode text can hold; U+FFFD stands for it.
    BrokenText(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Object),
}

/// The members of an object, in order.
pub(crate) type Object = IndexMap<String, Json>;

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::BigInt(digits) => serializer.serialize_f64(digits.parse().unwrap_or(f64::MAX)),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(text) | Self::BrokenText(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, value) in members {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

/// Why a body is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// A mistake in the syntax.
    Syntax {
        /// What, in the words that clients know.
        message: &'static str,
        /// Where, in characters from the start.
        at: usize,
    },
    /// Something that can't be read at all: no UTF-8, nested too deep, a number of thousands of digits.
    Unreadable,
}

/// Reads a whole body.
pub(crate) fn parse(body: &[u8]) -> Result<Json, Malformed> {
    let text = std::str::from_utf8(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).or(Err(Malformed::Unreadable))?;
    let mut parser = Parser { bytes: text.as_bytes(), text, at: 0 };
    parser.blanks();
    let value = parser.value(0)?;
    parser.blanks();
    if parser.at == text.len() { Ok(value) } else { Err(parser.wrong("Extra data", parser.at)) }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// In bytes, always between two characters.
    at: usize,
}

const NO_VALUE: &str = "Expecting value";
const NO_NAME: &str = "Expecting property name enclosed in double quotes";
const NO_COLON: &str = "Expecting ':' delimiter";
const NO_COMMA: &str = "Expecting ',' delimiter";
const NO_END: &str = "Unterminated string starting at";
const BAD_CONTROL: &str = "Invalid control character at";
const BAD_ESCAPE: &str = "Invalid \\escape";
const BAD_UNICODE: &str = "Invalid \\uXXXX escape";

impl<'a> Parser<'a> {
    fn wrong(&self, message: &'static str, at: usize) -> Malformed {
        let at = self.bytes[..at.min(self.bytes.len())].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        Malformed::Syntax { message, at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed::Unreadable);
        }
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            _ => self.word().or_else(|| self.number().transpose()).unwrap_or_else(|| Err(self.wrong(NO_VALUE, self.at))),
        }
    }

    fn word(&mut self) -> Option<Result<Json, Malformed>> {
        let words: [(&str, Json); 6] = [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("NaN", Json::Float(f64::NAN)),
            ("Infinity", Json::Float(f64::INFINITY)),
            ("-Infinity", Json::Float(f64::NEG_INFINITY)),
        ];
        let (word, value) = words.into_iter().find(|(word, _)| self.bytes[self.at..].starts_with(word.as_bytes()))?;
        self.at += word.len();
        Some(Ok(value))
    }

    /// The end of the run of digits that starts at `from`.
    fn digits(&self, from: usize) -> usize {
        from + self.bytes[from.min(self.bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    fn number(&mut self) -> Result<Option<Json>, Malformed> {
        let start = self.at;
        let first = start + usize::from(self.peek() == Some(b'-'));
        let whole_end = match self.bytes.get(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => self.digits(first),
            _ => return Ok(None),
        };
        let mut end = whole_end;
        if self.bytes.get(end) == Some(&b'.') && self.digits(end + 1) > end + 1 {
            end = self.digits(end + 1);
        }
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = end + 1 + sign;
            if self.digits(exponent) > exponent {
                end = self.digits(exponent);
            }
        }
        self.at = end;
        let word = &self.text[start..end];
        if end > whole_end {
            return Ok(Some(Json::Float(word.parse().or(Err(Malformed::Unreadable))?)));
        }
        if word.len() > DIGITS_MAX {
            return Err(Malformed::Unreadable);
        }
        Ok(Some(word.parse().map_or_else(|_| Json::BigInt(word.into()), Json::Int)))
    }

    fn list(&mut self, depth: usize) -> Result<Json, Malformed> {
        let mut items = Vec::new();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            match self.peek() {
                Some(b']') => break,
                Some(b',') => self.at += 1,
                _ => return Err(self.wrong(NO_COMMA, self.at)),
            }
            self.blanks();
        }
        self.at += 1;
        Ok(Json::List(items))
    }

    fn object(&mut self, depth: usize) -> Result<Json, Malformed> {
        let mut members = Object::new();
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.wrong(NO_NAME, self.at));
            }
            let (Json::Text(key) | Json::BrokenText(key)) = self.string()? else { return Err(Malformed::Unreadable) };
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.wrong(NO_COLON, self.at));
            }
            self.at += 1;
            self.blanks();
            let value = self.value(depth + 1)?;
            members.insert(key, value);
            self.blanks();
            match self.peek() {
                Some(b'}') => break,
                Some(b',') => self.at += 1,
                _ => return Err(self.wrong(NO_COMMA, self.at)),
            }
            self.blanks();
        }
        self.at += 1;
        Ok(Json::Object(members))
    }

    fn string(&mut self) -> Result<Json, Malformed> {
        let quote = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut broken = false;
        loop {
            let run = self.bytes[self.at..].iter().take_while(|&&byte| byte != b'"' && byte != b'\\' && byte > 0x1f).count();
            text.push_str(&self.text[self.at..self.at + run]);
            self.at += run;
            match self.peek() {
                None => return Err(self.wrong(NO_END, quote)),
                Some(b'"') => break,
                Some(b'\\') => self.escape(quote, &mut text, &mut broken)?,
                Some(_) => return Err(self.wrong(BAD_CONTROL, self.at)),
            }
        }
        self.at += 1;
        Ok(if broken { Json::BrokenText(text) } else { Json::Text(text) })
    }

    fn escape(&mut self, quote: usize, text: &mut String, broken: &mut bool) -> Result<(), Malformed> {
        let backslash = self.at;
        let plain = match self.bytes.get(backslash + 1) {
            None => return Err(self.wrong(NO_END, quote)),
            Some(b'u') => return self.unicode_escape(text, broken),
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => return Err(self.wrong(BAD_ESCAPE, backslash)),
        };
        text.push(plain);
        self.at += 2;
        Ok(())
    }

    fn unicode_escape(&mut self, text: &mut String, broken: &mut bool) -> Result<(), Malformed> {
        let first = self.code_unit(self.at).ok_or_else(|| self.wrong(BAD_UNICODE, self.at + 1))?;
        self.at += 6;
        let low = if (0xD800..0xDC00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
            Some(self.code_unit(self.at).ok_or_else(|| self.wrong(BAD_UNICODE, self.at + 1))?)
        } else {
            None
        };
        let joined = match low {
            Some(low) if (0xDC00..0xE000).contains(&low) => {
                self.at += 6;
                char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00))
            }
            _ => char::from_u32(first),
        };
        *broken |= joined.is_none();
        text.push(joined.unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    /// The four digits of the escape that starts at `at`.
    fn code_unit(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at + 2..at + 6)?;
        digits.iter().try_fold(0, |unit, &digit| Some(unit * 16 + char::from(digit).to_digit(16)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn wrong(body: &str, message: &'static str, at: usize) {
        assert_eq!(parse(body.as_bytes()), Err(Malformed::Syntax { message, at }), "{body:?}");
    }

    #[test]
    fn errors_have_the_words_and_places_of_pythons_json() {
        wrong("", NO_VALUE, 0);
        wrong("  ", NO_VALUE, 2);
        wrong("{", NO_NAME, 1);
        wrong("{a:1}", NO_NAME, 1);
        wrong(r#"{"a":1,}"#, NO_NAME, 7);
        wrong(r#"{"a" 1}"#, NO_COLON, 5);
        wrong(r#"{"a":}"#, NO_VALUE, 5);
        wrong(r#"{"a":1 "b":2}"#, NO_COMMA, 7);
        wrong(r#"{"é":1 "b":2}"#, NO_COMMA, 7);
        wrong(r#"{"a":1"#, NO_COMMA, 6);
        wrong("[1,]", NO_VALUE, 3);
        wrong("[1 2]", NO_COMMA, 3);
        wrong("[", NO_VALUE, 1);
        wrong(r#""abc"#, NO_END, 0);
        wrong("\"a\nb\"", BAD_CONTROL, 2);
        wrong(r#""a\qb""#, BAD_ESCAPE, 2);
        wrong(r#""\u12G4""#, BAD_UNICODE, 2);
        wrong(r#""\u12"#, BAD_UNICODE, 2);
        wrong("1 2", "Extra data", 2);
        wrong("01", "Extra data", 1);
        wrong("-", NO_VALUE, 0);
        wrong("nul", NO_VALUE, 0);
        wrong("1.", "Extra data", 1);
        wrong("{} x", "Extra data", 3);
    }

    #[test]
    fn values_keep_what_matters() {
        let read = |body: &str| parse(body.as_bytes()).expect("valid");
        assert_eq!(read("3"), Json::Int(3));
        assert_eq!(read("3.0"), Json::Float(3.0));
        assert_eq!(read("-1e2"), Json::Float(-100.0));
        assert_eq!(read("99999999999999999999"), Json::BigInt("99999999999999999999".into()));
        assert_eq!(read(r#""\ud83d\ude00é""#), Json::Text("😀é".into()));
        assert_eq!(read(r#""a\ud800b""#), Json::BrokenText("a\u{fffd}b".into()));
        assert_eq!(read(r#""\ud800\u0041""#), Json::BrokenText("\u{fffd}A".into()));
        assert_eq!(read("\u{feff}{}"), Json::Object(Object::new()));
        assert!(matches!(read("NaN"), Json::Float(value) if value.is_nan()));
        let Json::Object(members) = read(r#"{"a":1,"b":2,"a":3}"#) else { panic!("an object") };
        assert_eq!(members.into_iter().collect::<Vec<_>>(), [("a".into(), Json::Int(3)), ("b".into(), Json::Int(2))]);
    }

    #[test]
    fn what_would_exhaust_the_machine_is_not_read() {
        assert_eq!(parse("[".repeat(100_000).as_bytes()), Err(Malformed::Unreadable));
        assert_eq!(parse("1".repeat(5000).as_bytes()), Err(Malformed::Unreadable));
        assert_eq!(parse(b"\"\xff\""), Err(Malformed::Unreadable));
    }

    proptest::proptest! {
        #[test]
        fn it_agrees_with_serde_json(value in r#"[\[\]{}",:0-9a-z\\. \-]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&value);
            if let Ok(theirs) = theirs {
                let ours = parse(value.as_bytes()).map(|ours| serde_json::to_value(ours).expect("serialises"));
                proptest::prop_assert_eq!(ours, Ok(theirs));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let _ = parse(&body);
        }
    }
}
