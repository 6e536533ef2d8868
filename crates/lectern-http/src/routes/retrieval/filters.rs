//! `filters`: OpenAI's comparisons and compounds, with ranges, beginnings and a `not` besides.

use crate::{
    routes::collections::plain,
    validate::{
        FieldType, Place, choice,
        errors::{Context, Step},
        json::{Json, Object},
    },
};
use lectern_domain::{
    fields::named,
    filter::{Edge, Field, Filter},
};
use serde_json::Value;
use std::borrow::Cow;

/// How deep compounds may lie in each other.
const DEPTH_MAX: usize = 8;

/// The most conditions of a filter, compounds counted.
const CONDITIONS_MAX: usize = 64;

/// The most values of all its `in` and `nin`.
const VALUES_MAX: usize = 256;

/// What a passage's document must satisfy, with values as they came.
pub(super) struct Conditions(pub(super) Filter);

impl FieldType for Conditions {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        let mut reader = Reader { conditions: 0, values: 0 };
        reader.condition(value, place, 1).map(Self)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Is,
    IsNot,
    In,
    NotIn,
    Above,
    AtLeast,
    Below,
    AtMost,
    Range,
    Prefix,
    All,
    Any,
    Not,
}

const KINDS: [(&str, Kind); 13] = [
    ("eq", Kind::Is),
    ("ne", Kind::IsNot),
    ("in", Kind::In),
    ("nin", Kind::NotIn),
    ("gt", Kind::Above),
    ("gte", Kind::AtLeast),
    ("lt", Kind::Below),
    ("lte", Kind::AtMost),
    ("range", Kind::Range),
    ("prefix", Kind::Prefix),
    ("and", Kind::All),
    ("or", Kind::Any),
    ("not", Kind::Not),
];

/// Counts what it reads.
struct Reader {
    conditions: usize,
    values: usize,
}

impl Reader {
    fn condition(&mut self, value: &Json, place: &mut Place<'_>, depth: usize) -> Option<Filter> {
        let Json::Object(members) = value else { return place.wrong("dict_type", "Input should be a valid dictionary", value) };
        self.conditions += 1;
        if depth > DEPTH_MAX || self.conditions > CONDITIONS_MAX {
            let rule = format!("Value error, filters have at most {CONDITIONS_MAX} conditions, {DEPTH_MAX} in each other");
            return place.note("value_error", rule, &Json::Null, Some(Context::Rule));
        }
        let kind = member(members, "type", place, |value, place| choice(value, place, &KINDS))?;
        match kind {
            Kind::All => self.parts(members, place, depth).map(Filter::All),
            Kind::Any => self.parts(members, place, depth).map(Filter::Any),
            Kind::Not => {
                let part = member(members, "filter", place, |value, place| self.condition(value, place, depth + 1))?;
                Some(Filter::Not(Box::new(part)))
            }
            _ => {
                let field = named(member(members, "key", place, String::read)?);
                self.comparison(kind, field, members, place)
            }
        }
    }

    fn parts(&mut self, members: &Object, place: &mut Place<'_>, depth: usize) -> Option<Vec<Filter>> {
        member(members, "filters", place, |value, place| match value {
            Json::List(parts) if !parts.is_empty() => {
                let part = |(index, part)| place.at(Step::Index(index), |place| self.condition(part, place, depth + 1));
                parts.iter().enumerate().map(part).collect()
            }
            _ => place.wrong("list_type", "Input should be a list of at least one filter", value),
        })
    }

    fn comparison(&mut self, kind: Kind, field: Field, members: &Object, place: &mut Place<'_>) -> Option<Filter> {
        let above = |included: bool, value: Value| (Some(Edge { value, included }), None);
        let below = |included: bool, value: Value| (None, Some(Edge { value, included }));
        let (from, to) = match kind {
            Kind::Is => return Some(Filter::In(field, vec![member(members, "value", place, scalar)?])),
            Kind::IsNot => return Some(not(Filter::In(field, vec![member(members, "value", place, scalar)?]))),
            Kind::In => return Some(Filter::In(field, member(members, "value", place, |value, place| self.scalars(value, place))?)),
            Kind::NotIn => {
                return Some(not(Filter::In(field, member(members, "value", place, |value, place| self.scalars(value, place))?)));
            }
            Kind::Prefix => return Some(Filter::Prefix(field, member(members, "value", place, String::read)?)),
            Kind::Range => range(members, place)?,
            Kind::Above => above(false, member(members, "value", place, scalar)?),
            Kind::AtLeast => above(true, member(members, "value", place, scalar)?),
            Kind::Below => below(false, member(members, "value", place, scalar)?),
            Kind::AtMost | Kind::All | Kind::Any | Kind::Not => below(true, member(members, "value", place, scalar)?),
        };
        Some(Filter::Range(field, from, to))
    }

    fn scalars(&mut self, value: &Json, place: &mut Place<'_>) -> Option<Vec<Value>> {
        let Json::List(items) = value else { return place.wrong("list_type", "Input should be a valid list", value) };
        self.values += items.len();
        if items.is_empty() || self.values > VALUES_MAX {
            let rule = format!("Value error, lists in filters have at least one value, and {VALUES_MAX} together");
            return place.note("value_error", rule, &Json::Null, Some(Context::Rule));
        }
        items.iter().enumerate().map(|(index, item)| place.at(Step::Index(index), |place| scalar(item, place))).collect()
    }
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

/// The two ends of a range, of which at least one is there.
fn range(members: &Object, place: &mut Place<'_>) -> Option<(Option<Edge>, Option<Edge>)> {
    let mut end = |names: [(&'static str, bool); 2]| -> Option<Option<Edge>> {
        let given: Vec<_> = names.into_iter().filter(|(name, _)| members.contains_key(*name)).collect();
        match given.as_slice() {
            [] => Some(None),
            [(name, included)] => member(members, name, place, scalar).map(|value| Some(Edge { value, included: *included })),
            _ => {
                let rule = format!("Value error, a range has {} or {}, not both", names[0].0, names[1].0);
                place.note("value_error", rule, &Json::Null, Some(Context::Rule))
            }
        }
    };
    let ends = (end([("gte", true), ("gt", false)])?, end([("lte", true), ("lt", false)])?);
    match ends {
        (None, None) => {
            let rule = "Value error, a range has gt, gte, lt or lte";
            place.note("value_error", rule, &Json::Object(members.clone()), Some(Context::Rule))
        }
        ends => Some(ends),
    }
}

/// A member that must be there.
fn member<T>(
    members: &Object,
    name: &'static str,
    place: &mut Place<'_>,
    read: impl FnOnce(&Json, &mut Place<'_>) -> Option<T>,
) -> Option<T> {
    place.at(Step::Name(Cow::Borrowed(name)), |place| match members.get(name) {
        Some(value) => read(value, place),
        None => place.wrong("missing", "Field required", &Json::Null),
    })
}

/// A value that a field can be compared with.
fn scalar(value: &Json, place: &mut Place<'_>) -> Option<Value> {
    let simple = !matches!(value, Json::Null | Json::List(_) | Json::Object(_));
    match plain(value).filter(|_| simple) {
        Some(plain) => Some(plain),
        None => place.wrong("scalar_type", "Input should be a string, a number or a boolean", value),
    }
}
