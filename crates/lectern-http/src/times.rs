//! Times as clients know them: UTC without saying so, microseconds where there are any.

use chrono::{DateTime, Timelike as _, Utc};
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
        let format = if self.0.nanosecond() / 1_000 == 0 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.6f" };
        serializer.collect_str(&self.0.format(format))
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
    }
}
