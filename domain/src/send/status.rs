//! What webhooks say of messages of ours: applied once however often and in whatever order they come.
//!
//! The states form a lattice: PENDING < SENDING < UNKNOWN < SENT < FAILED < DELIVERED < READ, and the highest wins: `delivered` may come behind
//! `failed`, and then the message has arrived.

use super::{
    counts, early,
    history::{self, Sent},
    lattice::{advance, advance_message},
    settle::{completed, write},
};
use crate::{
    bot, contact,
    content::Ready,
    db::{Tx, dialect},
    error::Result,
    viewer::Viewer,
};
use entity::{
    broadcast_send::{self, Model as Send},
    channel::Model as Channel,
    delivery::{self, DeliveryStatus, Model as Delivery},
    id::{BroadcastSendId, ContactId, DeliveryId, MessageId},
};
use provider::StatusChange;
use sea_orm::{
    ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::SimpleExpr,
};
use std::collections::{BTreeMap, BTreeSet};

/// Our name for a call that sends a delivery.
pub(super) fn reference(id: DeliveryId, attempt: i32) -> String {
    format!("{id}.{attempt}")
}

/// What a reference of ours names, and which attempt.
fn named<T: std::str::FromStr>(reference: &str) -> Option<(T, i32)> {
    let (id, attempt) = reference.rsplit_once('.')?;
    Some((id.parse().ok()?, attempt.parse().ok()?))
}

/// Whether a change speaks of a message that its answer alone may name: it bears no name of ours.
pub(crate) fn may_be_early(change: &StatusChange) -> bool {
    let reference = change.reference.as_deref();
    reference.is_none_or(|reference| {
        named::<DeliveryId>(reference).is_none() && named::<MessageId>(reference).is_none()
    })
}

/// What a webhook says of a call of a delivery.
struct Told {
    attempt: i32,
    change: StatusChange,
    /// The message's name in the history, where it stands there by a name that the webhook gives.
    known: Option<String>,
}

/// Applies what webhooks of a channel say of messages of ours; the contacts who said stop by one that is no part of a send, whom the caller announces.
///
/// # Errors
/// When the database is away.
pub(crate) async fn apply(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    changes: Vec<StatusChange>,
) -> Result<BTreeSet<ContactId>> {
    let mut stopped = BTreeSet::new();
    if changes.is_empty() {
        return Ok(stopped);
    }
    let known = history::by_provider_ids(tx, viewer, channel, &changes).await?;
    let (mut deliveries, mut others) = (BTreeMap::<DeliveryId, Vec<Told>>::new(), Vec::new());
    for change in changes {
        let meant = || known.iter().filter(|row| history::is_meant(row, &change));
        let told = change.reference.as_deref().and_then(named::<DeliveryId>);
        let of_message = || meant().find_map(|row| Some((row.delivery_id?, row.attempts)));
        let Some((id, attempt)) = told.or_else(of_message) else {
            others.push(change);
            continue;
        };
        let row = meant().find(|row| row.delivery_id == Some(id) && row.attempts == attempt);
        let known = row.and_then(|row| row.provider_id.clone());
        let told = Told {
            attempt,
            change,
            known,
        };
        deliveries.entry(id).or_default().push(told);
    }
    apply_to_deliveries(tx, viewer, channel, deliveries).await?;
    for change in others {
        stopped.extend(apply_to_message(tx, viewer, channel, change).await?);
    }
    Ok(stopped)
}

async fn apply_to_deliveries(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    mut told: BTreeMap<DeliveryId, Vec<Told>>,
) -> Result<()> {
    let ids: Vec<DeliveryId> = told.keys().copied().collect();
    for (mut send, ids) in held(tx, viewer, channel, &ids).await? {
        let parts = parts(tx, viewer, &send).await?;
        let mut changed = Vec::new();
        let mut sent = Vec::new();
        let mut reached = Vec::new();
        for mut row in locked(tx, &ids).await? {
            let before = row.clone();
            let told = told.remove(&row.id).unwrap_or_default();
            sent.extend(
                told.into_iter()
                    .filter_map(|told| hear(&mut row, parts, told)),
            );
            reached.extend(completed(&send, &before, &row));
            if row.status == DeliveryStatus::Pending && send.status.is_final() {
                // The first messages of a block are out, and no other follows.
                row.status = DeliveryStatus::Sent;
            }
            if row != before {
                counts::shift(&mut send, before.status, row.status, 1);
                changed.push(row);
            }
        }
        write(tx, &changed).await?;
        history::record(tx, viewer, &send, channel, sent).await?;
        bot::note(tx, viewer, reached).await?;
        if !changed.is_empty() {
            super::save(tx, send).await?;
        }
    }
    Ok(())
}

