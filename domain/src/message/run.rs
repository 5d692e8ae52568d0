//! The job of messages to one person over one channel: one call after the other, each accounted for before the next.
//!
//! As in a send, what was claimed when a process died may have been taken: it becomes UNKNOWN, and is never sent again by itself.

use super::save;
use crate::{
    attribute::Attributes,
    bot, channel, clock, contact,
    content::{Person, Ready},
    db::{Db, Tx},
    error::Result,
    job::{self, SendMessages},
    send::{AHEAD, pace, wrote_to},
    viewer::Viewer,
    webhook, workspace,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    channel::{ChannelStatus, Model as Channel},
    contact::Model as Contact,
    contact_channel,
    delivery::DeliveryStatus,
    message::{self, Model},
};
use provider::{Class, Outcome, Outgoing};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use std::time::{Duration, Instant};

/// Calls of one message at most, where trying again may help.
const TRIES: i32 = 5;

/// A call takes less than this: a claim that is older is that of a process that died.
const DEAD: TimeDelta = TimeDelta::seconds(30);

/// A longer wait is given back to the queue: other people's messages need the worker.
const LONG: Duration = Duration::from_secs(1);

/// What is to be done next.
#[derive(Debug)]
pub enum Next {
    /// Make this call.
    Call(Box<Claimed>),
    /// Nothing before this.
    Wait(Duration),
    /// Nothing any more, or another run is at it.
    Nothing,
}

/// A message that was claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Its row.
    pub row: Model,
    /// Over which channel it goes.
    pub channel: Channel,
    /// The message.
    pub outgoing: Outgoing,
    /// When its call may go out.
    pub at: Instant,
}

/// Fails what waits: the job was given up. False where a call may still be under way.
///
/// # Errors
/// When the database is away.
pub async fn give_up(db: &Db, viewer: &Viewer, of: &SendMessages) -> Result<bool> {
    let tx = db.write().await?;
    let mut whole = true;
    for row in open(&tx, viewer, of).await? {
        if row.status == DeliveryStatus::Pending {
            let message = "An internal error stopped it, again and again; the log has the cause.";
            fail(&tx, row, "INTERNAL", message.to_owned()).await?;
        } else if is_old(&row) {
            orphan(&tx, row).await?;
        } else {
            whole = false;
        }
    }
    tx.commit().await?;
    Ok(whole)
}

/// Claims the next message that waits. `run` begins with `job`, the name of the queue's job: another run of the same job has died.
///
/// # Errors
/// When the database is away.
pub async fn next(
    db: &Db,
    viewer: &Viewer,
    of: &SendMessages,
    job: &str,
    run: &str,
) -> Result<Next> {
    let tx = db.write().await?;
    let mut next = claim(&tx, viewer, of, job, run).await?;
    if let Next::Wait(wait) = next
        && wait > LONG
    {
        // Another job goes on then.
        let at = clock::now() + TimeDelta::from_std(wait).unwrap_or_default();
        job::enqueue_at(&tx, of, Some(at)).await?;
        next = Next::Nothing;
    }
    tx.commit().await?;
    Ok(next)
}

async fn claim(tx: &Tx, viewer: &Viewer, of: &SendMessages, job: &str, run: &str) -> Result<Next> {
    // Whoever locks the contact has its messages; one that is gone has none.
    let Some(contact) = contact::locked(tx, viewer, of.contact_id).await? else {
        return Ok(Next::Nothing);
    };
    let row = match first(tx, viewer, of, job).await? {
        Ok(Some(row)) => row,
        Ok(None) => return Ok(Next::Nothing),
        // That run looks once more when its call has ended; where it has died, its job does, once the queue has taken it back.
        Err(Busy) => return Ok(Next::Nothing),
    };
    let early = row.next_at.map(|at| at - clock::now());
    if let Some(wait) = early
        .and_then(|wait| wait.to_std().ok())
        .filter(|wait| !wait.is_zero())
    {
        return Ok(Next::Wait(wait));
    }
    let channel = channel::of_row(&**tx, viewer, of.channel_id).await?;
    // Nobody else may be held up by a slot that lies far ahead.
    if let Some(wait) = pace::wait(tx, &channel).await?.filter(|wait| *wait > AHEAD) {
        return Ok(Next::Wait(wait - AHEAD));
    }
    match prepare(tx, viewer, &contact, &channel, &row).await? {
        Ok((to, content, text)) => {
            let mut row = row;
            row.status = DeliveryStatus::Sending;
            row.attempts += 1;
            row.run = Some(run.to_owned());
            row.claimed_at = Some(clock::now());
            row.text = Some(text);
            let slots = pace::reserve(tx, &channel, 1).await?;
            let row = save(tx, row).await?;
            Ok(Next::Call(Box::new(Claimed {
                outgoing: Outgoing {
                    reference: format!("{}.{}", row.id, row.attempts),
                    to,
                    content,
                },
                channel,
                at: slots.at(0),
                row,
            })))
        }
        Err((code, message)) => {
            fail(tx, row, code, message).await?;
            Ok(Next::Wait(Duration::ZERO))
        }
    }
}

