//! Times as clients know them: UTC without saying so, microseconds where there are any.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

/// A time of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NaiveTime(pub DateTime<Utc>);

impl ToSchema for NaiveTime {}

impl PartialSchema for NaiveTime {
    fn schema() -> RefOr<Schema> {
        let pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?$";
        ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).description(Some("UTC, without a zone")).build().into()
    }
}

impl Serialize for NaiveTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (date, time) = (self.0.date_naive(), self.0.time());
        let micros = time.nanosecond() / 1_000;
        // Digit by digit: a list of chats has many times, and a format string would be read for each of them.
        let mut text = *b"0000-00-00T00:00:00.000000";
        digits(&mut text[..4], date.year().unsigned_abs());
        for (at, number) in [(5, date.month()), (8, date.day()), (11, time.hour()), (14, time.minute()), (17, time.second())] {
            digits(&mut text[at..at + 2], number);
        }
        digits(&mut text[20..], micros);
        let shown = if micros == 0 { &text[..19] } else { &text[..] };
        serializer.serialize_str(std::str::from_utf8(shown).map_err(serde::ser::Error::custom)?)
    }
}

/// Writes a number into places for digits. Years are those from 0001 to 9999 that the databases hold.
fn digits(places: &mut [u8], mut number: u32) {
    for place in places.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;

    #[test]
    fn microseconds_are_shown_where_there_are_any() {
        let whole = Utc.with_ymd_and_hms(2026, 11, 20, 14, 15, 0).single().expect("a time");
        let show = |time| serde_json::to_string(&NaiveTime(time)).expect("serialises");
        assert_eq!(show(whole), r#""2026-11-20T14:15:00""#);
        assert_eq!(show(whole + chrono::Duration::microseconds(88_977)), r#""2026-11-20T14:15:00.088977""#);
        assert_eq!(show(whole + chrono::Duration::nanoseconds(999)), r#""2026-11-20T14:15:00""#);
        let first = Utc.with_ymd_and_hms(1, 1, 2, 3, 4, 5).single().expect("a time");
        assert_eq!(show(first + chrono::Duration::microseconds(70)), r#""0001-01-02T03:04:05.000070""#);
        let last = Utc.with_ymd_and_hms(9999, 12, 31, 23, 59, 59).single().expect("a time");
        assert_eq!(show(last + chrono::Duration::microseconds(999_999)), r#""9999-12-31T23:59:59.999999""#);
    }
}
