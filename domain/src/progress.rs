//! How far background work is.

use crate::clock;
use chrono::{DateTime, TimeDelta, Utc};
use entity::job::JobStatus;

/// How far background work is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What there is to do; none until known.
    pub total: Option<i64>,
    /// What has an outcome.
    pub done: i64,
    /// The mean since it began; none before.
    pub per_second: Option<f64>,
    /// What is left at this rate; none where there is no rate.
    pub remaining: Option<TimeDelta>,
}

impl Progress {
    /// Of work in this state, which began and ended at these times.
    pub fn new(
        status: JobStatus,
        total: Option<i64>,
        done: i64,
        began: Option<DateTime<Utc>>,
        ended: Option<DateTime<Utc>>,
    ) -> Self {
        let end = ended.unwrap_or_else(clock::now);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a rate needs no more than 53 bits"
        )]
        let per_second = began
            .map(|start| (end - start).as_seconds_f64())
            .filter(|seconds| *seconds > 0.0 && done > 0)
            .map(|seconds| done as f64 / seconds);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a time to wait, in seconds"
        )]
        let remaining = match (total, per_second) {
            (Some(total), Some(rate)) if status == JobStatus::Running => Some(TimeDelta::seconds(
                ((total - done).max(0) as f64 / rate).ceil() as i64,
            )),
            _ => None,
        };
        Self {
            total,
            done,
            per_second,
            remaining,
        }
    }
}
