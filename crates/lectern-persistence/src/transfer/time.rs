//! Times as archives and SQLite spell them: `2026-01-31T12:00:00.000000Z`, so that the order of texts is the order of times.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

const DAY_S: i64 = 86_400;
const SECOND: i64 = 1_000_000;

/// The days from the year 1 to 1970, as chrono counts.
const EPOCH_DAYS: i32 = 719_163;

/// Writes a time. `None` outside the years 1 to 9999, which have no text of that width.
pub(crate) fn write(micros: i64, out: &mut Vec<u8>) -> Option<()> {
    let (seconds, fraction) = (micros.div_euclid(SECOND), micros.rem_euclid(SECOND));
    let (days, second) = (seconds.div_euclid(DAY_S), seconds.rem_euclid(DAY_S));
    let date = NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?.checked_add(EPOCH_DAYS)?)?;
    let year = i64::from(date.year());
    if !(1..=9999).contains(&year) {
        return None;
    }
    let mut digits = |number: i64, width: u32, after: u8| {
        for place in (0..width).rev() {
            // One digit.
            out.push(b'0' + u8::try_from(number / 10_i64.pow(place) % 10).unwrap_or_default());
        }
        out.push(after);
    };
    digits(year, 4, b'-');
    digits(date.month().into(), 2, b'-');
    digits(date.day().into(), 2, b'T');
    digits(second / 3_600, 2, b':');
    digits(second / 60 % 60, 2, b':');
    digits(second % 60, 2, b'.');
    digits(fraction, 6, b'Z');
    Some(())
}

/// Reads a time: as it is written here, or any other of RFC 3339, cut to microseconds.
pub(crate) fn read(text: &str) -> Option<i64> {
    let micros =
        read_fixed(text.as_bytes()).or_else(|| Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc).timestamp_micros()))?;
    let year = DateTime::from_timestamp_micros(micros)?.year();
    (1..=9999).contains(&year).then_some(micros)
}

fn read_fixed(text: &[u8]) -> Option<i64> {
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _, b'.', _, _, _, _, _, _, b'Z'] = text else { return None };
    let number = |from: usize, to: usize| {
        text[from..to].iter().try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(date.num_days_from_ce() - EPOCH_DAYS) * DAY_S + i64::from(hour * 3_600 + minute * 60 + second);
    Some(seconds * SECOND + i64::from(number(20, 26)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(micros: i64) -> Option<String> {
        let mut out = Vec::new();
        write(micros, &mut out)?;
        String::from_utf8(out).ok()
    }

    #[test]
    fn times_read_back_as_they_were_written() {
        for text in [
            "0001-01-01T00:00:00.000000Z",
            "1582-10-15T23:59:59.999999Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00.000000Z",
            "2024-02-29T12:34:56.000001Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            let micros = read(text).expect(text);
            assert_eq!(written(micros).as_deref(), Some(text));
            assert_eq!(Some(micros), DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_micros()), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_read_and_other_years_are_not() {
        assert_eq!(read("1970-01-01T01:00:00.0000019+01:00"), Some(1));
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
        for wrong in ["", "1970-02-30T00:00:00.000000Z", "1970-01-01T24:00:00.000000Z", "0000-12-31T23:59:59.999999Z", "yesterday"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let before = read("0001-01-01T00:00:00.000000Z").expect("a time") - 1;
        let after = read("9999-12-31T23:59:59.999999Z").expect("a time") + 1;
        for other in [before, after, i64::MIN, i64::MAX] {
            assert_eq!(written(other), None);
        }
    }
}
