//! One commit of a send's job: what came back is accounted for, and the next are claimed.

use super::{
    claim::{Claimed, Found, Making, claim},
    control::end,
    settle::{Answer, settle},
};
use crate::{
    channel, clock,
    content::{Impossible, Ready},
    db::{Db, Tx, dialect::statement},
    error::Result,
    job::{self, RunSend},
    viewer::Viewer,
    webhook,
};
use chrono::TimeDelta;
use entity::{
    broadcast_send::{self, Model as Send},
    channel::{ChannelStatus, Model as Channel},
    id::{BroadcastSendId, ChannelId},
    job::JobStatus,
};
use sea_orm::{ActiveEnum, ConnectionTrait};
use std::time::Duration;

/// A longer wait is the queue's: the job ends, and another begins then.
const LONG: Duration = Duration::from_secs(30);

/// What is to be done next.
#[derive(Debug)]
pub enum Next {
    /// Make these calls; whether there may be more to claim at once.
    Call(Vec<Claimed>, bool),
    /// Nobody is to be called before this.
    Wait(Duration),
    /// Nobody is to be called any more by this run: account for what is under way, and look at the whole.
    Over,
}

/// Ends a send whose time is over; whether it is.
pub(super) async fn expired(tx: &Tx, send: &mut Send) -> Result<bool> {
    let Some(until) = send.not_after.filter(|until| *until <= clock::now()) else {
        return Ok(false);
    };
    let message = format!(
        "Nothing of this send may go out after {}, and that moment has passed. Who had not got it was left out.",
        until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    );
    end(tx, send, JobStatus::Failed, Some(message)).await?;
    Ok(true)
}

/// The content, where it and the channel may be used now.
pub(super) fn usable(
    channel: &Channel,
    ready: Result<Ready, Impossible>,
) -> Result<Ready, Impossible> {
    if channel.status != ChannelStatus::Ready {
        let said = channel.last_error.as_deref();
        let said = said
            .map(|said| format!(" It says: {said}"))
            .unwrap_or_default();
        let message = format!(
            "The channel \"{}\" is not READY: mend and verify it, then resume.{said}",
            channel.name
        );
        return Err(Impossible(message));
    }
    let ready = ready?;
    match ready.fault() {
        Some(fault) => Err(fault),
        None => Ok(ready),
    }
}

pub(super) async fn channel_of(tx: &Tx, viewer: &Viewer, send: &Send) -> Result<Channel> {
    channel::of_row(&**tx, viewer, send.channel_id).await
}

/// Pauses a send for what a person must mend.
pub(super) fn hold(send: &mut Send, message: String) {
    send.status = JobStatus::Paused;
    send.failure_message = Some(message);
    (send.waits_until, send.waits_for) = (None, None);
}

/// A send under way.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    /// Which.
    pub id: BroadcastSendId,
    /// The name of its run.
    pub run: &'a str,
    /// Over which channel.
    pub on: ChannelId,
}

/// Accounts for `answers`, and claims up to `room` more. `stop`: why the run wants the send paused, where it does.
///
/// # Errors
/// When the database is away; then nothing of it is done, and the same answers are to be given again.
pub async fn step(
    db: &Db,
    viewer: &Viewer,
    Running { id, run, on }: Running<'_>,
    answers: &[Answer],
    room: usize,
    stop: Option<&str>,
) -> Result<Next> {
    let tx = db.write().await?;
    if !answers.is_empty() {
        webhook::share(&tx, on).await?;
    }
    let Some(mut send) = viewer.lock::<broadcast_send::Entity>(&tx, id).await? else {
        return Ok(Next::Over);
    };
    let before = send.clone();
    let channel = channel_of(&tx, viewer, &send).await?;
    let ready = Ready::load(&*tx, viewer, &send.content).await?;
    let parts = ready.as_ref().map_or(1, Ready::parts);
    let parts = i32::try_from(parts).unwrap_or(1);
    let verdict = settle(&tx, viewer, &mut send, &channel, parts, answers).await?;
    let is_mine = send.status == JobStatus::Running && send.run.as_deref() == Some(run);
    let next = if !is_mine {
        Next::Over
    } else if let Some(said) = verdict.stop {
        fail_channel(&tx, &channel, &said).await?;
        let message =
            format!("The provider said: {said}. Mend and verify the channel, then resume.");
        hold(&mut send, message);
        Next::Over
    } else if let Some(stop) = stop {
        hold(&mut send, stop.to_owned());
        Next::Over
    } else if expired(&tx, &mut send).await? {
        Next::Over
    } else if room == 0 {
        Next::Wait(Duration::from_millis(50))
    } else {
        match usable(&channel, ready) {
            Ok(ready) => {
                let making = Making {
                    viewer,
                    channel: &channel,
                    ready: &ready,
                    run,
                };
                go_on(&tx, &making, &mut send, room).await?
            }
            Err(fault) => {
                hold(&mut send, fault.0);
                Next::Over
            }
        }
    };
    if send != before {
        super::save(&tx, send).await?;
    }
    tx.commit().await?;
    Ok(next)
}

/// Claims the next of a send that goes on.
async fn go_on(tx: &Tx, making: &Making<'_>, send: &mut Send, room: usize) -> Result<Next> {
    let found = claim(tx, making, send, room).await?;
    (send.waits_until, send.waits_for) = (None, None);
    Ok(match found {
        Found::These(claimed, more) => Next::Call(claimed, more),
        Found::Nobody => Next::Over,
        Found::Wait(wait, waits_for) => {
            let until = clock::now() + TimeDelta::from_std(wait).unwrap_or_default();
            if wait > Duration::from_secs(2) {
                send.waits_for = waits_for;
                send.waits_until = send.waits_for.map(|_| until);
            }
            if wait > LONG && send.sending == 0 {
                send.run = None;
                let until = send.not_after.map_or(until, |over| Ord::min(over, until));
                job::enqueue_at(tx, &RunSend { send_id: send.id }, Some(until)).await?;
                return Ok(Next::Over);
            }
            Next::Wait(wait)
        }
    })
}

/// Notes that a channel does not work, and why; one that was changed meanwhile has other credentials, of which this says nothing.
async fn fail_channel(tx: &Tx, channel: &Channel, said: &str) -> Result<()> {
    let sql = "UPDATE channel SET status = $1, last_error = $2
        WHERE id = $3 AND status = $4 AND coalesce(credentials, '') = $5";
    let values = [
        ChannelStatus::Failing.to_value().into(),
        said.into(),
        channel.id.0.into(),
        ChannelStatus::Ready.to_value().into(),
        channel.credentials.clone().unwrap_or_default().into(),
    ];
    tx.execute_raw(statement(&**tx, sql, values)).await?;
    Ok(())
}
