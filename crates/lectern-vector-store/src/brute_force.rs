//! The exact search: every candidate is compared. For the few vectors that an index does not hold yet.

use crate::StoreError;
use lectern_domain::{ids::ChunkId, search::Hit};

/// The `limit` candidates nearest to the query by cosine similarity, nearest first; equal ones by id.
///
/// # Errors
/// [`StoreError::Dimensions`] where a candidate is not as long as the query.
pub fn brute_force<V: AsRef<[f32]>>(
    query: &[f32],
    candidates: impl IntoIterator<Item = (ChunkId, V)>,
    limit: usize,
) -> Result<Vec<Hit>, StoreError> {
    let query = unit(query);
    let mut hits = Vec::new();
    for (chunk, vector) in candidates {
        let vector = vector.as_ref();
        if vector.len() != query.len() {
            return Err(StoreError::Dimensions { expected: length(&query), found: length(vector) });
        }
        let norm = dot(vector, vector).sqrt();
        let score = if norm > 0.0 { dot(&query, vector) / norm } else { 0.0 };
        hits.push(Hit { chunk, score });
    }
    best_first(&mut hits);
    hits.truncate(limit);
    Ok(hits)
}

/// Best first; equal ones by id, so that the order is the same at every call.
pub fn best_first(hits: &mut [Hit]) {
    hits.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.chunk.cmp(&b.chunk)));
}

/// The vector scaled to length 1; one of length 0 stays as it is.
pub fn unit(vector: &[f32]) -> Vec<f32> {
    let norm = dot(vector, vector).sqrt();
    let scale = if norm > 0.0 { 1.0 / norm } else { 1.0 };
    vector.iter().map(|component| component * scale).collect()
}

/// The scalar product of two vectors of one length.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums at once leave the compiler free to use the machine's vector instructions.
    let mut sums = [0.0f32; 8];
    let (a_parts, a_rest) = a.as_chunks::<8>();
    let (b_parts, b_rest) = b.as_chunks::<8>();
    for (x, y) in a_parts.iter().zip(b_parts) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f32>()
}

/// A vector's number of components.
pub fn length(vector: &[f32]) -> u32 {
    u32::try_from(vector.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(n: u128) -> ChunkId {
        ChunkId(Uuid::from_u128(n))
    }

    #[test]
    fn the_nearest_come_first_whatever_their_length() {
        let candidates = [(id(1), vec![0.0, 5.0]), (id(2), vec![0.1, 0.1]), (id(3), vec![9.0, 0.0]), (id(4), vec![0.0, 0.0])];
        let hits = brute_force(&[2.0, 0.0], candidates, 3).unwrap();
        assert_eq!(hits.iter().map(|hit| hit.chunk).collect::<Vec<_>>(), [id(3), id(2), id(1)]);
        assert!((hits[1].score - 0.5f32.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn another_length_is_refused() {
        let refused = brute_force(&[1.0, 0.0], [(id(1), vec![1.0])], 3);
        assert!(matches!(refused, Err(StoreError::Dimensions { expected: 2, found: 1 })));
    }

    #[test]
    fn the_product_counts_every_component() {
        let vector: Vec<f32> = (1..=19u8).map(f32::from).collect();
        assert_eq!(dot(&vector, &vector), 2470.0);
    }
}
