//! One value to one Rust type, as leniently as clients are used to: `"3"`, `3.0` and `true` are the number 3 (or 1), `"yes"` is true.

use super::{
    errors::{Context, Mistake, Mistakes, Step},
    json::Json,
};
use lectern_domain::{
    Invalid,
    email::EmailAddress,
    feedback::Note,
    ids::{ChatId, FeedbackId, StreamId},
    password::{PASSWORD_PATTERN, Password},
    stream::Temperature,
};
use std::borrow::Cow;

/// The most items of a list.
const ITEMS_MAX: usize = 1_000;

/// A type that a value can be read as. `None` means that a mistake was noted.
pub(crate) trait FieldType: Sized {
    /// Reads the value, or notes what is wrong with it.
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self>;
}

/// Where a value stands, and where its mistakes go.
pub(crate) struct Place<'a> {
    steps: Vec<Step>,
    mistakes: &'a mut Mistakes,
}

impl<'a> Place<'a> {
    /// The field `name` of the request's `part`.
    pub(crate) fn new(part: &'static str, name: &'static str, mistakes: &'a mut Mistakes) -> Self {
        Self { steps: vec![Step::Name(Cow::Borrowed(part)), Step::Name(Cow::Borrowed(name))], mistakes }
    }

    /// The same with a step further.
    pub(crate) fn at<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.steps.push(step);
        let read = read(self);
        self.steps.pop();
        read
    }

    /// Notes that a rule of the domain does not hold.
    pub(crate) fn broken<T>(&mut self, rule: &Invalid, value: &Json) -> Option<T> {
        self.note("value_error", format!("Value error, {}", rule.message), value, Some(Context::Rule))
    }

    /// Notes a mistake.
    pub(crate) fn wrong<T>(&mut self, kind: &'static str, message: impl Into<Cow<'static, str>>, value: &Json) -> Option<T> {
        self.note(kind, message, value, None)
    }

    /// Notes a mistake with something beside its message.
    pub(crate) fn note<T>(
        &mut self,
        kind: &'static str,
        message: impl Into<Cow<'static, str>>,
        value: &Json,
        context: Option<Context>,
    ) -> Option<T> {
        self.mistakes.push(Mistake { kind, at: self.steps.clone(), message: message.into(), input: value.clone(), context });
        None
    }
}

impl<T: FieldType> FieldType for Option<T> {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Json::Null => Some(None),
            other => T::read(other, place).map(Some),
        }
    }
}

impl<T: FieldType> FieldType for Vec<T> {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let Json::List(items) = value else { return place.wrong("list_type", "Input should be a valid list", value) };
        if items.len() > ITEMS_MAX {
            let message = format!("List should have at most {ITEMS_MAX} items after validation, not {}", items.len());
            return place.note("too_long", message, &Json::Null, Some(Context::Items { most: ITEMS_MAX, given: items.len() }));
        }
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            read.push(place.at(Step::Index(index), |place| T::read(item, place)));
        }
        read.into_iter().collect()
    }
}

impl FieldType for String {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Json::Text(text) if text.contains('\0') => {
                place.note("value_error", "Value error, NUL characters are not supported", value, Some(Context::Rule))
            }
            Json::Text(text) => Some(text.clone()),
            Json::BrokenText(_) => {
                place.wrong("string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string", value)
            }
            _ => place.wrong("string_type", "Input should be a valid string", value),
        }
    }
}

impl FieldType for bool {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let word = match value {
            Json::Bool(value) => return Some(*value),
            Json::Int(0) => "0",
            Json::Int(1) => "1",
            Json::Float(number) if *number == 0.0 => "0",
            Json::Float(number) if *number == 1.0 => "1",
            Json::Text(word) => word,
            Json::Int(_) | Json::BigInt(_) | Json::Float(_) | Json::BrokenText(_) => "",
            _ => return place.wrong("bool_type", "Input should be a valid boolean", value),
        };
        match word.to_lowercase().as_str() {
            "1" | "true" | "yes" | "on" | "t" | "y" => Some(true),
            "0" | "false" | "no" | "off" | "f" | "n" => Some(false),
            _ => place.wrong("bool_parsing", "Input should be a valid boolean, unable to interpret input", value),
        }
    }
}

/// `3`, `+3`, `1_000`, `3.0` with blanks around.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.split_once('.').map_or(text, |(whole, zeros)| if zeros.bytes().all(|b| b == b'0') { whole } else { "" });
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let limit = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    plain.then(|| text.replace('_', "").parse().unwrap_or(limit))
}

