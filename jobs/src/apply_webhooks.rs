//! Applies the webhooks of a channel that wait, until none is left or other channels have waited long enough.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{job::ApplyWebhooks, viewer::Viewer, webhook};
use entity::id::ChannelId;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Webhooks of the first transaction, and those of the smallest.
const FEW: u64 = 8;

/// A channel that has more than can be applied within this time goes on behind the others.
const LONGEST: Duration = Duration::from_secs(5);

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
    // The one at work begins anew before it ends: nobody waits for it.
    let Some(mut working) = services.applying.begin(id) else {
        return Ok(Outcome::Done);
    };
    let until = Instant::now() + LONGEST;
    loop {
        webhook::begin(db, id).await?;
        match apply(&services, &viewer, id, (&context, until)).await? {
            Left::Nothing if working.is_over() => return Ok(Outcome::Done),
            Left::Nothing => {}
            Left::More if context.stop.is_cancelled() => return Ok(Outcome::Checkpointed),
            Left::More => {
                // First, or the one that goes on finds this one at work.
                drop(working);
                webhook::go_on_later(db, id).await?;
                return Ok(Outcome::Done);
            }
        }
    }
}

/// What a job leaves.
enum Left {
    Nothing,
    More,
}

/// Applies what waits until none is left, the time is over, or the process stops.
async fn apply(
    services: &Services,
    viewer: &Viewer,
    id: ChannelId,
    (context, until): (&Context, Instant),
) -> Result<Left, Error> {
    let db = &services.db;
    let long = webhook::longest(db);
    let mut most = FEW;
    loop {
        let begun = Instant::now();
        if !webhook::next(db, viewer, id, most).await? {
            return Ok(Left::Nothing);
        }
        most = match begun.elapsed() {
            took if took > long => (most / 2).max(FEW),
            took if took < long / 2 => (most * 2).min(webhook::MOST),
            _ => most,
        };
        if context.stop.is_cancelled() || Instant::now() > until {
            return Ok(Left::More);
        }
    }
}

/// Nothing is given up: what waits is applied by the job of the next webhook.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn give_up(
    services: Arc<Services>,
    job: ApplyWebhooks,
    error: String,
) -> Result<(), Error> {
    tracing::error!(channel = %job.channel_id, error, "webhooks wait; the channel's next one begins anew");
    // Jobs that came while this one was at work have left: else the next webhook would take them for waiting still.
    Ok(webhook::begin(&services.db, job.channel_id).await?)
}
