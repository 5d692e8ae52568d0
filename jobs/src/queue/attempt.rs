//! One run of one job, from pick-up to what becomes of its row.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use domain::clock;
use domain::job::trace_of;
use domain::queue::{self, Run};
use domain::trace::Trace;
use sea_orm::DbErr;
use serde::de::DeserializeOwned;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::field::Empty;

use super::{Context, Error, Host, Outcome, Spec};

/// How often a write that the database refused is repeated: it may be away for a while, and the run's end must not be
/// lost as long as the worker lives.
const REPEAT: Duration = Duration::from_millis(500);

/// What a kind of job is made of, shared by its runs. `A` is the argument, `H` the handler, `X` what is called when a
/// job is given up.
pub(super) struct Kind<A, H, X> {
    pub(super) host: Host,
    pub(super) spec: Spec,
    pub(super) handler: H,
    pub(super) exhausted: X,
    pub(super) argument: PhantomData<fn() -> A>,
}

impl<A, H, X, HF, XF> Kind<A, H, X>
where
    A: DeserializeOwned + Send + 'static,
    H: Fn(A, Context) -> HF + Send + Sync + 'static,
    HF: Future<Output = Result<Outcome, Error>> + Send + 'static,
    X: Fn(A, String) -> XF + Send + Sync + 'static,
    XF: Future<Output = Result<(), Error>> + Send + 'static,
{
    /// Runs a job that was just picked up. `handlers` are the tasks of the worker's present life.
    pub(super) async fn run(self: Arc<Self>, payload: Vec<u8>, run: Run, handlers: TaskTracker) {
        let db = &self.host.db;
        if self.host.stop.is_cancelled() {
            self.persist(&run, || queue::release(db, &run)).await;
            return;
        }
        if !self.persist(&run, || queue::start(db, &run)).await {
            return;
        }
        let Ok(args) = serde_json::from_slice::<A>(&payload) else {
            let error = "its argument cannot be read";
            tracing::error!(queue = self.spec.queue, job = %run.job, error, "job given up");
            self.persist(&run, || queue::give_up(db, &run, error)).await;
            return;
        };
        let trace = trace_of(&payload);
        let result = if self.attempt(&run) > self.spec.retry.limit {
            Err(Error::permanent("it was interrupted in its last attempt"))
        } else {
            self.handle(args, &run, &handlers, trace).await
        };
        match result {
            Ok(Outcome::Done) => {
                self.count("done");
                self.persist(&run, || queue::finish(db, &run)).await;
            }
            Ok(Outcome::Checkpointed) => {
                self.persist(&run, || queue::release(db, &run)).await;
                self.host.wake.poke();
            }
            Err(error) => self.failed(&payload, &run, &handlers, &error).await,
        }
    }

    /// Counts a run that has ended.
    fn count(&self, outcome: &'static str) {
        let labels = [("kind", self.spec.queue), ("outcome", outcome)];
        metrics::counter!("roster_job_runs_total", &labels).increment(1);
    }

    /// The number of this attempt, from 1.
    fn attempt(&self, run: &Run) -> u32 {
        u32::try_from(run.attempts).unwrap_or(0).saturating_add(1)
    }

    /// Calls the handler, in a task of its own: then it does not hold up the worker's heartbeats, and a panic ends
    /// nothing but that task. It is cut off when this future is dropped.
    async fn handle(
        self: &Arc<Self>,
        args: A,
        run: &Run,
        handlers: &TaskTracker,
        trace: Option<Trace>,
    ) -> Result<Outcome, Error> {
        let context = Context {
            job: run.job.clone(),
            attempt: self.attempt(run),
            stop: self.host.stop.clone(),
        };
        let span = tracing::info_span!("job", queue = self.spec.queue, id = %run.job, attempt = context.attempt, trace = Empty, otel.kind = Empty);
        let kind = Arc::clone(self);
        let task = async move { (kind.handler)(args, context).await };
        let task = Trace::scope(trace, span, task);
        match AbortOnDropHandle::new(handlers.spawn(task)).await {
            Ok(result) => result,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => Err(Error::transient(format!("panicked: {}", message(&*panic)))),
                // Only a runtime that is going down ends a task whose handle is still held.
                Err(_) => Ok(Outcome::Checkpointed),
            },
        }
    }

    /// Schedules the next attempt, or gives the job up.
    async fn failed(
        self: &Arc<Self>,
        payload: &[u8],
        run: &Run,
        handlers: &TaskTracker,
        error: &Error,
    ) {
        let db = &self.host.db;
        let attempt = self.attempt(run);
        let text = error.to_string();
        if !error.is_permanent() && attempt < self.spec.retry.limit {
            let run_at = clock::now() + self.spec.retry.delay(attempt);
            tracing::warn!(queue = self.spec.queue, job = %run.job, attempt, error = %text, "job failed");
            self.count("failed");
            self.persist(run, || queue::reschedule(db, run, run_at, &text))
                .await;
            return;
        }
        tracing::error!(queue = self.spec.queue, job = %run.job, attempt, error = %text, "job given up");
        self.count("given_up");
        match self.tell(payload, text.clone(), handlers).await {
            Ok(()) => {
                self.persist(run, || queue::give_up(db, run, &text)).await;
            }
            Err(refusal) => {
                // The job's own row still says that it runs: better a late word than none. No attempt is left, so the
                // next pick-up comes straight back here.
                let run_at = clock::now() + self.spec.retry.delay(attempt);
                tracing::error!(queue = self.spec.queue, job = %run.job, error = %refusal, "job's end not noted");
                self.persist(run, || queue::reschedule(db, run, run_at, &text))
                    .await;
            }
        }
    }

    /// Says that the job is given up; a panic counts as a refusal.
    async fn tell(
        self: &Arc<Self>,
        payload: &[u8],
        text: String,
        handlers: &TaskTracker,
    ) -> Result<(), Error> {
        let args = serde_json::from_slice::<A>(payload)?;
        let kind = Arc::clone(self);
        let task = async move { (kind.exhausted)(args, text).await };
        match AbortOnDropHandle::new(handlers.spawn(task)).await {
            Ok(result) => result,
            Err(ended) => Err(ended.into()),
        }
    }

    /// Repeats a change until the database has taken it. False when the job was no longer this run's.
    async fn persist<F, Fut>(&self, run: &Run, change: F) -> bool
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<bool, DbErr>>,
    {
        loop {
            let turn = self.host.turn.take().await;
            let changed = change().await;
            drop(turn);
            match changed {
                Ok(own) => {
                    if !own {
                        tracing::warn!(job = %run.job, worker = %run.worker, "job was taken from this worker");
                    }
                    return own;
                }
                Err(error) => {
                    tracing::warn!(job = %run.job, %error, "cannot write what became of a job, trying again");
                    tokio::time::sleep(REPEAT).await;
                }
            }
        }
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
