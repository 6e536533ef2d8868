//! Lines of JSON as rows.

use super::{
    error::TransferError,
    json,
    shape::{Kind, Table},
    time,
    value::{Row, Value},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt, str};

/// Reads the lines of a table.
pub(crate) struct Parser<'t> {
    table: &'t Table,
}

/// A line's values, as they stand there.
pub(crate) struct Line<'a> {
    table: &'a Table,
    values: Vec<Option<&'a RawValue>>,
}

impl<'t> Parser<'t> {
    pub(crate) fn new(table: &'t Table) -> Self {
        Self { table }
    }

    /// Reads a line. Columns that are not there are NULL; they stand in the table's order.
    pub(crate) fn row<'a>(&self, line: &'a [u8]) -> Result<Line<'a>, TransferError>
    where
        't: 'a,
    {
        let damaged = |error: String| TransferError::Damaged(format!("a row of {} cannot be read: {error}", self.table.name));
        let text = str::from_utf8(line).map_err(|error| damaged(error.to_string()))?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let values = deserializer.deserialize_map(Columns(self.table)).map_err(|error| damaged(error.to_string()))?;
        deserializer.end().map_err(|error| damaged(error.to_string()))?;
        Ok(Line { table: self.table, values })
    }
}

impl Row for Line<'_> {
    fn with(&self, column: usize, f: &mut dyn FnMut(Value<'_>) -> Result<(), String>) -> Result<(), String> {
        f(self.value(column)?)
    }
}

impl<'a> Line<'a> {
    /// The value of a column.
    pub(crate) fn value(&self, column: usize) -> Result<Value<'a>, String> {
        let Some(raw) = self.values.get(column).copied().flatten() else { return Ok(Value::Null) };
        value(self.table.columns[column].kind, raw.get())
    }
}

fn value(kind: Kind, raw: &str) -> Result<Value<'_>, String> {
    let failed = |error: serde_json::Error| error.to_string();
    Ok(match kind {
        Kind::Boolean => Value::Boolean(serde_json::from_str(raw).map_err(failed)?),
        Kind::Integer | Kind::Bigint => Value::Integer(serde_json::from_str(raw).map_err(failed)?),
        // Not by serde_json, which takes the last digit less seriously.
        Kind::Double => match raw.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Double(number),
            _ => return Err(format!("{raw} is no finite number")),
        },
        Kind::Text => Value::Text(text(raw)?),
        Kind::Json => {
            json::check(raw)?;
            Value::Json(raw.into())
        }
        Kind::Timestamp => {
            let text = text(raw)?;
            Value::Timestamp(time::read(&text).ok_or_else(|| format!("'{text}' is no time"))?)
        }
        Kind::Uuid => Value::Uuid(uuid::Uuid::try_parse(&text(raw)?).map_err(|error| error.to_string())?.into_bytes()),
        Kind::Bytes => Value::Bytes(STANDARD.decode(text(raw)?.as_bytes()).map_err(|error| error.to_string())?.into()),
    })
}

/// What a JSON string stands for.
fn text(raw: &str) -> Result<Cow<'_, str>, String> {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) if !inside.contains('\\') => Ok(inside.into()),
        _ => serde_json::from_str::<String>(raw).map(Cow::Owned).map_err(|error| error.to_string()),
    }
}

/// Takes an object's members to their columns.
struct Columns<'t>(&'t Table);

impl<'de> Visitor<'de> for Columns<'_> {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the columns of a row")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = vec![None; self.0.columns.len()];
        let mut from = 0;
        while let Some(at) = map.next_key_seed(Place { table: self.0, from })? {
            values[at] = Some(map.next_value()?);
            from = at + 1;
        }
        Ok(values)
    }
}

/// The place of a column, at or after another one.
struct Place<'t> {
    table: &'t Table,
    from: usize,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<usize, E> {
        let place = self.table.columns[self.from..].iter().position(|column| column.name == name);
        place.map(|at| self.from + at).ok_or_else(|| E::custom(format!("the column '{name}' is unknown, twice there, or out of order")))
    }
}
