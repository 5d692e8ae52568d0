//! Applies the webhooks of a channel that wait, until none is left.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{job::ApplyWebhooks, viewer::Viewer, webhook};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// A transaction that took longer is followed by smaller ones: on SQLite the webhooks that come wait for it.
const LONG: Duration = Duration::from_millis(40);

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
    webhook::begin(db, id).await?;
    let mut most = 16;
    loop {
        let begun = Instant::now();
        if !webhook::next(db, &viewer, id, most).await? {
            return Ok(Outcome::Done);
        }
        most = match begun.elapsed() {
            took if took > LONG => (most / 2).max(1),
            took if took < LONG / 2 => (most * 2).min(webhook::MOST),
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
