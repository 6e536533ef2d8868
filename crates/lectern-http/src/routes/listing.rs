//! Lists in OpenAI's shape, and the part of a query that says which part of one is wanted.

use crate::validate::{FieldType, Fields, FromFields, Place, Within, choice, json::Json};
use lectern_domain::page::Following;
use serde::Serialize;
use utoipa::ToSchema;

/// How many items a page has where nobody says.
const LIMIT: u32 = 20;

/// A page of a list. To go on, ask for what comes after `last_id`.
#[derive(Serialize, ToSchema)]
pub(super) struct ListView<T: ToSchema> {
    object: &'static str,
    data: Vec<T>,
    first_id: Option<String>,
    last_id: Option<String>,
    has_more: bool,
}

/// Something that is deleted.
#[derive(Serialize, ToSchema)]
pub(super) struct DeletedView {
    pub(super) id: String,
    pub(super) object: &'static str,
    pub(super) deleted: bool,
}

/// In which order a list is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Oldest,
    Newest,
}

impl FieldType for Order {
    fn read(value: &Json, place: &mut Place<'_>) -> Option<Self> {
        choice(value, place, &[("asc", Self::Oldest), ("desc", Self::Newest)])
    }
}

/// `limit`, `after` and `order`.
pub(super) struct ListQuery {
    limit: u32,
    after: Option<String>,
    descending: bool,
}

impl FromFields for ListQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Self::in_order(fields, Order::Newest)
    }
}

impl ListQuery {
    /// The same for lists that begin with their first item unless told otherwise.
    pub(super) fn read_from_first(fields: &mut Fields<'_>) -> Option<Self> {
        Self::in_order(fields, Order::Oldest)
    }

    fn in_order(fields: &mut Fields<'_>, order: Order) -> Option<Self> {
        let limit = fields.or("limit", || Within::<1, 100>(LIMIT));
        let after = fields.maybe("after");
        let order = fields.or("order", || order);
        Some(Self { limit: limit?.0, after: after?, descending: order? == Order::Newest })
    }

    /// What to ask for: one item more than is shown tells whether there are more. `id` reads what to begin after; none where it is no id.
    pub(super) fn following<T>(&self, id: impl FnOnce(&str) -> Option<T>) -> Option<Following<T>> {
        let after = match self.after.as_deref() {
            Some(text) => Some(id(text)?),
            None => None,
        };
        Some(Following { after, limit: self.limit + 1, descending: self.descending })
    }

    /// The page of what was found.
    pub(super) fn page<V: ToSchema, T>(&self, mut found: Vec<T>, id: impl Fn(&T) -> String, view: impl Fn(T) -> V) -> ListView<V> {
        let shown = self.limit as usize;
        let has_more = found.len() > shown;
        found.truncate(shown);
        let (first_id, last_id) = (found.first().map(&id), found.last().map(&id));
        ListView { object: "list", data: found.into_iter().map(view).collect(), first_id, last_id, has_more }
    }
}
