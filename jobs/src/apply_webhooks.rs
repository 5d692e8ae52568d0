//! Applies the webhooks of a channel that wait, until none is left.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{job::ApplyWebhooks, viewer::Viewer, webhook};
use std::{sync::Arc, time::Instant};

/// Webhooks of the first transaction, and those of the smallest.
const FEW: u64 = 8;

/// Applies what waits.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn handle(
    services: Arc<Services>,
    job: ApplyWebhooks,
    context: Context,
) -> Result<Outcome, Error> {
    let (db, id) = (&services.db, job.channel_id);
    let Some(viewer) = Viewer::for_job::<entity::channel::Entity>(db, id).await? else {
        return Ok(Outcome::Done);
    };
    // One job a channel applies, and at most one waits for it: who came meanwhile sees that one is queued.
    let turn = context.stop.run_until_cancelled(services.applying.take(id));
    let Some(_turn) = turn.await else {
        return Ok(Outcome::Checkpointed);
    };
    webhook::begin(db, id).await?;
    let long = webhook::longest(db);
    let mut most = FEW;
    loop {
        let begun = Instant::now();
        if !webhook::next(db, &viewer, id, most).await? {
            return Ok(Outcome::Done);
        }
        most = match begun.elapsed() {
            took if took > long => (most / 2).max(FEW),
            took if took < long / 2 => (most * 2).min(webhook::MOST),
            _ => most,
        };
        if context.stop.is_cancelled() {
            return Ok(Outcome::Checkpointed);
        }
    }
}

/// Nothing is given up: what waits is applied by the job of the next webhook.
///
/// # Errors
/// Never.
pub async fn give_up(
    _services: Arc<Services>,
    job: ApplyWebhooks,
    error: String,
) -> Result<(), Error> {
    tracing::error!(channel = %job.channel_id, error, "webhooks wait; the channel's next one begins anew");
    Ok(())
}
