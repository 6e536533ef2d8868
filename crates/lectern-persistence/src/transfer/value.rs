//! One value on its way from a database to a line, or back.

use std::borrow::Cow;

/// A value. What it borrows is gone with its row or its line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(Cow<'a, str>),
    /// A document, as it was spelled.
    Json(Cow<'a, str>),
    /// Microseconds since 1970, of the years 1 to 9999.
    Timestamp(i64),
    Uuid([u8; 16]),
    Bytes(Cow<'a, [u8]>),
}

/// A row, whose values are asked for one by one.
pub(crate) trait Row {
    /// Hands the value of a column to `f`; the error says why it is not what its column promises.
    fn with(&self, column: usize, f: &mut dyn FnMut(Value<'_>) -> Result<(), String>) -> Result<(), String>;
}
