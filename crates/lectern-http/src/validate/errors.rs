//! What a 422 says: one entry for each thing that is wrong, in the shape that clients know.

use super::json::Json;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::borrow::Cow;

/// The most mistakes that one answer lists.
const MISTAKES_MAX: usize = 100;

/// A step of the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A member of an object; also `body`, `path` and `query`.
    Name(Cow<'static, str>),
    /// An item of a list, or a place in a malformed body.
    Index(usize),
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Index(index) => serializer.serialize_u64(*index as u64),
        }
    }
}

/// What is told beside the message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Context {
    /// A word under a name.
    Text(&'static str, Cow<'static, str>),
    /// A bound of fractions.
    Float(&'static str, f64),
    /// A bound of whole numbers.
    Int(&'static str, i64),
    /// A bound of a list's length.
    Items {
        /// The most that there may be.
        most: usize,
        /// How many there are.
        given: usize,
    },
    /// `{"error":{}}`: a rule in words of its own.
    Rule,
}

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Text(name, text) => map.serialize_entry(name, text)?,
            Self::Float(name, bound) => map.serialize_entry(name, bound)?,
            Self::Int(name, bound) => map.serialize_entry(name, bound)?,
            Self::Items { most, given } => {
                map.serialize_entry("field_type", "List")?;
                map.serialize_entry("max_length", most)?;
                map.serialize_entry("actual_length", given)?;
            }
            Self::Rule => map.serialize_entry("error", &serde_json::Map::new())?,
        }
        map.end()
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mistake {
    /// Its kind, by the name that clients know.
    pub kind: &'static str,
    /// The way to the value.
    pub at: Vec<Step>,
    /// What is wrong.
    pub message: Cow<'static, str>,
    /// The value.
    pub input: Json,
    /// What is told beside the message.
    pub context: Option<Context>,
}

impl Serialize for Mistake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.kind)?;
        map.serialize_entry("loc", &self.at)?;
        map.serialize_entry("msg", &self.message)?;
        map.serialize_entry("input", &self.input)?;
        if let Some(context) = &self.context {
            map.serialize_entry("ctx", context)?;
        }
        map.end()
    }
}

/// Everything that is wrong with a request; what comes after the hundredth mistake is left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// One mistake.
    pub(crate) fn one(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }

    /// Adds one.
    pub(crate) fn push(&mut self, mistake: Mistake) {
        if self.0.len() < MISTAKES_MAX {
            self.0.push(mistake);
        }
    }

    /// The first one.
    pub(crate) fn into_first(self) -> Option<Mistake> {
        self.0.into_iter().next()
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds those of another part of the request.
    pub(crate) fn append(&mut self, others: Self) {
        others.0.into_iter().for_each(|mistake| self.push(mistake));
    }
}

impl Serialize for Mistakes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for mistake in &self.0 {
            list.serialize_element(mistake)?;
        }
        list.end()
    }
}
