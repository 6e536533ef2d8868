//! Comparing a whole index with SQL, in two streams.

use super::{
    differences::{Difference, first},
    entries::IndexOf,
};
use crate::ServiceError;
use std::collections::VecDeque;

/// The most differences that are looked into; more are counted.
const MOST: usize = 50_000;

/// What the two streams told.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// How many chunks the index should hold.
    pub(super) wanted: u64,
    /// How many it holds.
    pub(super) held: u64,
    /// Where they differ; documents that changed meanwhile are among them.
    pub(super) differences: Vec<Difference>,
    /// Further differences, beyond the bound.
    pub(super) more: u64,
}

/// Reads both streams to their ends.
///
/// # Errors
/// Failures of the database and of the index.
pub(super) async fn compare(index: IndexOf<'_>) -> Result<Compared, ServiceError> {
    let mut compared = Compared::default();
    let (mut wanted, mut wanted_after, mut wanted_ended) = (VecDeque::new(), None, false);
    let (mut held, mut held_after, mut held_ended) = (VecDeque::new(), None, false);
    loop {
        while wanted.is_empty() && !wanted_ended {
            match index.wanted(wanted_after).await? {
                Some((page, last)) => (wanted, wanted_after) = (page.into(), Some(last)),
                None => wanted_ended = true,
            }
        }
        if held.is_empty() && !held_ended {
            held = VecDeque::from(index.held_page(held_after).await?);
            held_after = held.back().map(|last| last.chunk);
            held_ended = held.is_empty();
        }
        let Some((order, difference)) = first(wanted.front(), held.front()) else { return Ok(compared) };
        if order.is_le() {
            wanted.pop_front();
            compared.wanted += 1;
        }
        if order.is_ge() {
            held.pop_front();
            compared.held += 1;
        }
        if compared.differences.len() < MOST {
            compared.differences.extend(difference);
        } else {
            compared.more += u64::from(difference.is_some());
        }
    }
}