/// A whole number between the bounds, which are told where it is beyond them.
fn between(value: &Json, place: &mut Place<'_>, low: i64, high: i64) -> Option<i64> {
    let number = match value {
        Json::Bool(value) => i64::from(*value),
        Json::Int(number) => *number,
        Json::BigInt(digits) if digits.starts_with('-') => i64::MIN,
        Json::BigInt(_) => i64::MAX,
        Json::Float(number) if !number.is_finite() => return place.wrong("finite_number", "Input should be a finite number", value),
        Json::Float(number) if number.fract() != 0.0 => {
            return place.wrong("int_from_float", "Input should be a valid integer, got a number with a fractional part", value);
        }
        // A cast of a fraction beyond 64 bits gives the nearest number there is, which is out of bounds as well.
        Json::Float(number) => *number as i64,
        Json::Text(text) => match whole_number(text) {
            Some(number) => number,
            None => {
                let message = "Input should be a valid integer, unable to parse string as an integer";
                return place.wrong("int_parsing", message, value);
            }
        },
        _ => return place.wrong("int_type", "Input should be a valid integer", value),
    };
    if number < low {
        let message = format!("Input should be greater than or equal to {low}");
        place.note("greater_than_equal", message, value, Some(Context::Int("ge", low)))
    } else if number > high {
        let message = format!("Input should be less than or equal to {high}");
        place.note("less_than_equal", message, value, Some(Context::Int("le", high)))
    } else {
        Some(number)
    }
}

impl FieldType for i32 {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        between(value, place, i32::MIN.into(), i32::MAX.into()).and_then(|number| number.try_into().ok())
    }
}

/// A number that counts: 0 or more, 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count(pub u32);

impl FieldType for Count {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        between(value, place, 0, i32::MAX.into()).and_then(|number| number.try_into().ok()).map(Self)
    }
}

/// A whole number between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Within<const LOW: u32, const HIGH: u32>(pub u32);

impl<const LOW: u32, const HIGH: u32> FieldType for Within<LOW, HIGH> {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        between(value, place, LOW.into(), HIGH.into()).and_then(|number| number.try_into().ok()).map(Self)
    }
}

impl FieldType for ChatId {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        i32::read(value, place).map(Self)
    }
}

impl FieldType for StreamId {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        i32::read(value, place).map(Self)
    }
}

impl FieldType for FeedbackId {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        i32::read(value, place).map(Self)
    }
}

impl FieldType for Note {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let number = between(value, place, Self::MIN.into(), Self::MAX.into())?;
        i32::try_from(number).ok().and_then(|number| Self::try_from(number).ok())
    }
}

impl FieldType for f64 {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let number = match value {
            Json::Bool(value) => f64::from(*value),
            Json::Int(number) => *number as f64,
            Json::BigInt(digits) => digits.parse().unwrap_or(f64::INFINITY),
            Json::Float(number) => *number,
            Json::Text(text) => match text.trim().replace('_', "").parse() {
                Ok(number) => number,
                Err(_) => {
                    let message = "Input should be a valid number, unable to parse string as a number";
                    return place.wrong("float_parsing", message, value);
                }
            },
            _ => return place.wrong("float_type", "Input should be a valid number", value),
        };
        if number.is_finite() { Some(number) } else { place.wrong("finite_number", "Input should be a finite number", value) }
    }
}

impl FieldType for Temperature {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let number = f64::read(value, place)?;
        match Self::try_from(number) {
            Ok(temperature) => Some(temperature),
            Err(_) if number < 0.0 => {
                let message = "Input should be greater than or equal to 0";
                place.note("greater_than_equal", message, value, Some(Context::Float("ge", 0.0)))
            }
            Err(_) => {
                let message = "Input should be less than or equal to 2";
                place.note("less_than_equal", message, value, Some(Context::Float("le", 2.0)))
            }
        }
    }
}

impl FieldType for EmailAddress {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        match Self::try_from(text.as_str()) {
            Ok(address) => Some(address),
            Err(error) => {
                let message = format!("value is not a valid email address: {}", error.message);
                place.note("value_error", message, value, Some(Context::Text("reason", Cow::Owned(error.message))))
            }
        }
    }
}

impl FieldType for Password {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        match Self::try_from(text) {
            Ok(password) => Some(password),
            Err(_) => {
                let message = format!("String should match pattern '{PASSWORD_PATTERN}'");
                let context = Context::Text("pattern", Cow::Borrowed(PASSWORD_PATTERN));
                place.note("string_pattern_mismatch", message, value, Some(context))
            }
        }
    }
}

/// Reads one of a few words, or notes which there are.
pub(crate) fn choice<T: Copy>(value: &Json, place: &mut Place<'_>, words: &[(&str, T)]) -> Option<T> {
    if let Json::Text(text) = value
        && let Some((_, choice)) = words.iter().find(|(word, _)| word == text)
    {
        return Some(*choice);
    }
    let quoted: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
    let expected = match quoted.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => quoted.concat(),
    };
    let message = format!("Input should be {expected}");
    place.note("enum", message, value, Some(Context::Text("expected", Cow::Owned(expected))))
}
