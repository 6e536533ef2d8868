//! The metadata fields of documents that a collection can be searched by.

use crate::{
    Invalid,
    filter::{COMPARED_BYTES, Edge, Field, Filter},
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeMap};

/// The field of the reference's `experiences` that `institution` asks for.
pub const INSTITUTION: &str = "intitule_typologie_1";

/// The most fields that a collection declares.
pub const FIELDS_MAX: usize = 32;

/// The longest name of a field, in characters.
const NAME_MAX: usize = 100;

/// What filters call the document's own fields; no other field has such a name.
const OWN: [(&str, Field); 2] = [("source", Field::Source), ("external_id", Field::ExternalId)];

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// A text that is compared as a whole or by its beginning, letter by letter.
    Keyword,
    /// A number, compared as 64-bit floating point.
    Number,
    /// A day (`2026-11-21`, its first moment in UTC) or a moment (RFC 3339).
    Date,
    /// True or false.
    Boolean,
}

impl FieldKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Keyword, Self::Number, Self::Date, Self::Boolean];

    /// The word that stands for it in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Number => "number",
            Self::Date => "date",
            Self::Boolean => "boolean",
        }
    }

    /// The value as indexes keep and compare it, where it is of this kind: moments in UTC and at full length, so that their order is that of
    /// their texts.
    fn kept(self, value: &Value) -> Option<Value> {
        match self {
            Self::Keyword => value.is_string().then(|| value.clone()),
            Self::Number => value.is_number().then(|| value.clone()),
            Self::Boolean => value.is_boolean().then(|| value.clone()),
            Self::Date => moment(value.as_str()?).map(Value::String),
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Keyword => "a text",
            Self::Number => "a number",
            Self::Date => "a date (2026-11-21) or a time (2026-11-21T10:00:00Z)",
            Self::Boolean => "true or false",
        }
    }
}

/// A day or a moment as `2026-11-21T10:00:00.000000Z`; none for anything else, and outside the years 0 to 9999.
fn moment(text: &str) -> Option<String> {
    let day = || text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10).map(|day| day.and_time(NaiveTime::MIN).and_utc());
    let moment = DateTime::parse_from_rfc3339(text).map(|moment| moment.with_timezone(&Utc)).ok().or_else(day)?;
    (0..=9999).contains(&moment.year()).then(|| moment.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

/// The fields that a collection declares as filterable: indexes keep these of a document's metadata, and no others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FilterableFields(BTreeMap<String, FieldKind>);

impl Default for FilterableFields {
    /// The field that the reference's API can filter by.
    fn default() -> Self {
        Self(BTreeMap::from([(INSTITUTION.to_owned(), FieldKind::Keyword)]))
    }
}

impl FilterableFields {
    /// The fields that a new collection declares, besides the one that every collection has.
    ///
    /// # Errors
    /// [`Invalid`] for more than [`FIELDS_MAX`], a name that is empty, too long, has control characters or is one of the document's own, and the
    /// usual field with another kind than it has.
    pub fn declare(fields: impl IntoIterator<Item = (String, FieldKind)>) -> Result<Self, Invalid> {
        let mut declared = Self::default();
        for (name, kind) in fields {
            if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
                let rule = format!("a field's name has 1 to {NAME_MAX} characters and no control characters");
                return Err(Invalid::new("fields", rule));
            }
            if OWN.iter().any(|(own, _)| *own == name) {
                return Err(Invalid::new("fields", format!("every document has a field '{name}' of its own")));
            }
            if name == INSTITUTION && kind != FieldKind::Keyword {
                return Err(Invalid::new("fields", format!("'{INSTITUTION}' is a keyword in every collection")));
            }
            declared.0.insert(name, kind);
        }
        if declared.0.len() > FIELDS_MAX {
            return Err(Invalid::new("fields", format!("a collection has at most {FIELDS_MAX} fields")));
        }
        Ok(declared)
    }

    /// Whether no field is declared.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every field with its kind, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, FieldKind)> {
        self.0.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// The declared fields among a document's metadata, as indexes keep them. What is `null` is absent.
    #[must_use]
    pub fn of(&self, metadata: &Map<String, Value>) -> Map<String, Value> {
        self.iter().filter_map(|(name, kind)| Some((name.to_owned(), kind.kept(metadata.get(name)?)?))).collect()
    }

    /// Refuses metadata with a value of another kind than is declared.
    ///
    /// # Errors
    /// [`Invalid`], with the field and what it takes.
    pub fn check(&self, metadata: &Map<String, Value>) -> Result<(), Invalid> {
        for (name, kind) in self.iter() {
            if metadata.get(name).is_some_and(|value| !value.is_null() && kind.kept(value).is_none()) {
                let message = format!("the field '{name}' can be searched by, and takes {} or nothing", kind.meaning());
                return Err(Invalid::new("metadata", message));
            }
        }
        Ok(())
    }
}

