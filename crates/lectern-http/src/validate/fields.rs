//! Reading the members of an object, the parameters of a query, or the segments of a path.

use super::{
    errors::{Context, Mistake, Mistakes, Step},
    json::{Json, Object},
    value::{FieldType, Place},
};
use crate::docs::{Asked, measure};
use lectern_service::app::App;
use std::{borrow::Cow, collections::HashSet};

/// A shape that is read from named values. `None` means that mistakes were noted.
pub(crate) trait FromFields: Sized {
    /// Reads every field, then checks the rules that hold between them.
    fn read(fields: &mut Fields<'_>) -> Option<Self>;
}

/// Named values, and what is wrong with them.
pub(crate) struct Fields<'a> {
    app: &'a App,
    part: &'static str,
    object: &'a Object,
    mistakes: &'a mut Mistakes,
    known: HashSet<&'static str>,
    /// What is asked for, where that is wanted instead of values; and whether others are refused.
    asked: Option<(Vec<Asked>, bool)>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`, which is the request's `part`: `body`, `query` or `path`.
    pub(crate) fn new(app: &'a App, part: &'static str, object: &'a Object, mistakes: &'a mut Mistakes) -> Self {
        Self { app, part, object, mistakes, known: HashSet::new(), asked: None }
    }

    /// What a shape asks for, in its order, and whether it refuses other fields: it is read from nothing.
    pub(crate) fn asked_by<T: FromFields>(app: &'a App, part: &'static str) -> (Vec<Asked>, bool) {
        let (object, mut mistakes) = (Object::new(), Mistakes::default());
        let mut fields = Fields { asked: Some((Vec::new(), false)), ..Fields::new(app, part, &object, &mut mistakes) };
        // Nothing can be read; what was asked for is noted.
        let _ = T::read(&mut fields);
        fields.asked.unwrap_or_default()
    }

    fn ask<T: FieldType>(&mut self, name: &'static str, required: bool) {
        if let Some((asked, _)) = &mut self.asked {
            asked.push(Asked { name, required, schema: measure::<T>() });
        }
    }

    /// The application, for rules that need its lists.
    pub(crate) fn app(&self) -> &App {
        self.app
    }

    /// A field that must be there.
    pub(crate) fn required<T: FieldType>(&mut self, name: &'static str) -> Option<T> {
        self.known.insert(name);
        self.ask::<T>(name, true);
        match self.object.get(name) {
            Some(value) => T::read(value, &mut Place::new(self.part, name, self.mistakes)),
            None => {
                self.mistakes.push(Mistake {
                    kind: "missing",
                    at: vec![Step::Name(Cow::Borrowed(self.part)), Step::Name(Cow::Borrowed(name))],
                    message: Cow::Borrowed("Field required"),
                    input: if self.part == "body" { Json::Object(self.object.clone()) } else { Json::Null },
                    context: None,
                });
                None
            }
        }
    }

    /// A field that may be left out, and what it is then.
    pub(crate) fn or<T: FieldType>(&mut self, name: &'static str, default: impl FnOnce() -> T) -> Option<T> {
        if self.object.contains_key(name) {
            self.required(name)
        } else {
            self.known.insert(name);
            self.ask::<T>(name, false);
            Some(default())
        }
    }

    /// A field that may be left out or null.
    pub(crate) fn maybe<T: FieldType>(&mut self, name: &'static str) -> Option<Option<T>> {
        self.or(name, || None)
    }

    /// Notes every field that was not asked for.
    pub(crate) fn no_others(&mut self) {
        if let Some((_, closed)) = &mut self.asked {
            *closed = true;
        }
        for (name, value) in self.object.iter().filter(|(name, _)| !self.known.contains(name.as_str())) {
            self.mistakes.push(Mistake {
                kind: "extra_forbidden",
                at: vec![Step::Name(Cow::Borrowed(self.part)), Step::Name(Cow::Owned(name.clone()))],
                message: Cow::Borrowed("Extra inputs are not permitted"),
                input: value.clone(),
                context: None,
            });
        }
    }

    /// Whether nothing is wrong so far: rules between fields are checked only then.
    pub(crate) fn all_valid(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Notes that a rule between the fields does not hold.
    pub(crate) fn broken_rule(&mut self, rule: &str) {
        self.mistakes.push(Mistake {
            kind: "value_error",
            at: vec![Step::Name(Cow::Borrowed(self.part))],
            message: Cow::Owned(format!("Value error, {rule}")),
            input: Json::Object(self.object.clone()),
            context: Some(Context::Rule),
        });
    }
}
