//! Both databases as one apalis backend: apalis' state machine over [`Source`], and when it may look for a job.

use std::task::{Context, Poll};
use std::time::Duration;

use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::persistence::Persisted;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::layers::Identity;
use apalis_core::task::Task;
use apalis_core::worker::context::WorkerContext;

use super::source::{Source, StorageError};
use super::{Host, Spec, poll};

/// The backend of one worker's life.
pub(super) struct Storage {
    persisted: Persisted<Source>,
    poll: poll::Poll,
    /// Whether there may be a job that nobody has looked for.
    due: bool,
    /// Jobs that ran when this was last polled.
    running: usize,
    heartbeat: Duration,
    concurrency: usize,
    host: Host,
}

impl Storage {
    pub(super) fn new(host: &Host, spec: &Spec) -> Self {
        Self {
            persisted: Persisted::new(Source::new(host, spec)),
            poll: poll::Poll::new(host.wake.clone()),
            due: true,
            running: 0,
            heartbeat: spec.heartbeat,
            concurrency: spec.concurrency.max(1),
            host: host.clone(),
        }
    }
}

impl Backend for Storage {
    type Task = Task<Vec<u8>>;
    type Error = StorageError;

    fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), StorageError>> {
        self.persisted.poll_ready(cx, worker, self.heartbeat)
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, StorageError>>> {
        // A worker is polled whenever anything in its task goes on, a job that runs beside it too: only a tick, a poke,
        // the end of a job or a job found is a reason to ask the database again.
        let running = worker.task_count();
        self.due |= self.poll.register(cx) || running < self.running;
        self.running = running;
        if !self.persisted.is_fetching() {
            // apalis stops heartbeats once a worker is told to stop, even while jobs run: it is told after the last.
            if self.host.stop.is_cancelled() && running == 0 {
                return match worker.stop() {
                    Ok(()) | Err(_) => Poll::Ready(None),
                };
            }
            if running >= self.concurrency || !std::mem::take(&mut self.due) {
                return Poll::Pending;
            }
        }
        let next = self.persisted.poll_next(cx, worker);
        if next.is_pending() && !self.persisted.is_fetching() {
            // Nothing found. A heartbeat that fell due during the look has spent its wake-up, and apalis would send it
            // at the next tick only: late enough to be taken for dead.
            if let Poll::Ready(Err(error)) = self.persisted.poll_ready(cx, worker, self.heartbeat) {
                return Poll::Ready(Some(Err(error)));
            }
        }
        self.due |= next.is_ready();
        next
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), StorageError>> {
        self.persisted.poll_close(cx, worker)
    }
}

impl BackendConfig for Storage {
    type Args = Vec<u8>;
    type Id = ulid::Ulid;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
