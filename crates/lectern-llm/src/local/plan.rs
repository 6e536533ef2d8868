//! Which texts run together.

/// Groups texts by their number of tokens: similar lengths together, so that little is padding, and each group's padded size within
/// the budget (a text above it alone). Longest first, so that the largest memory is asked for at the start. Returns indices.
pub(super) fn plan(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(lengths[index]), index));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut longest = 0;
    for index in order {
        match groups.last_mut() {
            Some(group) if longest * (group.len() + 1) <= budget => group.push(index),
            _ => {
                longest = lengths[index];
                groups.push(vec![index]);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_similar_lengths_within_the_budget() {
        for (lengths, budget, expect) in [
            (vec![], 10, vec![]),
            (vec![3, 9, 4, 5], 10, vec![vec![1], vec![3, 2], vec![0]]),
            (vec![100, 2, 2], 10, vec![vec![0], vec![1, 2]]),
            (vec![5, 5, 5, 5], 10, vec![vec![0, 1], vec![2, 3]]),
            (vec![1, 1], 0, vec![vec![0], vec![1]]),
        ] {
            assert_eq!(plan(&lengths, budget), expect, "{lengths:?} within {budget}");
        }
    }
}
