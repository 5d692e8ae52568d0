//! A worker and its lives: started, ended by an error of the database and started anew under another name, or brought
//! to a halt by the token.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::{Attempt, TaskId, WorkerBuilder, WorkerContext};
use domain::queue::{self, JobId, Run};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::task::TaskTracker;
use ulid::Ulid;

use super::attempt::Kind;
use super::retry::Retry;
use super::storage::Storage;
use super::{Context, Error, Host, Outcome, Spec};

/// How a worker's life ended.
enum End {
    /// As it was told to; every handler has returned.
    Stopped,
    /// As it was told to, but handlers had to be cut off.
    CutOff,
    /// By an error.
    Failed(String),
}

/// Runs jobs of one kind until `host.stop` is cancelled, then returns once its handlers have come to a checkpoint.
///
/// `handler` is called for every run. `exhausted` is called with the argument and the last error when a job is given
/// up, so that the row which the job works for can say so; if it fails it is called again later. Both may run more
/// than once for a job. If this future is dropped, handlers are cut off, and their jobs are taken up by another worker
/// when the heartbeats are missed.
///
/// It never fails: errors of the database are logged and waited out.
pub async fn run<A, H, HF, X, XF>(host: Host, spec: Spec, handler: H, exhausted: X)
where
    A: DeserializeOwned + Send + 'static,
    H: Fn(A, Context) -> HF + Send + Sync + 'static,
    HF: Future<Output = Result<Outcome, Error>> + Send + 'static,
    X: Fn(A, String) -> XF + Send + Sync + 'static,
    XF: Future<Output = Result<(), Error>> + Send + 'static,
{
    let kind = Arc::new(Kind {
        host,
        spec,
        handler,
        exhausted,
        argument: PhantomData,
    });
    let pause = Retry {
        limit: u32::MAX,
        base: Duration::from_millis(200),
        cap: Duration::from_secs(5),
    };
    let mut failures = 0;
    while !kind.host.stop.is_cancelled() {
        let born = Instant::now();
        // A name that was used before makes apalis wait for its old bearer, or take its jobs for the new one's.
        let name = format!("{}-{}", kind.spec.queue, Ulid::generate());
        let handlers = TaskTracker::new();
        let end = live(&kind, &name, &handlers).await;
        retire(&kind.host, &name, &handlers).await;
        match end {
            End::Stopped => break,
            End::CutOff => {
                tracing::warn!(
                    queue = kind.spec.queue,
                    "handlers did not stop in time and were cut off"
                );
                break;
            }
            End::Failed(error) => {
                failures = if born.elapsed() > pause.cap {
                    1
                } else {
                    failures + 1
                };
                tracing::warn!(
                    queue = kind.spec.queue,
                    error,
                    "worker ended, starting it anew"
                );
                let wait = pause.delay(failures);
                let _ = timeout(wait, kind.host.stop.cancelled()).await;
            }
        }
    }
}

/// One life of the worker, under a name of its own.
async fn live<A, H, HF, X, XF>(kind: &Arc<Kind<A, H, X>>, name: &str, handlers: &TaskTracker) -> End
where
    A: DeserializeOwned + Send + 'static,
    H: Fn(A, Context) -> HF + Send + Sync + 'static,
    HF: Future<Output = Result<Outcome, Error>> + Send + 'static,
    X: Fn(A, String) -> XF + Send + Sync + 'static,
    XF: Future<Output = Result<(), Error>> + Send + 'static,
{
    let (job_kind, worker_name, job_handlers) =
        (Arc::clone(kind), Arc::<str>::from(name), handlers.clone());
    let job = move |payload: Vec<u8>, id: TaskId, attempt: Attempt| {
        let run = Run {
            job: JobId(id.to_string()),
            worker: worker_name.to_string(),
            // apalis counts the run that begins.
            attempts: i32::try_from(attempt.current().saturating_sub(1)).unwrap_or(i32::MAX),
        };
        Arc::clone(&job_kind).run(payload, run, job_handlers.clone())
    };
    let context = WorkerContext::new(name);
    let worker = WorkerBuilder::new(&context)
        .backend(Storage::new(&kind.host, &kind.spec))
        .build(job);
    let mut running = pin!(worker.run());
    let mut deadline = None;
    loop {
        // The worker comes first: whenever the token wakes this, it is polled and sees the token for itself.
        tokio::select! {
            biased;
            result = &mut running => return match result {
                Ok(()) if kind.host.stop.is_cancelled() => End::Stopped,
                Ok(()) => End::Failed("it stopped of its own accord".to_owned()),
                Err(error) => End::Failed(error.to_string()),
            },
            () = kind.host.stop.cancelled(), if deadline.is_none() => {
                deadline = Some(Instant::now() + kind.spec.grace);
            }
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => return End::CutOff,
        }
    }
}

/// Clears up after a life: whatever it still held goes back to the queue at once, instead of when its heartbeats are
/// missed.
async fn retire(host: &Host, name: &str, handlers: &TaskTracker) {
    const PATIENCE: Duration = Duration::from_secs(2);
    // Handlers that were cut off end at their next await; before that, nobody else should have their jobs.
    handlers.close();
    let ended = timeout(PATIENCE, handlers.wait()).await.is_ok();
    if !ended {
        return;
    }
    let retire = async {
        let _turn = host.turn.take().await;
        queue::retire(&host.db, name).await
    };
    match timeout(PATIENCE, retire).await {
        Ok(Ok(())) => host.wake.poke(),
        Ok(Err(error)) => tracing::warn!(worker = name, %error, "cannot clear up after a worker"),
        Err(_) => tracing::warn!(worker = name, "no time to clear up after a worker"),
    }
}
