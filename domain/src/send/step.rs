//! One commit of a send's job: what came back is accounted for, and the next are claimed.

use super::{
    claim::{Claimed, Found, Making, claim},
    control::end,
    counts, freeze,
    settle::{Answer, settle},
};
use crate::{
    channel, clock,
    content::{Impossible, Ready},
    db::{Db, Tx, dialect::statement},
    error::Result,
    job::{self, RunSend},
    viewer::Viewer,
};
use chrono::TimeDelta;
use entity::{
    broadcast_send::{self, Model as Send},
    channel::{ChannelStatus, Model as Channel},
    delivery::DeliveryStatus,
    id::BroadcastSendId,
    job::JobStatus,
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
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

/// How a run begins.
#[derive(Debug)]
pub enum Begun {
    /// It sends.
    Sending(Box<Channel>),
    /// The send has ended, but for its result file.
    Ended,
    /// There is nothing for it to do.
    Nothing,
}

/// Takes a send up under the name of this run: its recipients are fixed where that has not been done, and what another run claimed and never accounted
/// for is UNKNOWN from now on. `attempt` is that of the job: one that was cut off, and came further than the one before it, goes on as a new job.
///
/// # Errors
/// When the database is away.
pub async fn begin(
    db: &Db,
    viewer: &Viewer,
    id: BroadcastSendId,
    run: &str,
    attempt: u32,
) -> Result<Begun> {
    let tx = db.write().await?;
    let found = viewer.lock::<broadcast_send::Entity>(&tx, id).await?;
    let Some(mut send) = found.filter(|send| send.status != JobStatus::Paused) else {
        return Ok(Begun::Nothing);
    };
    let was_final = send.status.is_final();
    if was_final && send.result_key.is_some() {
        return Ok(Begun::Nothing);
    }
    if let Some(at) = send
        .scheduled_at
        .filter(|at| *at > clock::now() && !was_final)
    {
        job::enqueue_at(&tx, &RunSend { send_id: id }, Some(at)).await?;
        tx.commit().await?;
        return Ok(Begun::Nothing);
    }
    let came_further = send.mark.is_some_and(|mark| mark > send.pending);
    send.mark = Some(send.pending).filter(|_| send.total.is_some());
    if attempt > 1 && came_further {
        job::enqueue(&tx, &RunSend { send_id: id }).await?;
        super::save(&tx, send).await?;
        tx.commit().await?;
        return Ok(Begun::Nothing);
    }
    send.run = Some(run.to_owned());
    orphan(&tx, &mut send, run).await?;
    if was_final {
        super::save(&tx, send).await?;
        tx.commit().await?;
        return Ok(Begun::Ended);
    }
    let begun = match expired(&tx, &mut send).await? {
        true => Begun::Nothing,
        false => start(&tx, viewer, &mut send).await?,
    };
    super::save(&tx, send).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Lets a send run, with its recipients fixed; or holds or ends it for what stands against that.
async fn start(tx: &Tx, viewer: &Viewer, send: &mut Send) -> Result<Begun> {
    let channel = channel_of(tx, viewer, send).await?;
    let ready = match usable(&channel, Ready::load(&**tx, viewer, &send.content).await?) {
        Ok(ready) => ready,
        Err(fault) => {
            hold(send, fault.0);
            return Ok(Begun::Nothing);
        }
    };
    send.status = JobStatus::Running;
    send.started_at = send.started_at.or_else(|| Some(clock::now()));
    match freeze::freeze(tx, viewer, send, &channel, &ready).await {
        Ok(()) => {
            send.mark = Some(send.pending);
            Ok(Begun::Sending(Box::new(channel)))
        }
        Err(error) => {
            let message = error.for_people()?;
            end(tx, send, JobStatus::Failed, Some(message)).await?;
            Ok(Begun::Nothing)
        }
    }
}

/// What another run claimed and never accounted for may have been taken.
async fn orphan(tx: &Tx, send: &mut Send, run: &str) -> Result<()> {
    if send.sending == 0 {
        return Ok(());
    }
    let sql = "UPDATE delivery SET status = 'UNKNOWN', error_code = 'INTERRUPTED', is_retryable = $3,
        error_message = 'The process ended between the call and its answer: the provider may have taken the message.'
        WHERE send_id = $1 AND status = 'SENDING' AND (run IS NULL OR run <> $2)";
    let values = [send.id.0.into(), run.into(), false.into()];
    let done = tx.execute_raw(statement(&**tx, sql, values)).await?;
    let number = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
    counts::shift(
        send,
        DeliveryStatus::Sending,
        DeliveryStatus::Unknown,
        number,
    );
    Ok(())
}

/// Ends a send whose time is over; whether it is.
async fn expired(tx: &Tx, send: &mut Send) -> Result<bool> {
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
fn usable(channel: &Channel, ready: Result<Ready, Impossible>) -> Result<Ready, Impossible> {
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

async fn channel_of(tx: &Tx, viewer: &Viewer, send: &Send) -> Result<Channel> {
    channel::of_row(&**tx, viewer, send.channel_id).await
}

/// Pauses a send for what a person must mend.
fn hold(send: &mut Send, message: String) {
    send.status = JobStatus::Paused;
    send.failure_message = Some(message);
    (send.waits_until, send.waits_for) = (None, None);
}

/// Accounts for `answers`, and claims up to `room` more. `stop`: why the run wants the send paused, where it does.
///
/// # Errors
/// When the database is away; then nothing of it is done, and the same answers are to be given again.
pub async fn step(
    db: &Db,
    viewer: &Viewer,
    (id, run): (BroadcastSendId, &str),
    answers: &[Answer],
    room: usize,
    stop: Option<&str>,
) -> Result<Next> {
    let tx = db.write().await?;
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
        fail_channel(&tx, channel, &said).await?;
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
                job::enqueue_at(tx, &RunSend { send_id: send.id }, Some(until)).await?;
                return Ok(Next::Over);
            }
            Next::Wait(wait)
        }
    })
}

/// Notes that a channel does not work, and why.
async fn fail_channel(tx: &Tx, mut channel: Channel, said: &str) -> Result<()> {
    channel.status = ChannelStatus::Failing;
    channel.last_error = Some(said.to_owned());
    channel
        .into_active_model()
        .reset_all()
        .update(&**tx)
        .await?;
    Ok(())
}

/// Gives up a send whose job has failed too often: it is paused, and nobody is lost.
///
/// # Errors
/// When the database is away.
pub async fn give_up(db: &Db, id: BroadcastSendId) -> Result<()> {
    let Some(viewer) = Viewer::for_job::<broadcast_send::Entity>(db, id).await? else {
        return Ok(());
    };
    let tx = db.write().await?;
    let found = viewer.lock::<broadcast_send::Entity>(&tx, id).await?;
    if let Some(mut send) = found.filter(|send| !send.status.is_final()) {
        let message = "An internal error stopped the send, again and again; the log has the cause. Resume it when that is mended.";
        hold(&mut send, message.to_owned());
        super::save(&tx, send).await?;
        tx.commit().await?;
    }
    Ok(())
}
