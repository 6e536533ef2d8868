//! Searching: methods, hits and how lists of hits become one.

use crate::{Invalid, ids::ChunkId};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, str::FromStr};

/// How passages are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// By their words (BM25).
    Lexical,
    /// By the distance of their vectors to the question's.
    Semantic,
    /// By both, merged by rank.
    Hybrid,
}

impl Method {
    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Semantic => "semantic",
            Self::Hybrid => "hybrid",
        }
    }
}

impl FromStr for Method {
    type Err = Invalid;

    fn from_str(word: &str) -> Result<Self, Invalid> {
        match word {
            "lexical" => Ok(Self::Lexical),
            "semantic" => Ok(Self::Semantic),
            "hybrid" => Ok(Self::Hybrid),
            _ => Err(Invalid::new("method", format!("'{word}' is not one of lexical, semantic, hybrid"))),
        }
    }
}

/// One of the two indexes that a search asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The index of words.
    Lexical,
    /// The index of vectors.
    Vectors,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Lexical, Self::Vectors];

    /// The word that stands for it in headers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lexical => "lexical",
            Self::Vectors => "vectors",
        }
    }
}

/// A chunk that an index found. Scores of different methods are not comparable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which chunk.
    pub chunk: ChunkId,
    /// How well it matches; higher is better.
    pub score: f32,
}

/// The constant of reciprocal rank fusion that the reference uses; the paper's is 60.
pub const RANK_CONSTANT: u32 = 20;

/// Merges ranked lists: a chunk's score is the sum over the lists of `1 / (k + rank)`, ranks from 1.
///
/// Cormack, Clarke, Büttcher: *Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods*, SIGIR 2009.
/// Equal scores keep the order of first appearance, so the result is the same at every call.
pub fn reciprocal_rank(lists: &[Vec<ChunkId>], k: u32) -> Vec<Hit> {
    let mut place: HashMap<ChunkId, usize> = HashMap::new();
    let mut merged: Vec<(ChunkId, f64)> = Vec::new();
    for list in lists {
        for (index, &chunk) in list.iter().enumerate() {
            let score = 1.0 / (f64::from(k) + index as f64 + 1.0);
            let at = *place.entry(chunk).or_insert_with(|| {
                merged.push((chunk, 0.0));
                merged.len() - 1
            });
            merged[at].1 += score;
        }
    }
    merged.sort_by(|a, b| b.1.total_cmp(&a.1));
    merged.into_iter().map(|(chunk, score)| Hit { chunk, score: score as f32 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> ChunkId {
        ChunkId(Uuid::from_u128(n))
    }

    #[test]
    fn a_chunk_in_both_lists_beats_the_first_of_one() {
        let merged = reciprocal_rank(&[vec![id(1), id(2)], vec![id(3), id(2)]], RANK_CONSTANT);
        assert_eq!(merged.iter().map(|hit| hit.chunk).collect::<Vec<_>>(), [id(2), id(1), id(3)]);
        assert_eq!(merged[0].score, (2.0f64 / 22.0) as f32);
    }

    #[test]
    fn nothing_merges_to_nothing() {
        assert!(reciprocal_rank(&[vec![], vec![]], RANK_CONSTANT).is_empty());
    }
}
