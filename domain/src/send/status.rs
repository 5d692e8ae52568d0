//! What webhooks say of messages of ours: applied once however often and in whatever order they come.
//!
//! The states form a lattice: PENDING < SENDING < UNKNOWN < SENT < FAILED < DELIVERED < READ, and the highest wins: `delivered` may come behind
//! `failed`, and then the message has arrived.

use super::{
    counts,
    history::{self, Sent},
    settle::write,
};
use crate::{
    clock, contact,
    content::Ready,
    db::Tx,
    error::{Error, Result},
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    broadcast_send::{self, Model as Send},
    channel::Model as Channel,
    content::Content,
    delivery::{self, DeliveryStatus, Model as Delivery},
    early_status,
    id::{BroadcastSendId, ContactId, DeliveryId},
    message,
};
use provider::{Status, StatusChange};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
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

/// Applies what webhooks of a channel say of messages of ours; the contacts who said stop by it.
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
    let (mut deliveries, mut others) = (
        BTreeMap::<DeliveryId, Vec<(i32, StatusChange)>>::new(),
        Vec::new(),
    );
    for change in changes {
        let told = change.reference.as_deref().and_then(named::<DeliveryId>);
        let of_message = || {
            let found = known.iter().find(|row| history::is_meant(row, &change))?;
            Some((found.delivery_id?, found.attempts))
        };
        match told.or_else(of_message) {
            Some((id, attempt)) => deliveries.entry(id).or_default().push((attempt, change)),
            None => others.push(change),
        }
    }
    stopped.extend(apply_to_deliveries(tx, viewer, channel, deliveries).await?);
    for change in others {
        stopped.extend(apply_to_message(tx, viewer, channel, change).await?);
    }
    let now = clock::now();
    for id in &stopped {
        contact::opt_out(tx, viewer, *id, now).await?;
    }
    Ok(stopped)
}