/// The field that a filter names.
pub fn named(name: String) -> Field {
    OWN.into_iter().find(|(own, _)| *own == name).map_or(Field::Metadata(name), |(_, field)| field)
}

/// A filter over collections that declare these fields, with its values as indexes keep them.
///
/// # Errors
/// [`Invalid`] for a field that no collection declares, or that two declare differently, for a value of another kind, for a range of what has no
/// order, for the beginning of what is no text, and for a text that is longer than [`COMPARED_BYTES`] where it is compared.
pub fn resolve(filter: Filter, declared: &[&FilterableFields]) -> Result<Filter, Invalid> {
    let parts = |parts: Vec<Filter>| parts.into_iter().map(|part| resolve(part, declared)).collect::<Result<Vec<_>, _>>();
    let wrong = |message: String| Err(Invalid::new("filters", message));
    Ok(match filter {
        Filter::All(all) => Filter::All(parts(all)?),
        Filter::Any(any) => Filter::Any(parts(any)?),
        Filter::Not(part) => Filter::Not(Box::new(resolve(*part, declared)?)),
        Filter::In(field, values) => {
            let kind = kind_of(&field, declared)?;
            let values = values.iter().map(|value| value_of(&field, kind, value)).collect::<Result<_, _>>()?;
            Filter::In(field, values)
        }
        Filter::Range(field, from, to) => {
            let kind = kind_of(&field, declared)?;
            if !matches!(kind, FieldKind::Number | FieldKind::Date) {
                return wrong(format!("'{}' is a {}: only numbers and dates have ranges", name_of(&field), kind.as_str()));
            }
            let end =
                |edge: Option<Edge>| edge.map(|edge| value_of(&field, kind, &edge.value).map(|value| Edge { value, ..edge })).transpose();
            let (from, to) = (end(from)?, end(to)?);
            Filter::Range(field, from, to)
        }
        Filter::Prefix(field, start) => {
            let kind = kind_of(&field, declared)?;
            if kind != FieldKind::Keyword {
                return wrong(format!("'{}' is a {}: only keywords have beginnings", name_of(&field), kind.as_str()));
            }
            if start.len() > COMPARED_BYTES {
                return wrong(format!("the beginning of '{}' is longer than {COMPARED_BYTES} bytes", name_of(&field)));
            }
            Filter::Prefix(field, start)
        }
    })
}

fn name_of(field: &Field) -> Cow<'_, str> {
    match field {
        Field::Metadata(name) => Cow::Borrowed(name),
        own => OWN.iter().find(|(_, field)| field == own).map_or(Cow::Borrowed(""), |(name, _)| Cow::Borrowed(*name)),
    }
}

/// What the collections that declare a field say it is.
fn kind_of(field: &Field, declared: &[&FilterableFields]) -> Result<FieldKind, Invalid> {
    let Field::Metadata(name) = field else { return Ok(FieldKind::Keyword) };
    let mut kinds: Vec<FieldKind> = declared.iter().filter_map(|fields| fields.0.get(name).copied()).collect();
    kinds.sort();
    kinds.dedup();
    match kinds.as_slice() {
        [kind] => Ok(*kind),
        [] => {
            let mut known: Vec<&str> = declared.iter().flat_map(|fields| fields.0.keys().map(String::as_str)).collect();
            known.extend(OWN.iter().map(|(own, _)| *own));
            known.sort_unstable();
            known.dedup();
            Err(Invalid::new("filters", format!("none of these collections declares a field '{name}': they have {}", known.join(", "))))
        }
        _ => {
            let rule = format!("the field '{name}' is not the same in all of these collections: search them one by one");
            Err(Invalid::new("filters", rule))
        }
    }
}

