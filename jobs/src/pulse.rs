//! Whether the workers of this process are alive, for `/readyz`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// When each worker has last told the database that it lives. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<Mutex<HashMap<&'static str, Option<Instant>>>>);

impl Pulse {
    /// A worker of this kind is to be there from now on.
    pub(crate) fn expect(&self, kind: &'static str) {
        let mut beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.entry(kind).or_default();
    }

    /// It has told.
    pub(crate) fn beat(&self, kind: &'static str) {
        let mut beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.insert(kind, Some(Instant::now()));
    }

    /// Whether there are workers, and all of them have told within this time.
    pub fn is_beating(&self, within: Duration) -> bool {
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lives = |beat: &Option<Instant>| beat.is_some_and(|beat| beat.elapsed() <= within);
        !beats.is_empty() && beats.values().all(lives)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_workers_must_live() {
        let (pulse, long) = (Pulse::default(), Duration::from_secs(60));
        assert!(!pulse.is_beating(long));
        pulse.expect("a");
        pulse.expect("b");
        pulse.beat("a");
        assert!(!pulse.is_beating(long));
        pulse.beat("b");
        pulse.expect("b");
        assert!(pulse.is_beating(long));
        assert!(!pulse.is_beating(Duration::ZERO));
    }
}
