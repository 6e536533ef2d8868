//! The values that requests about collections and documents have in common.

use crate::validate::{
    FieldType, Place, choice,
    errors::{Context, Step},
    json::{Json, Object},
};
use lectern_domain::{
    collection::{CollectionName, CollectionRef, Visibility},
    fields::{FieldKind, FilterableFields},
    language::Language,
};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The most collections that one request names.
pub(crate) const COLLECTIONS_MAX: usize = 32;

impl FieldType for Visibility {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &[Self::Private, Self::Public].map(|known| (known.as_str(), known)))
    }
}

impl FieldType for Language {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &Self::ALL.map(|known| (known.code(), known)))
    }
}

impl FieldType for FieldKind {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &Self::ALL.map(|known| (known.as_str(), known)))
    }
}

impl FieldType for CollectionName {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        Self::try_from(text).map_or_else(|rule| place.broken(&rule, value), Some)
    }
}

impl FieldType for CollectionRef {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let text = String::read(value, place)?;
        Self::parse(text).map_or_else(|rule| place.broken(&rule, value), Some)
    }
}

/// Some collections, by their ids or names.
pub(crate) struct CollectionRefs(pub(crate) Vec<CollectionRef>);

impl FieldType for CollectionRefs {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let named = Vec::<CollectionRef>::read(value, place)?;
        match named.len() {
            1..=COLLECTIONS_MAX => Some(Self(named)),
            _ => {
                let message = format!("Value error, one to {COLLECTIONS_MAX} collections are named");
                place.note("value_error", message, value, Some(Context::Rule))
            }
        }
    }
}

impl FieldType for FilterableFields {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let Json::Object(members) = value else { return place.wrong("dict_type", "Input should be a valid dictionary", value) };
        let kind = |(name, kind): (&String, &Json)| {
            let kind = place.at(Step::Name(Cow::Owned(name.clone())), |place| FieldKind::read(kind, place))?;
            Some((name.clone(), kind))
        };
        let declared: Option<Vec<_>> = members.iter().map(kind).collect();
        Self::declare(declared?).map_or_else(|rule| place.broken(&rule, value), Some)
    }
}

/// Whatever is known of a document besides.
#[derive(Default)]
pub(crate) struct Metadata(pub(crate) Map<String, Value>);

impl FieldType for Metadata {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        match value {
            Json::Object(members) => object(members).map_or_else(
                || {
                    place.note(
                        "value_error",
                        "Value error, it holds a NUL, a lone surrogate or a number that is none",
                        value,
                        Some(Context::Rule),
                    )
                },
                |members| Some(Self(members)),
            ),
            _ => place.wrong("dict_type", "Input should be a valid dictionary", value),
        }
    }
}

fn object(members: &Object) -> Option<Map<String, Value>> {
    members.iter().map(|(name, value)| Some((text(name)?, plain(value)?))).collect()
}

/// The value where JSON of every database can hold it.
pub(crate) fn plain(value: &Json) -> Option<Value> {
    Some(match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::from(*value),
        Json::Int(value) => Value::from(*value),
        Json::Float(value) if value.is_finite() => Value::from(*value),
        Json::Text(value) => Value::from(text(value)?),
        Json::List(items) => Value::Array(items.iter().map(plain).collect::<Option<_>>()?),
        Json::Object(members) => Value::Object(object(members)?),
        Json::Float(_) | Json::BigInt(_) | Json::BrokenText(_) => return None,
    })
}

/// PostgreSQL can't keep a NUL.
fn text(text: &str) -> Option<String> {
    (!text.contains('\0')).then(|| text.to_owned())
}
