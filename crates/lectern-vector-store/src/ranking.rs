//! One list of what several indexes found.

use lectern_domain::search::Hit;
use std::collections::HashSet;

/// The most hits that a search returns, whatever is asked for.
pub(crate) const MOST_HITS: usize = 10_000;

/// How many entries a page may have for whom asks for so many.
pub fn page(limit: usize) -> usize {
    limit.clamp(1, MOST_HITS)
}

/// What an index of words finds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What the caller prefers, best first.
    pub(crate) preferred: Vec<Hit>,
    /// What holds the question's words, best first.
    pub(crate) matching: Vec<Hit>,
}

/// One list of what several indexes found: what is preferred comes first, then the rest, each best first.
pub(crate) fn merge(found: Vec<Found>, limit: usize) -> Vec<Hit> {
    let (mut preferred, mut matching) = (Vec::new(), Vec::new());
    for one in found {
        preferred.extend(one.preferred);
        matching.extend(one.matching);
    }
    for list in [&mut preferred, &mut matching] {
        crate::brute_force::best_first(list);
    }
    // Scores have to agree with the order, for those who merge by score.
    let lift = matching.first().map_or(0.0, |best| best.score);
    preferred.iter_mut().for_each(|hit| hit.score += lift);
    let first: HashSet<_> = preferred.iter().map(|hit| hit.chunk).collect();
    preferred.extend(matching.into_iter().filter(|hit| !first.contains(&hit.chunk)));
    preferred.truncate(limit);
    preferred
}
