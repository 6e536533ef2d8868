//! What a field takes, found by asking the code that reads it: it is given values of every kind, and its complaints say what it wants.
//! So the description cannot say anything else than the validation does.

use crate::validate::{
    FieldType, Place,
    errors::{Context, Mistake, Mistakes},
    json::{Json, Object},
};
use utoipa::openapi::{
    RefOr,
    schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type, empty},
};

/// A field that a reader asked for.
pub(crate) struct Asked {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// What it takes.
    pub(crate) schema: RefOr<Schema>,
}

/// What values of a type look like.
pub(crate) fn measure<T: FieldType>() -> RefOr<Schema> {
    RefOr::T(taken(&|value| {
        let mut mistakes = Mistakes::default();
        // Only the complaint matters.
        let _ = T::read(value, &mut Place::new("body", "value", &mut mistakes));
        mistakes.into_first()
    }))
}

type Probe<'a> = &'a dyn Fn(&Json) -> Option<Mistake>;

fn taken(complaint: Probe<'_>) -> Schema {
    if complaint(&Json::Bool(true)).is_some_and(|mistake| mistake.kind == "dict_type") {
        return object(complaint);
    }
    let Some(mistake) = complaint(&Json::Object(Object::new())) else { return empty() };
    let nullable = complaint(&Json::Null).is_none();
    let typed = |kind: Type| match nullable {
        true => SchemaType::from_iter([kind, Type::Null]),
        false => SchemaType::new(kind),
    };
    match mistake.kind {
        "string_type" => text(complaint, typed(Type::String)),
        "bool_type" => ObjectBuilder::new().schema_type(typed(Type::Boolean)).into(),
        "int_type" => {
            let (least, most) = (bound(complaint(&Json::Int(i64::MIN))), bound(complaint(&Json::Int(i64::MAX))));
            let whole = |bound: f64| bound as i64;
            ObjectBuilder::new().schema_type(typed(Type::Integer)).minimum(least.map(whole)).maximum(most.map(whole)).into()
        }
        "float_type" => {
            let (least, most) = (bound(complaint(&Json::Float(-1e300))), bound(complaint(&Json::Float(1e300))));
            ObjectBuilder::new().schema_type(typed(Type::Number)).minimum(least).maximum(most).into()
        }
        "enum" => {
            let words = words(&mistake).into_iter().map(serde_json::Value::from);
            ObjectBuilder::new().schema_type(typed(Type::String)).enum_values(Some(words)).into()
        }
        "list_type" => {
            let items = taken(&|value| complaint(&Json::List(vec![value.clone()])));
            ArrayBuilder::new().schema_type(typed(Type::Array)).items(RefOr::T(items)).into()
        }
        _ => empty(),
    }
}

/// An object, and what its members are where all are alike.
fn object(complaint: Probe<'_>) -> Schema {
    let kind =
        if complaint(&Json::Null).is_none() { SchemaType::from_iter([Type::Object, Type::Null]) } else { SchemaType::new(Type::Object) };
    let member = complaint(&Json::Object(Object::from_iter([("name".to_owned(), Json::List(Vec::new()))])));
    let mut object = ObjectBuilder::new().schema_type(kind);
    if let Some(mistake) = member.filter(|mistake| mistake.kind == "enum") {
        let words = words(&mistake).into_iter().map(serde_json::Value::from);
        let members: Schema = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(words)).into();
        object = object.additional_properties(Some(members));
    }
    object.into()
}

fn text(complaint: Probe<'_>, kind: SchemaType) -> Schema {
    let object = ObjectBuilder::new().schema_type(kind);
    match complaint(&Json::Text(String::new())) {
        Some(Mistake { context: Some(Context::Text("pattern", pattern)), .. }) => object.pattern(Some(pattern)).into(),
        Some(Mistake { context: Some(Context::Text("reason", _)), .. }) => {
            object.format(Some(SchemaFormat::KnownFormat(KnownFormat::Email))).into()
        }
        _ => object.into(),
    }
}

fn bound(mistake: Option<Mistake>) -> Option<f64> {
    match mistake?.context? {
        Context::Int(_, bound) => Some(bound as f64),
        Context::Float(_, bound) => Some(bound),
        _ => None,
    }
}

/// The words of `'a', 'b' or 'c'`.
fn words(mistake: &Mistake) -> Vec<String> {
    let Some(Context::Text("expected", expected)) = &mistake.context else { return Vec::new() };
    expected.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{routes::Metadata, validate::Count};
    use lectern_domain::{chat::ChatType, email::EmailAddress, fields::FilterableFields, stream::Temperature};

    #[track_caller]
    fn check<T: FieldType>(expect: &str) {
        assert_eq!(serde_json::to_string(&measure::<T>()).expect("JSON"), expect);
    }

    #[test]
    fn types_say_what_they_take() {
        check::<String>(r#"{"type":"string"}"#);
        check::<Option<bool>>(r#"{"type":["boolean","null"]}"#);
        check::<Count>(r#"{"type":"integer","maximum":2147483647,"minimum":0}"#);
        check::<Temperature>(r#"{"type":"number","maximum":2,"minimum":0}"#);
        check::<EmailAddress>(r#"{"type":"string","format":"email"}"#);
        check::<ChatType>(r#"{"type":"string","enum":["evaluations","meeting"]}"#);
        check::<FilterableFields>(
            r#"{"type":"object","additionalProperties":{"type":"string","enum":["keyword","number","date","boolean"]}}"#,
        );
        check::<Option<Metadata>>(r#"{"type":["object","null"]}"#);
        check::<Option<Vec<ChatType>>>(r#"{"type":["array","null"],"items":{"type":"string","enum":["evaluations","meeting"]}}"#);
    }
}
