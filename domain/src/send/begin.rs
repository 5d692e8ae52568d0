//! How a run of a send begins: what another run left is accounted for, and the recipients are fixed where that has not been done. And how it is given up.

use super::{
    claim::OPEN,
    control::end,
    counts, freeze,
    step::{channel_of, expired, hold, usable},
};
use crate::{
    clock,
    content::Ready,
    db::{
        Db, Tx,
        dialect::{self, statement},
    },
    error::Result,
    job::{self, RunSend},
    viewer::Viewer,
};
use chrono::TimeDelta;
use entity::{
    broadcast_send::{self, Model as Send, RecipientChoice},
    channel::Model as Channel,
    delivery::DeliveryStatus,
    id::{BroadcastId, BroadcastSendId},
    job::JobStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, sea_query::ExprTrait};

/// A send that waits for the recipients of one before it looks again after this.
const EARLIER: TimeDelta = TimeDelta::seconds(1);

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
    if send.total.is_none() && is_early(tx, viewer, send).await? {
        let at = Some(clock::now() + EARLIER);
        job::enqueue_at(tx, &RunSend { send_id: send.id }, at).await?;
        return Ok(Begun::Nothing);
    }
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

/// Whether a send to those who are new has to wait: who they are is known when those before it have their recipients.
async fn is_early(tx: &Tx, viewer: &Viewer, send: &Send) -> Result<bool> {
    dialect::take_turn(&**tx, turn(send.broadcast_id)).await?;
    if send.recipients != RecipientChoice::NewlyAdded {
        return Ok(false);
    }
    let is_due = broadcast_send::Column::ScheduledAt
        .is_null()
        .or(broadcast_send::Column::ScheduledAt.lte(clock::now()));
    let begin = [JobStatus::Scheduled, JobStatus::Queued, JobStatus::Running];
    let knows_nobody = broadcast_send::Column::Total
        .is_null()
        .and(broadcast_send::Column::Status.is_in(begin))
        .and(is_due);
    // Those whom it leaves out are new.
    let leaves_out = broadcast_send::Column::Pending
        .gt(0)
        .and(broadcast_send::Column::Status.is_in([JobStatus::Cancelled, JobStatus::Failed]));
    let earlier = viewer
        .find::<broadcast_send::Entity>()
        .filter(broadcast_send::Column::BroadcastId.eq(send.broadcast_id))
        .filter(broadcast_send::Column::Id.lt(send.id))
        .filter(knows_nobody.or(leaves_out))
        .one(&**tx)
        .await?;
    Ok(earlier.is_some())
}

/// The turn in which the recipients of a broadcast's sends are fixed, one send after the other.
fn turn(id: BroadcastId) -> i64 {
    // No other turn is taken by numbers that begin so.
    0x6672_7a00_0000_0000 ^ id.0
}

/// What another run claimed and never accounted for may have been taken.
async fn orphan(tx: &Tx, send: &mut Send, run: &str) -> Result<()> {
    if send.sending == 0 {
        return Ok(());
    }
    let sql = format!(
        "UPDATE delivery SET status = 'UNKNOWN', error_code = 'INTERRUPTED', is_retryable = $3,
            error_message = 'The process ended between the call and its answer: the provider may have taken the message.'
        WHERE send_id = $1 AND status = 'SENDING' AND {OPEN} AND (run IS NULL OR run <> $2)"
    );
    let values = [send.id.0.into(), run.into(), false.into()];
    let done = tx.execute_raw(statement(&**tx, &sql, values)).await?;
    let number = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
    counts::shift(
        send,
        DeliveryStatus::Sending,
        DeliveryStatus::Unknown,
        number,
    );
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
