//! Sends paused, resumed, cancelled, and tried again. Whatever runs a send looks at its status before it claims anybody.

use super::claim::OPEN;
use crate::{
    broadcast::may_send,
    clock,
    db::{Db, Tx, dialect::statement},
    error::{Error, Result, UserError},
    job::{self, RunSend},
    pending_object,
    viewer::Viewer,
};
use chrono::TimeDelta;
use entity::{
    broadcast_send::{self, Model},
    content::Content,
    delivery::DeliveryStatus,
    id::BroadcastSendId,
    job::JobStatus,
    role::Restriction,
};
use sea_orm::{ActiveEnum, ConnectionTrait};
use tokio_util::sync::CancellationToken;

/// Holds a send: nobody is claimed from the commit on. What has gone out is accounted for.
///
/// # Errors
/// Forbidden for whoever may not; NOT_FOUND; CONFLICT for one that has ended or is paused.
pub async fn pause(tx: &Tx, viewer: &Viewer, id: BroadcastSendId) -> Result<Model> {
    let mut send = locked(tx, viewer, id).await?;
    if send.status.is_final() || send.status == JobStatus::Paused {
        return Err(conflict(&send));
    }
    send.status = JobStatus::Paused;
    (send.waits_until, send.waits_for) = (None, None);
    super::save(tx, send).await
}

/// Lets a paused send go on.
///
/// # Errors
/// As [`pause`].
pub async fn resume(tx: &Tx, viewer: &Viewer, id: BroadcastSendId) -> Result<Model> {
    let mut send = locked(tx, viewer, id).await?;
    if send.status != JobStatus::Paused {
        return Err(conflict(&send));
    }
    let later = send.scheduled_at.filter(|at| *at > clock::now());
    send.status = match later {
        Some(_) => JobStatus::Scheduled,
        None => JobStatus::Queued,
    };
    send.failure_message = None;
    job::enqueue_at(tx, &RunSend { send_id: id }, later).await?;
    super::save(tx, send).await
}

/// Ends a send: whoever is still to get it is skipped, with that reason.
///
/// # Errors
/// Forbidden for whoever may not; NOT_FOUND; CONFLICT for one that has ended.
pub async fn cancel(tx: &Tx, viewer: &Viewer, id: BroadcastSendId) -> Result<Model> {
    let mut send = locked(tx, viewer, id).await?;
    if send.status.is_final() {
        return Err(conflict(&send));
    }
    end(tx, &mut send, JobStatus::Cancelled, None).await?;
    super::save(tx, send).await
}

/// Tries those again whom a send that has ended did not reach, where that may help.
///
/// # Errors
/// Forbidden for whoever may not; NOT_FOUND; CONFLICT for one that has not ended; INVALID where there is nobody to try again.
pub async fn retry(tx: &Tx, viewer: &Viewer, id: BroadcastSendId) -> Result<Model> {
    let mut send = locked(tx, viewer, id).await?;
    if !super::is_over(&send) {
        return Err(Error::user(
            "id",
            "CONFLICT",
            "This send has not ended yet.",
        ));
    }
    if send.not_after.is_some_and(|until| until <= clock::now()) {
        let message = "The moment after which nothing of this send may go out has passed.";
        return Err(Error::user("id", "INVALID", message));
    }
    let sql = "UPDATE delivery SET status = 'PENDING', next_at = $2, skip_reason = NULL, tries = 0, slow_tries = 0
        WHERE send_id = $1 AND id BETWEEN $3 AND $4 AND status = 'FAILED' AND is_retryable";
    let values = [
        id.0.into(),
        clock::now().into(),
        send.first_delivery.unwrap_or(1).into(),
        send.last_delivery.unwrap_or(0).into(),
    ];
    let done = tx.execute_raw(statement(&**tx, sql, values)).await?;
    let number = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
    if number == 0 {
        let message = "Nobody of this send failed in a way that trying again may mend.";
        return Err(Error::user("id", "INVALID", message));
    }
    super::counts::shift(
        &mut send,
        DeliveryStatus::Failed,
        DeliveryStatus::Pending,
        number,
    );
    send.status = JobStatus::Queued;
    send.failure_message = None;
    send.finished_at = None;
    if let Some(old) = send.result_key.take() {
        // It does not say any more how the send ended; the nightly work deletes it.
        pending_object::leave(tx, &old).await?;
    }
    job::enqueue(tx, &RunSend { send_id: id }).await?;
    super::save(tx, send).await
}

