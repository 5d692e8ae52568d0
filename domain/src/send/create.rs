//! Sends asked for.

use crate::{
    broadcast::{self, choose, may_send},
    channel, clock,
    content::Ready,
    db::Tx,
    error::{Error, Result, UserError},
    job::{self, RunSend},
    viewer::Viewer,
    workspace,
};
use chrono::{DateTime, Utc};
use entity::{
    broadcast_send::{self, Model, RecipientChoice},
    channel::ChannelStatus,
    id::{BroadcastId, ContactId},
    job::JobStatus,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

/// A send to begin.
#[derive(Debug, Clone)]
pub struct NewSend {
    /// Of which broadcast.
    pub broadcast_id: BroadcastId,
    /// To whom of its people.
    pub recipients: RecipientChoice,
    /// Those, where they are named.
    pub contact_ids: Option<Vec<ContactId>>,
    /// When it is to begin; none: at once.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// After this moment nothing goes out any more.
    pub not_after: Option<DateTime<Utc>>,
}

/// Sends a broadcast, now or later.
///
/// # Errors
/// Forbidden for whoever may not; NOT_FOUND; INVALID where the channel is not READY, or the template may not be sent; CONFLICT for a second send to
/// all at the same time; what a selection refuses at `contactIds`; INVALID at `notAfter`.
pub async fn create(tx: &Tx, viewer: &Viewer, new: NewSend) -> Result<Model> {
    may_send(viewer)?;
    // Of two that are asked for at once, the second sees the first.
    workspace::lock(tx, viewer).await?;
    let found = broadcast::get(&**tx, viewer, new.broadcast_id).await?;
    let broadcast = found.ok_or_else(|| UserError::not_found("id", "broadcast"))?;
    check_times(&new)?;
    check_channel(tx, viewer, &broadcast).await?;
    let ready = Ready::load(&**tx, viewer, &broadcast.content).await?;
    if let Some(fault) = ready.map_or_else(Some, |ready| ready.fault()) {
        return Err(Error::user("id", "INVALID", fault.0));
    }
    if new.recipients == RecipientChoice::All {
        check_alone(tx, viewer, broadcast.id).await?;
    }
    let chosen = choose(&**tx, viewer, &broadcast, new.recipients, new.contact_ids);
    let selected = chosen.await?;
    let selection =
        serde_json::to_value(selected).map_err(|error| Error::Broken(error.to_string()))?;
    let later = new.scheduled_at.filter(|at| *at > clock::now());
    let row = broadcast_send::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        broadcast_id: Set(broadcast.id),
        channel_id: Set(broadcast.channel_id),
        content: Set(broadcast.content),
        recipients: Set(new.recipients),
        selection: Set(selection),
        status: Set(match later {
            Some(_) => JobStatus::Scheduled,
            None => JobStatus::Queued,
        }),
        scheduled_at: Set(new.scheduled_at),
        not_after: Set(new.not_after),
        created_by_member_id: Set(viewer.member.as_ref().map(|member| member.id)),
        created_by_name: Set(viewer.name.clone()),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let send = row.insert(&**tx).await?;
    let job = RunSend { send_id: send.id };
    job::enqueue_at(tx, &job, later).await?;
    super::save(tx, send).await
}

fn check_times(new: &NewSend) -> Result<()> {
    let begins = new.scheduled_at.unwrap_or_else(clock::now);
    if new
        .not_after
        .is_some_and(|until| until <= begins.max(clock::now()))
    {
        let message = "This moment is before the send begins: nobody would get it.";
        return Err(Error::user("notAfter", "INVALID", message));
    }
    Ok(())
}

async fn check_channel(
    tx: &Tx,
    viewer: &Viewer,
    broadcast: &entity::broadcast::Model,
) -> Result<()> {
    let channel = channel::get(&**tx, viewer, broadcast.channel_id).await?;
    match channel {
        Some(channel) if channel.status == ChannelStatus::Ready => Ok(()),
        Some(channel) => {
            let message = format!(
                "The channel \"{}\" is not READY: verify it first.",
                channel.name
            );
            Err(Error::user("id", "INVALID", message))
        }
        None => Err(Error::user(
            "id",
            "INVALID",
            "The broadcast's channel was deleted: give it another.",
        )),
    }
}

/// Two sends to all at the same time are a second click, and everybody would get it twice.
async fn check_alone(tx: &Tx, viewer: &Viewer, id: BroadcastId) -> Result<()> {
    let other = viewer
        .find::<broadcast_send::Entity>()
        .filter(broadcast_send::Column::BroadcastId.eq(id))
        .filter(broadcast_send::Column::FinishedAt.is_null())
        .one(&**tx)
        .await?;
    match other {
        None => Ok(()),
        Some(other) => {
            let message = format!(
                "{} of this broadcast has not ended: cancel it, wait for its end, or choose NEWLY_ADDED.",
                other.id
            );
            Err(Error::user("recipients", "CONFLICT", message))
        }
    }
}