/// Another run makes a call to this person now.
struct Busy;

/// The first message that waits; what a process that died has claimed is accounted for.
async fn first(
    tx: &Tx,
    viewer: &Viewer,
    of: &SendMessages,
    job: &str,
) -> Result<Result<Option<Model>, Busy>> {
    let mut waiting = None;
    for row in open(tx, viewer, of).await? {
        if row.status == DeliveryStatus::Pending {
            waiting = waiting.or(Some(row));
        } else if is_dead(&row, job) {
            orphan(tx, row).await?;
        } else {
            return Ok(Err(Busy));
        }
    }
    Ok(Ok(waiting))
}

/// What has not ended; more than these come another time.
async fn open(tx: &Tx, viewer: &Viewer, of: &SendMessages) -> Result<Vec<Model>> {
    Ok(viewer
        .find::<message::Entity>()
        .filter(message::Column::ContactId.eq(of.contact_id))
        .filter(message::Column::ChannelId.eq(of.channel_id))
        .filter(message::Column::Status.is_in([DeliveryStatus::Pending, DeliveryStatus::Sending]))
        .order_by_asc(message::Column::Id)
        .limit(100)
        .all(&**tx)
        .await?)
}

fn is_dead(row: &Model, job: &str) -> bool {
    let is_ours = row.run.as_deref().is_some_and(|run| run.starts_with(job));
    is_ours || is_old(row)
}

/// Whether its call has ended by now, however it did.
fn is_old(row: &Model) -> bool {
    row.claimed_at.is_none_or(|at| clock::now() - at > DEAD)
}

async fn orphan(tx: &Tx, mut row: Model) -> Result<()> {
    row.status = DeliveryStatus::Unknown;
    row.error_code = Some("INTERRUPTED".to_owned());
    row.error_message = Some("The process ended between the call and its answer: the provider may have taken the message.".to_owned());
    save(tx, row).await?;
    Ok(())
}

async fn fail(tx: &Tx, mut row: Model, code: &str, message: String) -> Result<()> {
    row.status = DeliveryStatus::Failed;
    row.error_code = Some(code.to_owned());
    row.error_message = Some(message);
    row.content = None;
    save(tx, row).await?;
    Ok(())
}

type Prepared = (String, provider::Content, String);

/// The address, the message and its text; or why it cannot go out now.
async fn prepare(
    tx: &Tx,
    viewer: &Viewer,
    contact: &Contact,
    channel: &Channel,
    row: &Model,
) -> Result<Result<Prepared, (&'static str, String)>> {
    if channel.status != ChannelStatus::Ready {
        let message = format!("The channel \"{}\" was not READY.", channel.name);
        return Ok(Err(("CHANNEL_NOT_READY", message)));
    }
    if contact.blocked_at.is_some() {
        return Ok(Err(("BLOCKED", "They were blocked meanwhile.".to_owned())));
    }
    let addresses = contact::addresses(&**tx, viewer, &[contact.id]).await?;
    let own: Vec<&contact_channel::Model> = addresses
        .iter()
        .filter(|row| row.channel_id == channel.id)
        .collect();
    let (Some(first), Some(content)) = (own.first(), &row.content) else {
        let message = "They have no address on the channel any more.".to_owned();
        return Ok(Err(("NO_ADDRESS_ON_CHANNEL", message)));
    };
    let ready = match Ready::load(&**tx, viewer, content).await? {
        Ok(ready) => ready,
        Err(fault) => return Ok(Err(("CONTENT_GONE", fault.0))),
    };
    if let Some(fault) = ready.fault() {
        return Ok(Err(("TEMPLATE_NOT_SENDABLE", fault.0)));
    }
    if ready.needs_window() && !super::write::is_window_open(channel, &own) {
        let message = "Their last message is more than 24 hours ago.".to_owned();
        return Ok(Err(("OUTSIDE_SERVICE_WINDOW", message)));
    }
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    let person = Person {
        contact,
        attributes: &Attributes::load(&**tx, viewer).await?,
        zone: workspace::zone(&workspace),
        more: &[],
    };
    Ok(match ready.fill(0, &person) {
        Ok((content, text)) => Ok((first.address.clone(), content, text)),
        Err(missing) => Err((
            "VARIABLE_MISSING",
            format!("No value: {}.", missing.join(", ")),
        )),
    })
}