async fn apply_to_deliveries(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    changes: BTreeMap<DeliveryId, Vec<(i32, StatusChange)>>,
) -> Result<BTreeSet<ContactId>> {
    let mut stopped = BTreeSet::new();
    let ids: Vec<DeliveryId> = changes.keys().copied().collect();
    for (mut send, ids) in held(tx, viewer, channel, &ids).await? {
        let parts = parts(tx, viewer, &send).await?;
        let mut changed = Vec::new();
        let mut sent = Vec::new();
        for mut row in locked(tx, &ids).await? {
            let before = row.clone();
            for (attempt, change) in changes.get(&row.id).into_iter().flatten() {
                if change.fault.as_ref().is_some_and(|fault| fault.is_opt_out) {
                    stopped.insert(row.contact_id);
                }
                advance(&mut row, *attempt, parts, change);
                sent.push(Sent::told(&row, *attempt, change));
            }
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
        if !changed.is_empty() {
            super::save(tx, send).await?;
        }
    }
    Ok(stopped)
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
    let query = delivery::Entity::find().filter(delivery::Column::Id.is_in(ids.iter().copied()));
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
        .filter(delivery::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(delivery::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?)
}

/// How many messages everybody gets.
async fn parts(tx: &Tx, viewer: &Viewer, send: &Send) -> Result<i32> {
    if !matches!(send.content, Content::Block(_)) {
        return Ok(1);
    }
    let ready = Ready::load(&**tx, viewer, &send.content).await?;
    Ok(ready.map_or(1, |ready| i32::try_from(ready.parts()).unwrap_or(1)))
}

/// Applies one change to a delivery: what it says of the call number `attempt`.
pub(super) fn advance(row: &mut Delivery, attempt: i32, parts: i32, change: &StatusChange) {
    let is_current = row.attempts == attempt;
    let has_arrived = matches!(change.status, Status::Delivered | Status::Read);
    let is_last = row.part + 1 >= parts;
    let is_out = matches!(
        row.status,
        DeliveryStatus::Sending | DeliveryStatus::Unknown
    );
    // Of a call before the present one, or of one that is to be made again, or before the next message of a block: only what arrived after all counts.
    let is_past = !is_current || row.status == DeliveryStatus::Pending;
    let is_closed = matches!(
        row.status,
        DeliveryStatus::Skipped | DeliveryStatus::Received
    );
    if is_closed || is_past && !(has_arrived && parts == 1) {
        return;
    }
    if is_out && !is_last && change.status != Status::Failed {
        taken(row, parts, change.at);
        return;
    }
    put(
        &mut State {
            status: &mut row.status,
            sent_at: Some(&mut row.sent_at),
            delivered_at: &mut row.delivered_at,
            read_at: &mut row.read_at,
            error_code: &mut row.error_code,
            error_message: &mut row.error_message,
        },
        change,
    );
    if row.status == DeliveryStatus::Failed && change.status == Status::Failed {
        row.is_retryable = change.fault.as_ref().map(|fault| fault.is_retryable);
    }
    if let Some(id) = change.message_ids.first() {
        row.provider_id.get_or_insert_with(|| id.clone());
    }
}

/// The provider has taken a message of a delivery: the next one of a block waits now, or all is out.
pub(super) fn taken(row: &mut Delivery, parts: i32, at: DateTime<Utc>) {
    (row.error_code, row.error_message, row.is_retryable) = (None, None, None);
    row.sent_at = row.sent_at.or(Some(at));
    if row.part + 1 < parts {
        row.status = DeliveryStatus::Pending;
        row.next_at = clock::now();
    } else {
        row.status = DeliveryStatus::Sent;
    }
    row.part = (row.part + 1).min(parts);
}

/// What a webhook may change, of a delivery or of a message.
struct State<'a> {
    status: &'a mut DeliveryStatus,
    sent_at: Option<&'a mut Option<DateTime<Utc>>>,
    delivered_at: &'a mut Option<DateTime<Utc>>,
    read_at: &'a mut Option<DateTime<Utc>>,
    error_code: &'a mut Option<String>,
    error_message: &'a mut Option<String>,
}

fn put(state: &mut State<'_>, change: &StatusChange) {
    let status = match change.status {
        Status::Sent => DeliveryStatus::Sent,
        Status::Failed => DeliveryStatus::Failed,
        Status::Delivered => DeliveryStatus::Delivered,
        Status::Read => DeliveryStatus::Read,
    };
    match change.status {
        Status::Delivered => earliest(state.delivered_at, change.at),
        Status::Read => earliest(state.read_at, change.at),
        Status::Sent | Status::Failed => {}
    }
    if let Some(sent_at) = &mut state.sent_at {
        earliest(sent_at, change.at);
    }
    if rank(status) <= rank(*state.status) {
        return;
    }
    *state.status = status;
    let fault = change.fault.as_ref();
    *state.error_code = fault.map(|fault| fault.code.clone());
    *state.error_message = fault.map(|fault| fault.message.clone());
}

/// Where a state stands in the lattice.
pub(super) fn rank(status: DeliveryStatus) -> u8 {
    match status {
        DeliveryStatus::Pending => 0,
        DeliveryStatus::Sending => 1,
        DeliveryStatus::Unknown => 2,
        DeliveryStatus::Sent => 3,
        DeliveryStatus::Failed => 4,
        DeliveryStatus::Delivered => 5,
        DeliveryStatus::Read => 6,
        // These never change.
        DeliveryStatus::Skipped | DeliveryStatus::Received => u8::MAX,
    }
}

fn earliest(field: &mut Option<DateTime<Utc>>, at: DateTime<Utc>) {
    *field = Some(field.map_or(at, |old| old.min(at)));
}

/// Applies a change to a message that is no part of a broadcast; one that is not known yet waits for it. The contact, where they said stop by it.
async fn apply_to_message(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    change: StatusChange,
) -> Result<Option<ContactId>> {
    let Some(row) = history::message_of(tx, viewer, channel, &change).await? else {
        keep(tx, channel, &change).await?;
        return Ok(None);
    };
    let stops = change.fault.as_ref().is_some_and(|fault| fault.is_opt_out);
    let stopped = stops.then_some(row.contact_id);
    if let Some(row) = advance_message(row, &change) {
        crate::message::save(tx, row).await?;
    }
    Ok(stopped)
}

/// The message as the change leaves it; none where it changes nothing.
pub(crate) fn advance_message(
    row: message::Model,
    change: &StatusChange,
) -> Option<message::Model> {
    let mut new = row.clone();
    put(
        &mut State {
            status: &mut new.status,
            sent_at: None,
            delivered_at: &mut new.delivered_at,
            read_at: &mut new.read_at,
            error_code: &mut new.error_code,
            error_message: &mut new.error_message,
        },
        change,
    );
    if new.provider_id.is_none() {
        new.provider_id = change.message_ids.first().cloned();
    }
    (new != row).then_some(new)
}

/// Keeps what is said of a message that is not known: the answer that names it may come behind.
async fn keep(tx: &Tx, channel: &Channel, change: &StatusChange) -> Result<()> {
    let status = serde_json::to_value(change).map_err(|error| Error::Broken(error.to_string()))?;
    for id in &change.message_ids {
        let row = early_status::ActiveModel {
            channel_id: Set(channel.id),
            provider_id: Set(id.clone()),
            status: Set(status.clone()),
            came_at: Set(clock::now()),
            ..Default::default()
        };
        row.insert(&**tx).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: DeliveryStatus, attempts: i32, part: i32) -> Delivery {
        Delivery {
            id: DeliveryId(1),
            send_id: BroadcastSendId(1),
            contact_id: ContactId(1),
            address: Some("+49".to_owned()),
            status,
            skip_reason: None,
            attempts,
            part,
            next_at: DateTime::UNIX_EPOCH,
            run: None,
            provider_id: None,
            error_code: None,
            error_message: None,
            is_retryable: None,
            sent_at: None,
            delivered_at: None,
            read_at: None,
        }
    }

    fn change(status: Status) -> StatusChange {
        StatusChange {
            message_ids: vec!["m".to_owned()],
            reference: None,
            status,
            at: DateTime::UNIX_EPOCH,
            fault: None,
        }
    }

    #[test]
    fn whatever_the_order_the_highest_wins() {
        use Status::{Delivered, Failed, Read, Sent};
        let all = [Sent, Failed, Delivered, Read];
        for first in all {
            for second in all {
                for third in all {
                    let mut row = row(DeliveryStatus::Sending, 1, 0);
                    for status in [first, second, third, first] {
                        advance(&mut row, 1, 1, &change(status));
                    }
                    let has = |status| [first, second, third].contains(&status);
                    let expected = match () {
                        () if has(Read) => DeliveryStatus::Read,
                        () if has(Delivered) => DeliveryStatus::Delivered,
                        () if has(Failed) => DeliveryStatus::Failed,
                        () => DeliveryStatus::Sent,
                    };
                    assert_eq!(row.status, expected, "{first:?} {second:?} {third:?}");
                }
            }
        }
    }

    #[test]
    fn a_late_failure_of_an_earlier_try_is_none_of_the_next() {
        let mut waits = row(DeliveryStatus::Pending, 1, 0);
        advance(&mut waits, 1, 1, &change(Status::Failed));
        assert_eq!(waits.status, DeliveryStatus::Pending);
        let mut again = row(DeliveryStatus::Sending, 2, 0);
        advance(&mut again, 1, 1, &change(Status::Failed));
        assert_eq!(again.status, DeliveryStatus::Sending);
        // But what arrived after all has arrived, and is not sent again.
        advance(&mut waits, 1, 1, &change(Status::Delivered));
        assert_eq!(waits.status, DeliveryStatus::Delivered);
    }

    #[test]
    fn the_first_message_of_a_block_is_not_all_of_it() {
        let mut row = row(DeliveryStatus::Unknown, 1, 0);
        advance(&mut row, 1, 3, &change(Status::Delivered));
        assert_eq!((row.status, row.part), (DeliveryStatus::Pending, 1));
        advance(&mut row, 1, 3, &change(Status::Read));
        assert_eq!((row.status, row.part), (DeliveryStatus::Pending, 1));
    }
}
