//! How many rows of an import are written at once.

use crate::Services;
use std::time::Duration;

/// How many rows go into a transaction: as many as keep other writers waiting no longer than the target.
pub(super) struct BatchSize {
    pub(super) rows: usize,
    most: usize,
    target: Duration,
}

const FIRST: usize = 500;
const FEWEST: usize = 100;

impl BatchSize {
    /// The first one is small.
    pub(super) fn new(services: &Services) -> Self {
        let (most, target) = match services.db.backend() {
            // Only those wait who write to one of the batch's own contacts.
            sea_orm::DbBackend::Postgres => (4_000, Duration::from_millis(250)),
            // Everybody who writes waits.
            _ => (1_500, Duration::from_millis(120)),
        };
        Self {
            rows: FIRST,
            most,
            target,
        }
    }

    /// The next one, after so many rows took so long.
    pub(super) fn adapt(&mut self, taken: usize, took: Duration) {
        // A batch that ended early says little about how long a full one takes.
        if taken * 2 < self.rows {
            return;
        }
        let per_row = took.as_secs_f64() / taken.max(1) as f64;
        let fits = (self.target.as_secs_f64() / per_row.max(1e-9)) as usize;
        self.rows = fits
            .clamp(self.rows / 2, self.rows * 2)
            .clamp(FEWEST, self.most);
    }
}
