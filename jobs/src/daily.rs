//! Work that comes round by the clock.

use std::future::Future;
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::{WorkerBuilder, WorkerContext};
use apalis_cron::{CronScheduler, Tick};
use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::queue::Error;

/// Calls `handler` with the moment that was due whenever `schedule` says, in UTC, until `stop` is cancelled; then
/// returns once a running call has. `schedule` is a cron expression that begins with seconds: `0 30 3 * * *` is half
/// past three every night.
///
/// Every process that runs this calls its own handler, so it must do no harm twice. A call that is still running when
/// the next one is due stands in for it. Failures and panics are logged; the next call comes all the same.
///
/// # Errors
/// When the schedule cannot be read.
pub async fn run_cron<F, Fut>(
    schedule: &str,
    stop: CancellationToken,
    handler: F,
) -> Result<(), cron::error::Error>
where
    F: Fn(DateTime<Utc>, CancellationToken) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    let schedule = cron::Schedule::from_str(schedule)?;
    let (handler, busy) = (Arc::new(handler), Arc::new(Mutex::new(())));
    while !stop.is_cancelled() {
        let (handler, busy, token) = (Arc::clone(&handler), Arc::clone(&busy), stop.clone());
        let job =
            move |tick: Tick| call(Arc::clone(&handler), Arc::clone(&busy), tick, token.clone());
        let context = WorkerContext::new("cron");
        let worker = WorkerBuilder::new(&context)
            .backend(CronScheduler::new(schedule.clone()))
            .build(job);
        let mut running = pin!(worker.run());
        let result = tokio::select! {
            biased;
            result = &mut running => result,
            () = stop.cancelled() => {
                // It only fails for a worker that was never started, and the line above has polled it.
                let _ = context.stop();
                running.await
            }
        };
        if let Err(error) = result {
            // A tick that is already past when it is looked at, after the machine slept, ends apalis' scheduler.
            tracing::warn!(%error, "schedule ended, starting it anew");
            let _ = timeout(Duration::from_secs(1), stop.cancelled()).await;
        }
    }
    // A call outlives the scheduler that made it, if that ended by an error.
    let _ended = busy.lock().await;
    Ok(())
}

/// One call of the handler, in a task of its own, so that a panic ends nothing else.
async fn call<F, Fut>(handler: Arc<F>, busy: Arc<Mutex<()>>, tick: Tick, stop: CancellationToken)
where
    F: Fn(DateTime<Utc>, CancellationToken) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    let Ok(turn) = busy.try_lock_owned() else {
        return;
    };
    let seconds = i64::try_from(tick.get_timestamp()).unwrap_or_default();
    let due = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let task = tokio::spawn(async move {
        let _turn = turn;
        handler(due, stop).await
    });
    match task.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "scheduled work failed"),
        Err(error) => tracing::error!(%error, "scheduled work panicked"),
    }
}
