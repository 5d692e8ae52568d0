//! What webhooks say, applied in the order in which they came, a few in a transaction.

use super::{
    incoming::{self, Reading},
    turn,
};
use crate::{
    channel::{self, provider_of},
    clock, contact,
    db::{
        Db, Tx,
        dialect::{self, statement},
    },
    error::{Error, Result},
    job::{self, ApplyWebhooks},
    message, send,
    viewer::Viewer,
};
use entity::{
    channel::Model as Channel,
    id::{ChannelId, ContactId},
    webhook::{self, Model},
    webhook_queue,
};
use provider::{Event, StatusChange, Told};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How long a transaction that applies webhooks may take: one that took longer is to be followed by smaller ones.
pub fn longest(db: &Db) -> Duration {
    dialect::longest_write(db.backend())
}

/// Webhooks of a transaction at most.
pub const MOST: u64 = 100;

/// Notes that the job of a channel's webhooks has begun: whatever comes from now on enqueues another, and what came before is seen by this one.
///
/// # Errors
/// When the database is away.
#[allow(clippy::disallowed_methods, reason = "a job carries ids alone")]
pub async fn begin(db: &Db, id: ChannelId) -> Result<()> {
    let tx = db.write().await?;
    dialect::take_turn(&*tx, turn(id)).await?;
    webhook_queue::Entity::update_many()
        .col_expr(webhook_queue::Column::IsQueued, false.into())
        .filter(webhook_queue::Column::ChannelId.eq(id))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Enqueues a job for each channel whose webhooks wait. To be called when workers begin: the job of a process that died is taken up by another one
/// only after some seconds, and what comes meanwhile enqueues none.
///
/// # Errors
/// When the database is away.
pub async fn resume(db: &Db) -> Result<()> {
    let tx = db.write().await?;
    let sql = "SELECT channel_id FROM webhook_queue WHERE is_queued
        OR EXISTS (SELECT 1 FROM webhook WHERE webhook.channel_id = webhook_queue.channel_id AND applied_at IS NULL)";
    for row in tx.query_all_raw(statement(&*tx, sql, [])).await? {
        let channel_id = row.try_get("", "channel_id")?;
        job::enqueue(&tx, &ApplyWebhooks { channel_id }).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Applies the next webhooks of a channel, `most` of them; false where none is left. One that cannot be applied for a fault of our own is told in the log, and
/// keeps no other waiting.
///
/// # Errors
/// When the database is away.
pub async fn next(db: &Db, viewer: &Viewer, id: ChannelId, most: u64) -> Result<bool> {
    match batch(db, viewer, id, most).await {
        Err(error) if !error.is_temporary() => {
            tracing::warn!(%error, channel = %id, "webhooks could not be applied together; one by one then");
        }
        done => return done,
    }
    match batch(db, viewer, id, 1).await {
        Err(error) if !error.is_temporary() => {
            let tx = db.write().await?;
            if let Some(webhook) = waiting(&tx, viewer, id, 1).await?.pop() {
                tracing::error!(%error, channel = %id, webhook = webhook.id, "a webhook cannot be applied");
                note(&tx, std::slice::from_ref(&webhook)).await?;
            }
            tx.commit().await?;
            Ok(true)
        }
        done => done,
    }
}

/// One transaction with the next webhooks.
async fn batch(db: &Db, viewer: &Viewer, id: ChannelId, most: u64) -> Result<bool> {
    let tx = db.write().await?;
    // Two jobs of one channel take turns: what one applies the other does not see any more.
    dialect::take_turn(&*tx, turn(id) ^ i64::MIN).await?;
    let Some(channel) = viewer
        .by_ids::<entity::channel::Entity>(&*tx, [id])
        .await?
        .pop()
    else {
        return Ok(false);
    };
    let webhooks = waiting(&tx, viewer, id, most).await?;
    if webhooks.is_empty() {
        return Ok(false);
    }
    dialect::expect_many_rows(&*tx).await?;
    let channels = channel::list(&*tx, viewer).await?;
    let mut reading = Reading::load(&tx, viewer).await?;
    let mut changed = BTreeSet::new();
    let (mut statuses, mut others) = (BTreeMap::<ChannelId, Vec<StatusChange>>::new(), Vec::new());
    for webhook in &webhooks {
        for told in read(&channel, webhook)? {
            let Some(channel) = meant(&channel, &channels, &told) else {
                tracing::warn!(channel = %id, number = told.number_id, "a webhook speaks of a number that is no channel");
                continue;
            };
            match told.event {
                Event::Status(change) => statuses.entry(channel.id).or_default().push(change),
                event => others.push((channel, event)),
            }
        }
    }
    // Whoever locks both a send and contacts locks the send first.
    for (id, changes) in statuses {
        if let Some(channel) = channels.iter().chain([&channel]).find(|row| row.id == id) {
            changed.extend(send::apply_status(&tx, viewer, channel, changes).await?);
        }
    }
    let is_talk = !others.is_empty();
    reading.known = incoming::known(&tx, viewer, &others).await?;
    for (channel, event) in others {
        changed.extend(apply(&tx, viewer, channel, &mut reading, event).await?);
    }
    note(&tx, &webhooks).await?;
    if is_talk {
        message::announce(&tx, viewer.workspace_id).await?;
    }
    if !changed.is_empty() {
        let changed: Vec<ContactId> = changed.into_iter().collect();
        contact::announce(&tx, viewer.workspace_id, contact::Which::These(&changed)).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn apply(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    reading: &mut Reading,
    event: Event,
) -> Result<Option<ContactId>> {
    match event {
        Event::Message(message) => incoming::message(tx, viewer, channel, reading, message).await,
        Event::Preference(preference) => {
            incoming::preference(tx, viewer, channel, reading, preference).await
        }
        // Applied before, all of a transaction together.
        Event::Status(_) => Ok(None),
    }
}

fn read(channel: &Channel, webhook: &Model) -> Result<Vec<Told>> {
    let told = provider_of(channel).read(webhook.body.as_bytes());
    told.map_err(|what| {
        Error::Broken(format!(
            "a webhook that was read cannot be read again: {what}"
        ))
    })
}

/// The channel of which something is told: an address may serve several numbers of one account.
fn meant<'a>(own: &'a Channel, channels: &'a [Channel], told: &Told) -> Option<&'a Channel> {
    let Some(number) = &told.number_id else {
        return Some(own);
    };
    let is_of = |channel: &Channel| match channel::settings(channel).phone_number_id {
        Some(id) => id == *number,
        // A provider without such ids has one number behind an address.
        None => channel.id == own.id,
    };
    if is_of(own) {
        return Some(own);
    }
    channels
        .iter()
        .find(|channel| channel.provider == own.provider && is_of(channel))
}

async fn waiting(tx: &Tx, viewer: &Viewer, id: ChannelId, most: u64) -> Result<Vec<Model>> {
    Ok(viewer
        .find::<webhook::Entity>()
        .filter(webhook::Column::ChannelId.eq(id))
        .filter(webhook::Column::AppliedAt.is_null())
        .order_by_asc(webhook::Column::Id)
        .limit(most)
        .all(&**tx)
        .await?)
}

/// Notes that webhooks are applied.
#[allow(
    clippy::disallowed_methods,
    reason = "the webhooks were found through the scope"
)]
async fn note(tx: &Tx, webhooks: &[Model]) -> Result<()> {
    let ids = webhooks.iter().map(|webhook| webhook.id);
    let these = dialect::is_one_of(tx.get_database_backend(), "webhook.id", ids);
    webhook::Entity::update_many()
        .col_expr(webhook::Column::AppliedAt, clock::now().into())
        .filter(these)
        .exec(&**tx)
        .await?;
    Ok(())
}
