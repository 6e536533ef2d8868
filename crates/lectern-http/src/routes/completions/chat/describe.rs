//! What a chat completion's body and answer look like, from the tables that bodies are checked with.

use super::{
    messages,
    rag::LAST,
    schema::{FIELDS, Kind},
};
use crate::{
    docs::Asked,
    routes::{collections::COLLECTIONS_MAX, completions::call::Shape, stream::SOURCES},
};
use utoipa::openapi::{
    RefOr,
    schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type, empty},
};

/// The body of a chat completion.
pub(in crate::routes::completions) struct ChatBody;

impl Shape for ChatBody {
    fn fields() -> Vec<Asked> {
        let own = |(name, kind): &(&'static str, Kind)| Asked { name, required: false, schema: schema(*kind).into() };
        let messages = Asked { name: "messages", required: true, schema: list(message()).into() };
        let rag = Asked { name: "rag", required: false, schema: rag().into() };
        [messages].into_iter().chain(FIELDS.iter().map(own)).chain([rag]).collect()
    }
}

/// A value of this type, or null.
fn nullable(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null]))
}

fn of(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::new(kind))
}

fn list(items: Schema) -> Schema {
    ArrayBuilder::new().items(RefOr::T(items)).into()
}

fn nullable_list(items: Schema) -> Schema {
    ArrayBuilder::new().schema_type(SchemaType::from_iter([Type::Array, Type::Null])).items(RefOr::T(items)).into()
}

fn any_of(schemas: impl IntoIterator<Item = Schema>) -> Schema {
    Schema::AnyOf(schemas.into_iter().fold(AnyOfBuilder::new(), |builder, schema| builder.item(schema)).build())
}

/// What a kind takes.
fn schema(kind: Kind) -> Schema {
    // A bound that numbers of its type have anyway says nothing.
    let low = |bound: f64| (bound > f64::MIN).then_some(bound);
    let high = |bound: f64| (bound < f64::MAX).then_some(bound);
    let whole = |bound: i64| (bound != i64::MIN && bound != i64::MAX).then_some(bound);
    let text = || Schema::from(of(Type::String));
    match kind {
        Kind::Text => nullable(Type::String).into(),
        Kind::Bool => nullable(Type::Boolean).into(),
        Kind::Whole(least, most) => nullable(Type::Integer).minimum(whole(least)).maximum(whole(most)).into(),
        Kind::Number(least, most) => nullable(Type::Number).minimum(low(least)).maximum(high(most)).into(),
        Kind::Texts => nullable_list(text()),
        Kind::TextOrTexts => any_of([text(), list(text()), of(Type::Null).into()]),
        Kind::Wholes => nullable_list(of(Type::Integer).into()),
        Kind::Object => nullable(Type::Object).into(),
        Kind::List => nullable_list(empty()),
        Kind::Any => empty(),
    }
}

/// A message: who speaks, and a text or parts, which an assistant that calls tools may lack.
fn message() -> Schema {
    let part = of(Type::Object).property("type", of(Type::String)).required("type").property("text", nullable(Type::String));
    let content = any_of([of(Type::String).into(), list(part.into()), of(Type::Null).into()]);
    let message = of(Type::Object).property("role", of(Type::String)).required("role").property("content", content);
    messages::FIELDS.iter().fold(message, |message, (name, kind)| message.property(*name, schema(*kind))).into()
}

/// How the question is to be augmented.
fn rag() -> Schema {
    let words = |words: &[&str]| of(Type::String).enum_values(Some(words.iter().map(|word| serde_json::Value::from(*word))));
    nullable(Type::Object)
        .property("strategy", words(&[LAST]))
        .property("mode", nullable(Type::String))
        .property("limit", schema(Kind::Whole(0, i32::MAX.into())))
        .property("sources", nullable_list(words(SOURCES.as_slice()).into()))
        .property(
            "collections",
            ArrayBuilder::new()
                .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
                .items(RefOr::T(Schema::from(of(Type::String))))
                .min_items(Some(1))
                .max_items(Some(COLLECTIONS_MAX)),
        )
        .into()
}

/// An answer that is not streamed. What else an endpoint says is passed on.
pub(in crate::routes::completions) fn answer() -> RefOr<Schema> {
    let text = || of(Type::String);
    let message = of(Type::Object).property("role", text()).required("role").property("content", nullable(Type::String));
    let choice = of(Type::Object)
        .property("index", of(Type::Integer))
        .property("message", message)
        .required("message")
        .property("finish_reason", nullable(Type::String));
    let context = of(Type::Object)
        .property("strategy", text())
        .property("references", list(text().into()))
        .required("strategy")
        .required("references");
    let answer = of(Type::Object)
        .property("id", text())
        .property("object", text())
        .property("created", of(Type::Integer))
        .property("model", text())
        .property("choices", list(choice.into()))
        .required("choices")
        .property("usage", nullable(Type::Object))
        .property("rag_context", list(context.into()));
    RefOr::T(answer.into())
}
