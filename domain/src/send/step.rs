//! One commit of a send's job: what came back is accounted for, and the next are claimed.

use super::{
    claim::{Claimed, Found, Making, claim},
    control::end,
    counts, freeze,
    settle::{Answer, settle},
};
use crate::{
    clock,
    content::{Impossible, Ready},
    db::{Db, Tx, dialect::statement},
    error::{Error, Result},
    job::{self, RunSend},
    viewer::Viewer,
};
use chrono::TimeDelta;
use entity::{
    broadcast_send::{self, Model as Send},
    channel::{self, ChannelStatus, Model as Channel},
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
    if let Some(send) = expired(&tx, send.clone()).await? {
        tracing::warn!(send = %send.id, "a send came too late");
        tx.commit().await?;
        return Ok(Begun::Nothing);
    }
    let begun = start(&tx, viewer, send).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Lets a send run, with its recipients fixed; or holds or ends it for what stands against that.
async fn start(tx: &Tx, viewer: &Viewer, mut send: Send) -> Result<Begun> {
    let (channel, ready) = match usable(tx, viewer, &send).await? {
        Ok(both) => both,
        Err(fault) => {
            hold(tx, send, fault.0).await?;
            return Ok(Begun::Nothing);
        }
    };
    send.status = JobStatus::Running;
    send.started_at = send.started_at.or_else(|| Some(clock::now()));
    match freeze::freeze(tx, viewer, &mut send, &channel, &ready).await {
        Ok(()) => {
            send.mark = Some(send.pending);
            super::save(tx, send).await?;
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

/// Ends a send whose time is over.
async fn expired(tx: &Tx, send: Send) -> Result<Option<Send>> {
    let Some(until) = send.not_after.filter(|until| *until <= clock::now()) else {
        return Ok(None);
    };
    let message = format!(
        "Nothing of this send may go out after {}, and that moment has passed. Who had not got it was left out.",
        until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    );
    Ok(Some(end(tx, send, JobStatus::Failed, Some(message)).await?))
}

/// The channel and the content, where both may be used now.
async fn usable(
    tx: &Tx,
    viewer: &Viewer,
    send: &Send,
) -> Result<Result<(Channel, Ready), Impossible>> {
    let channel = channel_of(tx, viewer, send).await?;
    if channel.status != ChannelStatus::Ready {
        let said = channel.last_error.as_deref();
        let said = said
            .map(|said| format!(" It says: {said}"))
            .unwrap_or_default();
        let message = format!(
            "The channel \"{}\" is not READY: mend and verify it, then resume.{said}",
            channel.name
        );
        return Ok(Err(Impossible(message)));
    }
    let ready = match Ready::load(&**tx, viewer, &send.content).await? {
        Ok(ready) => ready,
        Err(fault) => return Ok(Err(fault)),
    };
    Ok(match ready.fault() {
        Some(fault) => Err(fault),
        None => Ok((channel, ready)),
    })
}

async fn channel_of(tx: &Tx, viewer: &Viewer, send: &Send) -> Result<Channel> {
    let found = viewer
        .by_ids::<channel::Entity>(&**tx, [send.channel_id])
        .await?;
    let found = found.into_iter().next();
    found.ok_or_else(|| Error::Broken("a send without a channel".to_owned()))
}

/// Pauses a send for what a person must mend.
async fn hold(tx: &Tx, mut send: Send, message: String) -> Result<Send> {
    send.status = JobStatus::Paused;
    send.failure_message = Some(message);
    (send.waits_until, send.waits_for) = (None, None);
    super::save(tx, send).await
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
    let ready = Ready::load(&*tx, viewer, &send.content).await?.ok();
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
        send = hold(&tx, send, message).await?;
        Next::Over
    } else if let Some(stop) = stop {
        send = hold(&tx, send, stop.to_owned()).await?;
        Next::Over
    } else if let Some(ended) = expired(&tx, send.clone()).await? {
        send = ended;
        Next::Over
    } else {
        go_on(&tx, viewer, &mut send, run, room).await?
    };
    if send != before {
        super::save(&tx, send).await?;
    }
    tx.commit().await?;
    Ok(next)
}

/// Claims the next of a send that goes on.
async fn go_on(tx: &Tx, viewer: &Viewer, send: &mut Send, run: &str, room: usize) -> Result<Next> {
    if room == 0 {
        return Ok(Next::Wait(Duration::from_millis(50)));
    }
    let (channel, ready) = match usable(tx, viewer, send).await? {
        Ok(both) => both,
        Err(fault) => {
            *send = hold(tx, send.clone(), fault.0).await?;
            return Ok(Next::Over);
        }
    };
    let making = Making {
        viewer,
        channel: &channel,
        ready: &ready,
        run,
    };
    let found = claim(tx, &making, send, room).await?;
    (send.waits_until, send.waits_for) = (None, None);
    Ok(match found {
        Found::These(claimed, more) => Next::Call(claimed, more),
        Found::Nobody => Next::Over,
        Found::Wait(wait, waits_for) => {
            let until = clock::now() + TimeDelta::from_std(wait).unwrap_or_default();
            if wait > Duration::from_secs(2) {
                send.waits_for = match (waits_for, channel.daily_limit) {
                    // Nobody waits an hour for another try.
                    (_, Some(_)) if wait > Duration::from_secs(3_600) => {
                        Some(broadcast_send::WaitsFor::DailyLimit)
                    }
                    (waits_for, _) => waits_for,
                };
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
    if let Some(send) = found.filter(|send| !send.status.is_final()) {
        let message = "An internal error stopped the send, again and again; the log has the cause. Resume it when that is mended.";
        hold(&tx, send, message.to_owned()).await?;
        tx.commit().await?;
    }
    Ok(())
}