/// Writes what is said of a call into its delivery; the message of it.
fn hear(row: &mut Delivery, parts: i32, told: Told) -> Option<Sent> {
    let Told {
        attempt,
        change,
        known,
    } = told;
    // A call that was never made has no message.
    if !(1..=row.attempts).contains(&attempt) {
        return None;
    }
    let before = row.clone();
    advance(row, attempt, parts, &change);
    let sent = Sent::told(row, attempt, &change, known);
    Some(sent.news(&change, *row != before))
}

/// The sends of these deliveries over this channel, locked in the order of their ids, each with its deliveries.
async fn held(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    ids: &[DeliveryId],
) -> Result<Vec<(Send, Vec<DeliveryId>)>> {
    let mut by_send: BTreeMap<BroadcastSendId, Vec<DeliveryId>> = BTreeMap::new();
    for row in found(tx, ids).await? {
        by_send.entry(row.send_id).or_default().push(row.id);
    }
    let mut sends = Vec::with_capacity(by_send.len());
    for (id, ids) in by_send {
        // An id that a stranger made up leads to no send of this workspace, or to one over another channel.
        let send = viewer.lock::<broadcast_send::Entity>(tx, id).await?;
        sends.extend(
            send.filter(|send| send.channel_id == channel.id)
                .map(|send| (send, ids)),
        );
    }
    Ok(sends)
}

#[allow(
    clippy::disallowed_methods,
    reason = "the send of each is looked for through the scope"
)]
async fn found(tx: &Tx, ids: &[DeliveryId]) -> Result<Vec<Delivery>> {
    let query = delivery::Entity::find().filter(named_by(tx, ids));
    Ok(query.all(&**tx).await?)
}

/// Deliveries whose send is locked.
#[allow(
    clippy::disallowed_methods,
    reason = "their send was found through the scope"
)]
pub(super) async fn locked(tx: &Tx, ids: &[DeliveryId]) -> Result<Vec<Delivery>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(delivery::Entity::find()
        .filter(named_by(tx, ids))
        .order_by_asc(delivery::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?)
}

fn named_by(tx: &Tx, ids: &[DeliveryId]) -> SimpleExpr {
    let ids = ids.iter().map(|id| id.0);
    dialect::is_one_of(tx.get_database_backend(), "delivery.id", ids)
}

/// How many messages everybody gets.
async fn parts(tx: &Tx, viewer: &Viewer, send: &Send) -> Result<i32> {
    let parts = Ready::parts_of(&**tx, viewer, &send.content).await?;
    Ok(parts.map_or(1, |parts| i32::try_from(parts).unwrap_or(1)))
}

/// Applies a change to a message that is no part of a broadcast; one that is not known yet waits for it. The contact, where they said stop by it.
async fn apply_to_message(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    change: StatusChange,
) -> Result<Option<ContactId>> {
    let Some(row) = history::message_of(tx, viewer, channel, &change).await? else {
        early::keep(tx, channel, &change).await?;
        return Ok(None);
    };
    let before = row.status;
    let Some(row) = advance_message(row, &change) else {
        return Ok(None);
    };
    let row = crate::message::save(tx, row).await?;
    bot::note_message(tx, viewer, before, &row).await?;
    let stops = change.fault.as_ref().is_some_and(|fault| fault.is_opt_out);
    if stops {
        contact::opt_out(tx, viewer, row.contact_id, change.at).await?;
    }
    Ok(stops.then_some(row.contact_id))
}