/// Accounts for a call.
///
/// # Errors
/// When the database is away; the same is to be given again.
pub async fn settle(db: &Db, viewer: &Viewer, claimed: &Claimed, outcome: &Outcome) -> Result<()> {
    let tx = db.write().await?;
    webhook::share(&tx, claimed.channel.id).await?;
    let Some(contact) = contact::locked(&tx, viewer, claimed.row.contact_id).await? else {
        return Ok(());
    };
    let Some(mut row) = viewer.lock::<message::Entity>(&tx, claimed.row.id).await? else {
        return Ok(());
    };
    let (now, before) = (clock::now(), row.status);
    let is_open = matches!(
        row.status,
        DeliveryStatus::Sending | DeliveryStatus::Unknown
    );
    if let Outcome::Accepted { message_id } = outcome {
        let name = message_id.clone();
        row.provider_id = row
            .provider_id
            .or(name)
            .or_else(|| Some(claimed.outgoing.reference.clone()));
        row.content = None;
        wrote_to(&tx, &claimed.channel, &[contact.id.0], now).await?;
        contact::announce(
            &tx,
            viewer.workspace_id,
            contact::Which::These(&[contact.id]),
        )
        .await?;
    }
    if is_open && row.attempts == claimed.row.attempts {
        note(&tx, viewer, &mut row, &claimed.channel, outcome, now).await?;
    }
    // What a webhook said before this was known is kept by its name.
    for change in crate::send::early_of(&tx, &claimed.channel, row.provider_id.as_deref()).await? {
        let Some(told) = crate::send::advance_message(row.clone(), &change) else {
            continue;
        };
        row = told;
        if change.fault.is_some_and(|fault| fault.is_opt_out) {
            contact::opt_out(&tx, viewer, contact.id, change.at).await?;
        }
    }
    let row = save(&tx, row).await?;
    bot::note_message(&tx, viewer, before, &row).await?;
    tx.commit().await?;
    Ok(())
}

async fn note(
    tx: &Tx,
    viewer: &Viewer,
    row: &mut Model,
    channel: &Channel,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<()> {
    (row.error_code, row.error_message) = match outcome {
        Outcome::Accepted { .. } => (None, None),
        Outcome::Unknown { message } => (Some("NO_ANSWER".to_owned()), Some(message.clone())),
        Outcome::Refused(refusal) => (Some(refusal.code.clone()), Some(refusal.message.clone())),
    };
    row.status = match outcome {
        Outcome::Accepted { .. } => {
            row.at = now;
            DeliveryStatus::Sent
        }
        Outcome::Unknown { .. } => DeliveryStatus::Unknown,
        Outcome::Refused(refusal) => {
            if refusal.class == Class::SlowDown {
                pace::slow_down(tx, channel, 1, refusal.retry_after).await?;
            }
            if refusal.class == Class::OptedOut {
                contact::opt_out(tx, viewer, row.contact_id, now).await?;
            }
            let again = matches!(refusal.class, Class::SlowDown | Class::Later | Class::Pair);
            match again && row.attempts < TRIES {
                true => {
                    let wait = TimeDelta::seconds(1 << row.attempts.clamp(0, 10));
                    let asked = refusal
                        .retry_after
                        .and_then(|asked| TimeDelta::from_std(asked).ok());
                    row.next_at = Some(now + wait.max(asked.unwrap_or_default()));
                    DeliveryStatus::Pending
                }
                false => DeliveryStatus::Failed,
            }
        }
    };
    Ok(())
}
