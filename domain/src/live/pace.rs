//! When to look again.

use std::time::Duration;
use tokio::time::Instant;

/// Between two looks at least.
const SHORTEST: Duration = Duration::from_secs(1);

/// Between two looks at most, while hints keep coming: a bulk write changes a count with each of its commits.
const LONGEST: Duration = Duration::from_secs(10);

/// How long no hint has come when whatever wrote is taken to have ended.
const QUIET: Duration = Duration::from_millis(700);

/// Time itself changes what a filter such as "in the last hour" chooses.
const AGEING: Duration = Duration::from_secs(60);

/// The moments of one watcher.
pub(super) struct Pace {
    looked: Instant,
    hinted: Option<Instant>,
    /// Between two looks while hints keep coming.
    stretch: Duration,
}

impl Pace {
    /// Somebody has just looked.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            looked: now,
            hinted: None,
            stretch: SHORTEST,
        }
    }

    /// Something may have changed.
    pub(super) fn hint(&mut self, now: Instant) {
        self.hinted = Some(now);
    }

    /// When the last hint came that no look has followed.
    pub(super) fn hinted(&self) -> Option<Instant> {
        self.hinted
    }

    /// When to look, as far as is known now.
    pub(super) fn due(&self) -> Instant {
        match self.hinted {
            None => self.looked + AGEING,
            Some(hinted) => {
                let calm = (self.looked + SHORTEST).max(hinted + QUIET);
                calm.min(self.looked + self.stretch)
            }
        }
    }

    /// Somebody has looked. All the looks of this process together take so long: they are to take a twentieth of its time.
    pub(super) fn looked(&mut self, now: Instant, together: Duration) {
        self.looked = now;
        self.hinted = None;
        self.stretch = (together * 20).clamp(SHORTEST, LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_a_second_later_or_once_it_is_quiet() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        assert_eq!(pace.due(), now + AGEING);
        pace.hint(now);
        assert_eq!(pace.due(), now + SHORTEST);
        now += Duration::from_secs(5);
        pace.looked(now, Duration::from_secs(2));
        let looked = now;
        for _ in 0..20 {
            now += Duration::from_millis(500);
            pace.hint(now);
        }
        // Never quiet: the longest, and not later.
        assert_eq!(pace.due(), looked + LONGEST);
        pace.looked(now, Duration::from_millis(500));
        now += Duration::from_secs(3);
        pace.hint(now);
        // The last hint: quiet soon, long before the stretch of ten seconds.
        assert_eq!(pace.due(), now + QUIET);
    }
}
