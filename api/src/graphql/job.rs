//! What all background work says of itself.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use domain::{progress, scalar::Duration};

/// Where background work stands. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::job::JobStatus")]
pub(crate) enum JobStatus {
    /// Read, and waiting for `startImport`.
    Inspected,
    /// Waiting for its time.
    Scheduled,
    /// Waiting for a worker.
    Queued,
    /// At work.
    Running,
    /// Stopped by a person, or since something went wrong that a person must mend: `failureMessage` says what. It goes on when it is resumed.
    Paused,
    /// Done.
    Completed,
    /// Refused as a whole, or broken; `failureMessage` says why.
    Failed,
    /// Stopped by a person. What was done stays.
    Cancelled,
}

/// How far background work is.
#[derive(SimpleObject, Clone)]
pub(crate) struct Progress {
    /// What there is to do; null until known.
    total: Option<i32>,
    /// What is done.
    done: i32,
    /// The part that is done, 0 to 1; null until the total is known.
    fraction: Option<f64>,
    /// Done a second, the mean since it began; null before.
    per_second: Option<f64>,
    /// How long it will still take at this rate; null where it does not run.
    remaining: Option<Duration>,
}

impl From<progress::Progress> for Progress {
    fn from(progress: progress::Progress) -> Self {
        let progress::Progress {
            total,
            done,
            per_second,
            remaining,
        } = progress;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a fraction needs no more than 53 bits"
        )]
        let fraction = total.map(|total| {
            if total == 0 {
                1.0
            } else {
                done as f64 / total as f64
            }
        });
        Self {
            total: total.map(whole),
            done: whole(done),
            fraction,
            per_second,
            remaining: remaining.map(|left| Duration(left.into())),
        }
    }
}

/// A count as GraphQL's Int, which ends at 2^31.
pub(crate) fn whole(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Background work to act on.
#[derive(InputObject)]
pub(crate) struct JobInput {
    /// Its id. NOT_FOUND where there is none. CONFLICT where it has ended; of `retryFailedDeliveries`, where it has not.
    pub(super) id: ID,
}
