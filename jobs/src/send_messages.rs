//! Sends the messages to one contact over one channel that wait, one after the other.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{
    channel::provider_of,
    clock,
    job::SendMessages,
    message::run::{self, Claimed, Next},
    viewer::Viewer,
};
use entity::contact;
use provider::{Class, Outcome as Called};
use std::{sync::Arc, time::Duration};
use tokio::time::{sleep, sleep_until};

/// Sends what waits.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn handle(
    services: Arc<Services>,
    job: SendMessages,
    context: Context,
) -> Result<Outcome, Error> {
    let db = &services.db;
    let Some(viewer) = Viewer::for_job::<contact::Entity>(db, job.contact_id).await? else {
        return Ok(Outcome::Done);
    };
    let name = context.job.to_string();
    let run = format!("{name}.{}", clock::now().timestamp_micros());
    loop {
        if context.stop.is_cancelled() {
            return Ok(Outcome::Checkpointed);
        }
        match run::next(db, &viewer, &job, &name, &run).await? {
            Next::Nothing => return Ok(Outcome::Done),
            Next::Wait(wait) => {
                tokio::select! {
                    () = sleep(wait) => {}
                    () = context.stop.cancelled() => {}
                }
            }
            Next::Call(claimed) => {
                let outcome = call(&services, &claimed).await;
                // An answer is not lost while the database is away for a while.
                while let Err(error) = run::settle(db, &viewer, &claimed, &outcome).await {
                    if !error.is_temporary() {
                        return Err(error.into());
                    }
                    sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }
}

async fn call(services: &Services, claimed: &Claimed) -> Called {
    let providers = &services.providers;
    let Some(account) = providers.account(&claimed.channel) else {
        return Called::refused(
            Class::Final,
            "SEALED",
            "The channel's credentials were sealed by another secret.",
        );
    };
    sleep_until(claimed.at.into()).await;
    let provider = provider_of(&claimed.channel);
    provider
        .send(&providers.caller, &account, &claimed.outgoing)
        .await
}

/// Says of what waits that it was given up.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn give_up(
    services: Arc<Services>,
    job: SendMessages,
    _error: String,
) -> Result<(), Error> {
    let db = &services.db;
    match Viewer::for_job::<contact::Entity>(db, job.contact_id).await? {
        Some(viewer) if !run::give_up(db, &viewer, &job).await? => {
            Err(Error::transient("a call is under way"))
        }
        _ => Ok(()),
    }
}
