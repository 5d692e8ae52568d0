//! Tells a workspace's bot where conversations stand.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{
    bot::run::{self, Next, Told},
    clock,
    job::TellBot,
    viewer::Viewer,
};
use futures_util::{StreamExt, stream};
use provider::Account;
use std::sync::Arc;

/// Calls to one bot at the same time.
const CALLS: usize = 16;

/// Tells what waits.
///
/// # Errors
/// When the database is away; the queue tries again, and the bot may hear the same twice.
pub async fn handle(
    services: Arc<Services>,
    job: TellBot,
    context: Context,
) -> Result<Outcome, Error> {
    let viewer = Viewer::command_line(job.workspace_id);
    let name = context.job.to_string();
    let run = format!("{name}.{}", clock::now().timestamp_micros());
    let mut told = Vec::new();
    loop {
        let next = run::next(
            &services.db,
            &services.providers,
            &viewer,
            (&name, &run),
            &told,
        );
        match next.await? {
            Next::Nothing => return Ok(Outcome::Done),
            Next::Tell(..) if context.stop.is_cancelled() => return Ok(Outcome::Checkpointed),
            Next::Tell(account, events) => told = tell(&services, &account, events).await,
        }
    }
}

async fn tell(
    services: &Services,
    account: &Account,
    events: Vec<Told>,
) -> Vec<(Told, Result<(), String>)> {
    let calls = events.into_iter().map(|told| async move {
        let outcome = match &told.body {
            Some(body) => {
                let caller = &services.providers.caller;
                let done = provider::notify(caller, account, &told.name, body).await;
                done.map_err(|failure| failure.message)
            }
            None => Ok(()),
        };
        (told, outcome)
    });
    stream::iter(calls).buffer_unordered(CALLS).collect().await
}

/// Nothing is given up: the job of the next event goes on.
///
/// # Errors
/// Never.
pub async fn give_up(_services: Arc<Services>, job: TellBot, error: String) -> Result<(), Error> {
    tracing::error!(workspace = %job.workspace_id, error, "what the bot is to be told waits for the next event");
    Ok(())
}