/// Those who are left out by one transaction at most, so that whoever asks for the end of a send has an answer at once.
const AT_ONCE: i64 = 10_000;

/// Calls that are under way have ended by then.
const CALLS: TimeDelta = TimeDelta::seconds(20);

/// Ends a send before its time: those who are still to get it are skipped, by its job where they are many. Its job writes the result file. The row is not
/// written yet.
pub(super) async fn end(
    tx: &Tx,
    send: &mut Model,
    status: JobStatus,
    message: Option<String>,
) -> Result<()> {
    if send.pending <= AT_ONCE {
        leave(tx, send, OPEN).await?;
    }
    send.status = status;
    send.failure_message = message;
    send.finished_at = Some(clock::now());
    (send.waits_until, send.waits_for) = (None, None);
    // A run that lives accounts for its calls first, and writes the file then; one that died never will.
    let at = (send.sending > 0).then(|| clock::now() + CALLS);
    job::enqueue_at(tx, &RunSend { send_id: send.id }, at).await
}

/// Leaves out who is still to get a send that has ended, some at a time; false where the process stops before. The run is the one that ends the send.
///
/// # Errors
/// When the database is away; the next call goes on.
pub(super) async fn leave_all(
    db: &Db,
    viewer: &Viewer,
    (id, run): (BroadcastSendId, &str),
    stop: &CancellationToken,
) -> Result<bool> {
    let mut before = 0;
    loop {
        let tx = db.write().await?;
        let found = viewer.lock::<broadcast_send::Entity>(&tx, id).await?;
        let is_left = |send: &Model| {
            send.status.is_final() && send.run.as_deref() == Some(run) && send.pending > 0
        };
        let Some(mut send) = found.filter(is_left) else {
            return Ok(true);
        };
        if stop.is_cancelled() {
            return Ok(false);
        }
        // By their ids, which lie side by side: what has been left out already is not read again and again.
        let first = send.first_delivery.unwrap_or(1).max(before + 1);
        if first > send.last_delivery.unwrap_or(0) {
            let message = "a send has ended, and those who are still to get it are not there";
            return Err(Error::Broken(message.to_owned()));
        }
        before = first + AT_ONCE - 1;
        leave(&tx, &mut send, &format!("id BETWEEN {first} AND {before}")).await?;
        super::save(&tx, send).await?;
        tx.commit().await?;
    }
}

/// Leaves out those who are still to get it, and of whom `which` holds.
async fn leave(tx: &Tx, send: &mut Model, which: &str) -> Result<()> {
    if matches!(send.content, Content::Block(_)) {
        // Who has got the first messages of a block was reached, and is nobody new.
        let reached = format!("part > 0 AND {which}");
        leave_as(tx, send, DeliveryStatus::Sent, &reached).await?;
    }
    leave_as(tx, send, DeliveryStatus::Skipped, which).await
}

async fn leave_as(tx: &Tx, send: &mut Model, status: DeliveryStatus, which: &str) -> Result<()> {
    let sql = format!(
        "UPDATE delivery SET status = $2, skip_reason = 'SEND_CANCELLED' WHERE send_id = $1 AND status = 'PENDING' AND {which}"
    );
    let values = [send.id.0.into(), status.to_value().into()];
    let done = tx.execute_raw(statement(&**tx, &sql, values)).await?;
    let number = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
    super::counts::shift(send, DeliveryStatus::Pending, status, number);
    Ok(())
}

/// Who sees but some contacts has no say over a send of somebody else, which reaches others.
async fn locked(tx: &Tx, viewer: &Viewer, id: BroadcastSendId) -> Result<Model> {
    may_send(viewer)?;
    let found = viewer.lock::<broadcast_send::Entity>(tx, id).await?;
    let send = found.ok_or_else(|| UserError::not_found("id", "send"))?;
    let own = viewer.member.as_ref().map(|member| member.id);
    if own.is_none() || send.created_by_member_id != own {
        viewer.unrestricted(Restriction::OnlyAssignedContacts)?;
    }
    Ok(send)
}

fn conflict(send: &Model) -> Error {
    let message = match send.status {
        JobStatus::Paused => "This send is paused already.",
        status if status.is_final() => "This send has ended already.",
        _ => "This send is not paused.",
    };
    Error::user("id", "CONFLICT", message)
}
