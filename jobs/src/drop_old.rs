//! What nobody needs any more goes, every night: uploads that were never started or never came in whole, webhooks that were applied, statuses of messages that never became known, events that no bot took, keys of mutations of other days, and the rows of
//! finished jobs.

use crate::{Services, daily, queue::Error};
use chrono::TimeDelta;
use domain::{bot, clock, idempotency, import, pending_object, queue, send, webhook};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Half past three UTC, every day. A process that does not run then leaves it to the next night: what is deleted is old already.
const EVERY_NIGHT: &str = "0 30 3 * * *";

/// How long all of it is kept.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Does it every night until `stop` is cancelled.
pub(crate) async fn daily(services: Arc<Services>, stop: CancellationToken) {
    let ended = daily::run_cron(EVERY_NIGHT, stop, move |_, stop| {
        let services = Arc::clone(&services);
        async move { drop_old(&services, &stop).await }
    });
    if let Err(error) = ended.await {
        tracing::error!(%error, "the daily work does not run");
    }
}

async fn drop_old(services: &Services, stop: &CancellationToken) -> Result<(), Error> {
    let cut = clock::now() - KEPT;
    let uploads = import::drop_unstarted(&services.db, &services.store, cut, stop).await?;
    let abandoned =
        pending_object::drop_abandoned(&services.db, &services.store, cut, stop).await?;
    let webhooks = webhook::drop_applied(&services.db, cut).await?;
    let statuses = send::drop_early(&services.db, cut).await?;
    let events = bot::run::drop_given_up(&services.db, cut).await?;
    let tx = services.db.write().await?;
    let jobs = queue::delete_finished(&*tx, cut).await?;
    tx.commit().await?;
    // These are good for a day only.
    let keys = idempotency::drop_old(&services.db).await?;
    tracing::info!(
        uploads,
        abandoned,
        webhooks,
        statuses,
        events,
        jobs,
        keys,
        "dropped what was old"
    );
    Ok(())
}