fn value_of(field: &Field, kind: FieldKind, value: &Value) -> Result<Value, Invalid> {
    let wrong = || Invalid::new("filters", format!("the field '{}' is compared with {}", name_of(field), kind.meaning()));
    kind.kept(value).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(of: &[(&str, FieldKind)]) -> FilterableFields {
        FilterableFields::declare(of.iter().map(|(name, kind)| ((*name).to_owned(), *kind))).expect("fields")
    }

    #[track_caller]
    fn check(kind: FieldKind, value: Value, kept: Option<Value>, valid: bool) {
        let metadata = Map::from_iter([("f".to_owned(), value), ("other".to_owned(), json!("kept out"))]);
        let fields = fields(&[("f", kind)]);
        let expect: Map<String, Value> = kept.into_iter().map(|value| ("f".to_owned(), value)).collect();
        assert_eq!((fields.of(&metadata), fields.check(&metadata).is_ok()), (expect, valid));
    }

    #[test]
    fn a_keyword_is_a_text_or_absent() {
        check(FieldKind::Keyword, json!("CAF"), Some(json!("CAF")), true);
        check(FieldKind::Keyword, json!(""), Some(json!("")), true);
        check(FieldKind::Keyword, json!(null), None, true);
        check(FieldKind::Keyword, json!(3), None, false);
        check(FieldKind::Keyword, json!(["CAF"]), None, false);
        assert_eq!(FilterableFields::default().check(&Map::new()), Ok(()));
    }

    #[test]
    fn numbers_switches_and_dates_are_what_they_say() {
        check(FieldKind::Number, json!(-3.5), Some(json!(-3.5)), true);
        check(FieldKind::Number, json!("3"), None, false);
        check(FieldKind::Boolean, json!(false), Some(json!(false)), true);
        check(FieldKind::Boolean, json!(0), None, false);
        check(FieldKind::Date, json!("2026-11-21"), Some(json!("2026-11-21T00:00:00.000000Z")), true);
        check(FieldKind::Date, json!("2026-11-21T10:00:00.5+02:00"), Some(json!("2026-11-21T08:00:00.500000Z")), true);
        for wrong in ["2026-13-01", "2026-1-1", "21/11/2026", "+12026-01-01", "9999-12-31T23:59:59-01:00", "yesterday", ""] {
            check(FieldKind::Date, json!(wrong), None, false);
        }
    }

    #[test]
    fn declarations_have_bounds() {
        let declare = |name: &str, kind| FilterableFields::declare([(name.to_owned(), kind)]);
        for wrong in ["", "a\nb", "source", "external_id", &"n".repeat(101)] {
            assert!(declare(wrong, FieldKind::Keyword).is_err(), "{wrong}");
        }
        assert!(declare(INSTITUTION, FieldKind::Number).is_err() && declare(INSTITUTION, FieldKind::Keyword).is_ok());
        let many = |count: usize| FilterableFields::declare((0..count).map(|n| (format!("f{n}"), FieldKind::Number)));
        assert!(many(FIELDS_MAX - 1).is_ok() && many(FIELDS_MAX).is_err());
    }

    #[track_caller]
    fn resolved(filter: Filter, expect: Result<Filter, &str>) {
        let (one, other) = (
            fields(&[("year", FieldKind::Number), ("day", FieldKind::Date), ("mixed", FieldKind::Number)]),
            fields(&[("theme", FieldKind::Keyword), ("mixed", FieldKind::Keyword)]),
        );
        let got = resolve(filter, &[&one, &other]);
        match expect {
            Ok(filter) => assert_eq!(got, Ok(filter)),
            Err(part) => {
                let refused = got.expect_err("refused");
                assert!(refused.field == "filters" && refused.message.contains(part), "{refused}");
            }
        }
    }

    #[test]
    fn filters_are_typed() {
        let is = |name: &str, value: Value| Filter::In(named(name.to_owned()), vec![value]);
        let from = |name: &str, value: Value| Filter::Range(named(name.to_owned()), Some(Edge { value, included: true }), None);
        let begins = |name: &str, start: &str| Filter::Prefix(named(name.to_owned()), start.to_owned());
        let moment = json!("2026-11-21T00:00:00.000000Z");
        resolved(from("day", json!("2026-11-21")), Ok(from("day", moment.clone())));
        let nested = |value: Value| Filter::All(vec![Filter::Not(Box::new(Filter::Any(vec![is("day", value)])))]);
        resolved(nested(json!("2026-11-21")), Ok(nested(moment)));
        resolved(is("source", json!("web")), Ok(Filter::In(Field::Source, vec![json!("web")])));
        resolved(begins("external_id", "guides/"), Ok(Filter::Prefix(Field::ExternalId, "guides/".to_owned())));
        resolved(is("year", json!("2026")), Err("'year' is compared with a number"));
        resolved(is("unknown", json!(1)), Err("they have day, external_id, intitule_typologie_1, mixed, source, theme, year"));
        resolved(is("mixed", json!(1)), Err("one by one"));
        resolved(from("theme", json!("a")), Err("'theme' is a keyword"));
        resolved(from("day", json!(1)), Err("'day' is compared with a date"));
        resolved(begins("year", "20"), Err("'year' is a number"));
        resolved(begins("theme", &"x".repeat(COMPARED_BYTES + 1)), Err("longer than 256 bytes"));
    }
}
