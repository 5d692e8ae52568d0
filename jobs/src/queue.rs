//! Running jobs: one [`run`] per kind of job, on either database, until a token is cancelled. apalis picks jobs and
//! counts heartbeats; what becomes of a job's row after a run is decided in `attempt`, and written by `domain::queue`.
//!
//! A handler may be run twice for one job, even at the same time: a worker that stalls for longer than its heartbeats
//! is taken for dead.

mod attempt;
mod error;
mod poll;
mod retry;
mod source;
mod storage;
mod worker;

use std::time::Duration;

use crate::Pulse;
use domain::{db::WriteTurn, queue::JobId};
use sea_orm::DatabaseConnection;
use tokio_util::sync::CancellationToken;

pub use error::Error;
pub use poll::Wake;
pub use retry::Retry;
pub use worker::run;

/// What every worker of a process shares.
#[derive(Clone, Debug)]
pub struct Host {
    /// Where the queue is. A pool of its own keeps heartbeats from waiting behind requests for a connection.
    pub db: DatabaseConnection,
    /// In which the queue is written to, where the database has one writer at a time.
    pub turn: WriteTurn,
    /// Pokes idle workers; without it they look once a second.
    pub wake: Wake,
    /// Notes that workers live.
    pub pulse: Pulse,
    /// Cancelled when the process is to stop.
    pub stop: CancellationToken,
}

/// How one kind of job is run.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The name its jobs are enqueued under.
    pub queue: &'static str,
    /// How many jobs of this kind run at the same time in this process. At least 1.
    pub concurrency: usize,
    /// How often this worker says that it lives. After two missed beats (whole seconds, never less than one beat and
    /// two seconds more) another takes its jobs.
    pub heartbeat: Duration,
    /// When and how often a failed job is tried again.
    pub retry: Retry,
    /// How long handlers have to come to a checkpoint once the token is cancelled. Then they are cut off where they
    /// are, and their jobs go back to the queue just the same.
    pub grace: Duration,
}

impl Spec {
    /// One job at a time, a heartbeat every second, the usual retries, 20 seconds of grace.
    #[must_use]
    pub fn new(queue: &'static str) -> Self {
        Self {
            queue,
            concurrency: 1,
            heartbeat: Duration::from_secs(1),
            retry: Retry::default(),
            grace: Duration::from_secs(20),
        }
    }
}

/// What a handler knows about the run it is in.
#[derive(Clone, Debug)]
pub struct Context {
    /// The job that is run.
    pub job: JobId,
    /// Which attempt this is, from 1. Runs cut off by a dying process count; runs that ended at a checkpoint do not.
    pub attempt: u32,
    /// Cancelled when the handler is to commit what it has and return [`Outcome::Checkpointed`].
    pub stop: CancellationToken,
}

/// How a run ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The job is done.
    Done,
    /// There is more to do: the job goes back to the queue and may be taken at once, by this process or another.
    Checkpointed,
}
