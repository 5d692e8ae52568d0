//! When a failed job is tried again.

use std::time::Duration;

/// How often a job is tried, and how long it waits in between.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How many attempts a job has in all. At least 1.
    pub limit: u32,
    /// The wait after the first attempt; it doubles with each further one.
    pub base: Duration,
    /// The longest wait.
    pub cap: Duration,
}

impl Default for Retry {
    /// Eight attempts, waits from 2 seconds to 5 minutes.
    fn default() -> Self {
        Self {
            limit: 8,
            base: Duration::from_secs(2),
            cap: Duration::from_secs(300),
        }
    }
}

impl Retry {
    /// The wait after attempt number `attempt` (from 1): between half of the full wait and all of it, by chance, so
    /// that jobs which failed together do not come back together.
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let full = self.base.saturating_mul(doubled).min(self.cap);
        // Without randomness the wait is merely less spread.
        let chance = f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        full.mul_f64(0.5 + chance / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let retry = Retry {
            limit: 9,
            base: Duration::from_secs(2),
            cap: Duration::from_secs(10),
        };
        for (attempt, full) in [(1, 2), (2, 4), (3, 8), (4, 10), (40, 10), (u32::MAX, 10)] {
            let delay = retry.delay(attempt);
            let full = Duration::from_secs(full);
            assert!(
                delay >= full / 2 && delay <= full,
                "attempt {attempt}: {delay:?}"
            );
        }
    }
}
