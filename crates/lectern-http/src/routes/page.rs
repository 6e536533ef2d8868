//! The part of a query that says which part of a list is wanted.

use crate::validate::{Count, Fields, FromFields};
use lectern_domain::page::Page;

/// `skip` and `limit`.
pub(super) struct PageQuery {
    skip: Count,
    limit: Count,
}

impl FromFields for PageQuery {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let skip = fields.or("skip", || Count(0));
        let limit = fields.or("limit", || Count(100));
        Some(Self { skip: skip?, limit: limit? })
    }
}

impl PageQuery {
    /// The page, the oldest first or the newest.
    pub(super) fn page(self, descending: bool) -> Page {
        Page { skip: self.skip.0, limit: self.limit.0, descending }
    }
}
