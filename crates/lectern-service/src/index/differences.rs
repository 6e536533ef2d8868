//! How an index differs from SQL, chunk by chunk. No IO.

use lectern_domain::{
    digest::Digest,
    ids::{ChunkId, VersionId},
};
use lectern_vector_store::Held;
use std::cmp::Ordering;

/// What an index should hold of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) chunk: ChunkId,
    pub(super) version: VersionId,
    pub(super) digest: Digest,
}

/// How an index differs from SQL in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SQL has it, the index does not.
    Missing,
    /// Both have it, and the index was told something else of it.
    Stale,
    /// The index has it, SQL does not. No search returns it.
    Orphaned,
}

impl Kind {
    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Orphaned => "orphaned",
        }
    }
}

/// A chunk in which an index differs from SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Which chunk.
    pub chunk: ChunkId,
    /// How.
    pub kind: Kind,
    /// The version that it belongs to, as far as SQL has it.
    pub version: Option<VersionId>,
}

/// The first of two streams in the order of the chunks: which of them to go on with, and the difference, if there is one. None at the end of both.
pub(super) fn first(wanted: Option<&Wanted>, held: Option<&Held>) -> Option<(Ordering, Option<Difference>)> {
    let order = match (wanted, held) {
        (None, None) => return None,
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(wanted), Some(held)) => wanted.chunk.cmp(&held.chunk),
    };
    Some((order, difference(wanted.filter(|_| order.is_le()), held.filter(|_| order.is_ge()))))
}

/// The difference of what is wanted of a chunk from what is held of it.
pub(super) fn difference(wanted: Option<&Wanted>, held: Option<&Held>) -> Option<Difference> {
    match (wanted, held) {
        (Some(wanted), Some(held)) if held.digest == Some(wanted.digest) => None,
        (Some(wanted), held) => {
            let kind = if held.is_some() { Kind::Stale } else { Kind::Missing };
            Some(Difference { chunk: wanted.chunk, kind, version: Some(wanted.version) })
        }
        (None, Some(held)) => Some(Difference { chunk: held.chunk, kind: Kind::Orphaned, version: None }),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn run(wanted: &[(u128, &str)], held: &[(u128, Option<&str>)]) -> Vec<(u128, Kind)> {
        let chunk = |n| ChunkId(Uuid::from_u128(n));
        let version = VersionId(Uuid::nil());
        let mut wanted = wanted.iter().map(|&(n, text)| Wanted { chunk: chunk(n), version, digest: Digest::of(text) }).peekable();
        let mut held = held.iter().map(|&(n, text)| Held { chunk: chunk(n), digest: text.map(Digest::of) }).peekable();
        let mut found = Vec::new();
        while let Some((order, difference)) = first(wanted.peek(), held.peek()) {
            found.extend(difference.map(|difference| (difference.chunk.0.as_u128(), difference.kind)));
            if order.is_le() {
                wanted.next();
            }
            if order.is_ge() {
                held.next();
            }
        }
        found
    }

    #[test]
    fn two_streams_are_compared_to_the_end_of_both() {
        assert_eq!(run(&[], &[]), []);
        assert_eq!(run(&[(1, "a"), (2, "b")], &[(1, Some("a")), (2, Some("b"))]), []);
        assert_eq!(run(&[(1, "a"), (3, "c")], &[]), [(1, Kind::Missing), (3, Kind::Missing)]);
        assert_eq!(run(&[], &[(2, Some("b"))]), [(2, Kind::Orphaned)]);
        assert_eq!(
            run(&[(1, "a"), (3, "c"), (4, "d"), (5, "e")], &[(2, Some("b")), (3, Some("x")), (4, None), (5, Some("e")), (9, None)]),
            [(1, Kind::Missing), (2, Kind::Orphaned), (3, Kind::Stale), (4, Kind::Stale), (9, Kind::Orphaned)]
        );
    }
}
