//! How patiently the store is asked.

use std::time::Duration;

/// The longest that a change may take, each try of it.
const CHANGE: Duration = Duration::from_secs(60);

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The most tries.
    tries: u32,
    /// The pause after the first try; it doubles from there.
    first: Duration,
    /// The longest pause.
    longest: Duration,
    /// The longest that one try takes, where not all of them have one time limit.
    each: Duration,
    /// Whether somebody waits, so that all tries together have one time limit.
    urgent: bool,
}

impl Patience {
    /// Somebody waits for the answer.
    pub(crate) const SEARCH: Self =
        Self { tries: 3, first: Duration::from_millis(50), longest: Duration::from_millis(200), each: CHANGE, urgent: true };
    /// A follower, which makes pauses of its own when these tries are over.
    pub(crate) const CHANGE: Self =
        Self { tries: 6, first: Duration::from_millis(200), longest: Duration::from_secs(5), each: CHANGE, urgent: false };
    /// What must not be asked twice.
    pub(crate) const ONCE: Self = Self { tries: 1, first: Duration::ZERO, longest: Duration::ZERO, each: CHANGE, urgent: false };
    /// What takes as long as an index is large, and must not be asked twice.
    pub(crate) const LONG: Self = Self { each: Duration::from_secs(60 * 60), ..Self::ONCE };

    /// The longest that one try takes, where not all of them have one time limit.
    pub(crate) const fn each(self) -> Duration {
        self.each
    }

    /// Whether all tries together have one time limit.
    pub(crate) const fn is_urgent(self) -> bool {
        self.urgent
    }

    /// The pause after a number of tries that failed, from half of it to all of it at random; none where there are no more tries.
    pub(crate) fn pause(self, tries: u32, random: u16) -> Option<Duration> {
        if tries >= self.tries {
            return None;
        }
        let doubled = self.first.saturating_mul(1u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
        let half = doubled.min(self.longest) / 2;
        Some(half + half.mul_f64(f64::from(random) / f64::from(u16::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_vary_by_half_and_end() {
        let patience = Patience { tries: 5, first: Duration::from_millis(100), longest: Duration::from_millis(300), ..Patience::CHANGE };
        let of = |tries, random| patience.pause(tries, random).map(|pause| pause.as_millis());
        assert_eq!([1, 2, 3, 4].map(|tries| of(tries, 0)), [Some(50), Some(100), Some(150), Some(150)]);
        assert_eq!([1, 2, 3, 4].map(|tries| of(tries, u16::MAX)), [Some(100), Some(200), Some(300), Some(300)]);
        assert_eq!(of(5, 0), None);
    }
}
