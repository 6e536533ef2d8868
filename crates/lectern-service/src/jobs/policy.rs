//! How often a job is tried, and when again.

use std::time::Duration;

/// How a kind of job is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The most attempts.
    pub attempts: u32,
    /// How long the second attempt waits at most; every further one waits twice as long as the one before.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
}

impl Policy {
    /// Of what is deleted piece by piece, and of what stores hold of it.
    pub(crate) const DELETION: Self = Self {
        attempts: 20,
        first_wait: Duration::from_secs(5),
        longest_wait: Duration::from_secs(3600),
        timeout: Duration::from_secs(3600),
    };

    /// How long to wait after this attempt (from 1) failed: between a half and the whole of what it doubled to, by `chance` from 0 to 1,
    /// so that jobs that failed together don't come back together.
    pub(crate) fn wait(&self, attempt: u32, chance: f64) -> Duration {
        let doubled = 1u32.checked_shl(attempt.saturating_sub(1)).and_then(|factor| self.first_wait.checked_mul(factor));
        let whole = doubled.map_or(self.longest_wait, |wait| wait.min(self.longest_wait));
        whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let seconds = Duration::from_secs;
        let policy = Policy { attempts: 9, first_wait: seconds(4), longest_wait: seconds(60), timeout: seconds(1) };
        let whole: Vec<u64> = [1, 2, 3, 4, 5, 6, 32, 33, u32::MAX].iter().map(|&attempt| policy.wait(attempt, 1.0).as_secs()).collect();
        assert_eq!(whole, [4, 8, 16, 32, 60, 60, 60, 60, 60]);
        assert_eq!((policy.wait(2, 0.0), policy.wait(2, 0.5)), (seconds(4), seconds(6)));
    }
}
