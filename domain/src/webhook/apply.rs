//! What webhooks say, applied in the order in which they came, a few in a transaction.

use super::{
    answers_turn,
    incoming::{self, Reading, Said},
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
    send,
    viewer::Viewer,
};
use entity::{
    channel::Model as Channel,
    id::{ChannelId, ContactId},
    webhook::{self, Model},
    webhook_queue,
};
use provider::{Event, StatusChange, Told};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
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

/// Enqueues another job for a channel's webhooks, behind those of other channels.
///
/// # Errors
/// When the database is away.
#[allow(clippy::disallowed_methods, reason = "a job carries ids alone")]
pub async fn go_on_later(db: &Db, id: ChannelId) -> Result<()> {
    let tx = db.write().await?;
    // Whatever the flag says: the job for which it was set may have found this one at work, and left.
    webhook_queue::Entity::update_many()
        .col_expr(webhook_queue::Column::IsQueued, true.into())
        .filter(webhook_queue::Column::ChannelId.eq(id))
        .exec(&*tx)
        .await?;
    job::enqueue(&tx, &ApplyWebhooks { channel_id: id }).await?;
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

/// Applies the next webhooks of a channel, `most` of them; false where none is left. One that cannot be applied for what it says itself is told in the log,
/// and keeps no other waiting.
///
/// # Errors
/// When the database is away, or for a fault that lies in no webhook; then all of them wait.
pub async fn next(db: &Db, viewer: &Viewer, id: ChannelId, most: u64) -> Result<bool> {
    match batch(db, viewer, id, most).await {
        Err(failed) if !failed.error.is_temporary() => {
            tracing::warn!(error = %failed.error, channel = %id, "webhooks could not be applied together; one by one then");
        }
        done => return done.map_err(|failed| failed.error),
    }
    match batch(db, viewer, id, 1).await {
        Err(Failed {
            error,
            own: Some(own),
        }) => {
            tracing::error!(%error, channel = %id, webhook = own, "a webhook cannot be applied, and is left out");
            leave_out(db, viewer, id, own).await?;
            Ok(true)
        }
        done => done.map_err(|failed| failed.error),
    }
}

/// Why webhooks were not applied.
struct Failed {
    error: Error,
    /// The first of them, where the error lies in what they say.
    own: Option<i64>,
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        let error = error.into();
        Self { error, own: None }
    }
}

impl Failed {
    /// An error that came while these were applied.
    fn at(webhooks: &[Model], error: Error) -> Self {
        let is_own = matches!(error, Error::User(_)) || error.is_of_values();
        match is_own {
            true => Self::of(webhooks, error),
            false => error.into(),
        }
    }

    /// An error that lies in what these say.
    fn of(webhooks: &[Model], error: Error) -> Self {
        let own = webhooks.first().map(|webhook| webhook.id);
        Self { error, own }
    }
}

/// Notes a webhook that cannot be applied as if it were.
async fn leave_out(db: &Db, viewer: &Viewer, id: ChannelId, webhook: i64) -> Result<()> {
    let tx = db.write().await?;
    take_turn(&tx, id).await?;
    let found = unapplied(viewer, id).filter(webhook::Column::Id.eq(webhook));
    note(&tx, &found.all(&*tx).await?).await?;
    tx.commit().await?;
    Ok(())
}

/// Two jobs of one channel take turns: what one applies the other does not see any more.
async fn take_turn(tx: &Tx, id: ChannelId) -> Result<()> {
    Ok(dialect::take_turn(&**tx, turn(id) ^ i64::MIN).await?)
}

/// One transaction with the next webhooks.
async fn batch(db: &Db, viewer: &Viewer, id: ChannelId, most: u64) -> Result<bool, Failed> {
    let tx = db.write().await?;
    take_turn(&tx, id).await?;
    let channel = viewer.by_ids::<entity::channel::Entity>(&*tx, [id]);
    let Some(channel) = channel.await?.pop() else {
        return Ok(false);
    };
    let waiting = unapplied(viewer, id)
        .order_by_asc(webhook::Column::Id)
        .limit(most);
    let webhooks = waiting.all(&*tx).await?;
    if webhooks.is_empty() {
        return Ok(false);
    }
    let told = webhooks.iter().map(|webhook| read(&channel, webhook));
    let told: Result<Vec<Vec<Told>>> = told.collect();
    let told = told.map_err(|error| Failed::of(&webhooks, error))?;
    let done = apply_all(&tx, viewer, &channel, told.into_iter().flatten()).await;
    done.map_err(|error| Failed::at(&webhooks, error))?;
    note(&tx, &webhooks).await?;
    tx.commit().await?;
    Ok(true)
}

/// Applies what was told to a channel's address.
async fn apply_all(
    tx: &Tx,
    viewer: &Viewer,
    own: &Channel,
    told: impl Iterator<Item = Told>,
) -> Result<()> {
    let channels = channel::list(&**tx, viewer).await?;
    let (mut statuses, mut said) = (BTreeMap::<ChannelId, Vec<StatusChange>>::new(), Vec::new());
    for told in told {
        let Some(channel) = meant(own, &channels, &told) else {
            tracing::warn!(channel = %own.id, number = told.number_id, "a webhook speaks of a number that is no channel");
            continue;
        };
        match told.event {
            Event::Status(change) => statuses.entry(channel.id).or_default().push(change),
            Event::Message(message) => said.push((channel, Said::Message(message))),
            Event::Preference(preference) => said.push((channel, Said::Preference(preference))),
        }
    }
    for (id, changes) in &statuses {
        // In the order of their ids, and before any row is locked: those who share these turns lock rows behind them.
        if changes.iter().any(send::may_be_early) {
            dialect::take_turn(&**tx, answers_turn(*id)).await?;
        }
    }
    dialect::expect_many_rows(&**tx).await?;
    // Whoever holds attributes does so before rows are locked.
    let reading = Reading::load(tx, viewer).await?;
    let mut changed = BTreeSet::new();
    // Whoever locks both a send and contacts locks the send first.
    for (id, changes) in statuses {
        if let Some(channel) = channels.iter().chain([own]).find(|row| row.id == id) {
            changed.extend(send::apply_status(tx, viewer, channel, changes).await?);
        }
    }
    changed.extend(incoming::apply(tx, viewer, &reading, said).await?);
    if !changed.is_empty() {
        let changed: Vec<ContactId> = changed.into_iter().collect();
        contact::announce(tx, viewer.workspace_id, contact::Which::These(&changed)).await?;
    }
    Ok(())
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

/// The webhooks of a channel that wait.
fn unapplied(viewer: &Viewer, id: ChannelId) -> Select<webhook::Entity> {
    viewer
        .find::<webhook::Entity>()
        .filter(webhook::Column::ChannelId.eq(id))
        .filter(webhook::Column::AppliedAt.is_null())
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
