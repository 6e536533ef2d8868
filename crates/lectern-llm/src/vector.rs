//! Vectors of unit length.

/// Scales a vector to length 1. `false` where it cannot be: it is zero or not finite.
pub(crate) fn normalise(vector: &mut [f32]) -> bool {
    let norm = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    if !norm.is_finite() || norm == 0.0 {
        return false;
    }
    for x in vector {
        *x = (f64::from(*x) / norm) as f32;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_one_or_the_vector_is_refused() {
        let mut vector = [3.0, -4.0];
        assert!(normalise(&mut vector));
        assert_eq!(vector, [0.6, -0.8]);
        for mut bad in [vec![], vec![0.0, 0.0], vec![f32::NAN, 1.0], vec![f32::INFINITY]] {
            assert!(!normalise(&mut bad), "{bad:?}");
        }
    }
}
