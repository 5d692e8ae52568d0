//! A look at each recipient at the moment of sending: whoever may still get the message has it filled; the others are skipped.

use super::{claim::Making, counts};
use crate::{
    attribute::Attributes,
    content::{Person, Ready},
    db::{Tx, dialect},
    error::Result,
    message::is_window_open,
    workspace,
};
use chrono_tz::Tz;
use entity::{
    broadcast_send::Model as Send,
    channel::Model as Channel,
    contact::{self, ContactStatus},
    contact_channel,
    delivery::{DeliveryStatus, Model as Delivery, SkipReason},
    id::ContactId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use std::collections::HashMap;

/// A message that may go out.
pub(super) struct Message {
    pub(super) to: String,
    pub(super) content: provider::Content,
    pub(super) text: String,
}

/// Looks at people once more: who may get it has a message; the others are skipped.
pub(super) async fn look(
    tx: &Tx,
    making: &Making<'_>,
    send: &mut Send,
    rows: Vec<Delivery>,
) -> Result<Vec<(Delivery, Option<Message>)>> {
    let viewer = making.viewer;
    let ids: Vec<ContactId> = rows.iter().map(|row| row.contact_id).collect();
    let among = |column: &str| {
        let ids = ids.iter().map(|id| id.0);
        dialect::is_one_of(tx.get_database_backend(), column, ids)
    };
    let contacts = viewer
        .find::<contact::Entity>()
        .filter(among("contact.id"))
        .all(&**tx)
        .await?;
    let contacts: HashMap<ContactId, contact::Model> =
        contacts.into_iter().map(|row| (row.id, row)).collect();
    let addresses = viewer
        .find::<contact_channel::Entity>()
        .filter(among("contact_channel.contact_id"))
        .filter(contact_channel::Column::ChannelId.eq(making.channel.id))
        .all(&**tx)
        .await?;
    let attributes = Attributes::load(&**tx, viewer).await?;
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    let zone = workspace::zone(&workspace);
    let window = making.ready.needs_window().then_some(making.channel);
    let mut looked = Vec::with_capacity(rows.len());
    for mut row in rows {
        if usize::try_from(row.part).is_ok_and(|part| part >= making.ready.parts()) {
            // The block has become shorter since they failed: they have got all of it.
            counts::shift(send, row.status, DeliveryStatus::Sent, 1);
            row.status = DeliveryStatus::Sent;
            looked.push((row, None));
            continue;
        }
        let contact = contacts.get(&row.contact_id);
        let made = match reason(contact, &addresses, row.address.as_deref(), window) {
            Some(reason) => Err((reason, None)),
            None => make(making.ready, &row, contact, &attributes, zone),
        };
        let message = match made {
            Ok(message) => Some(message),
            Err((reason, what)) => {
                leave(send, &mut row, reason, what);
                None
            }
        };
        looked.push((row, message));
    }
    Ok(looked)
}

/// Leaves somebody out; who has got the first messages of a block is left out of the rest alone: they were reached, and are nobody new.
fn leave(send: &mut Send, row: &mut Delivery, reason: SkipReason, what: Option<String>) {
    let status = match row.part {
        0 => DeliveryStatus::Skipped,
        _ => DeliveryStatus::Sent,
    };
    counts::shift(send, row.status, status, 1);
    row.skip_reason = Some(reason);
    row.error_message = what;
    row.status = status;
}

/// The message for somebody, or why there is none.
fn make(
    ready: &Ready,
    row: &Delivery,
    contact: Option<&contact::Model>,
    attributes: &Attributes,
    zone: Tz,
) -> Result<Message, (SkipReason, Option<String>)> {
    let (Some(contact), Some(to)) = (contact, row.address.clone()) else {
        return Err((SkipReason::ContactDeleted, None));
    };
    let person = Person {
        contact,
        attributes,
        zone,
        more: &[],
    };
    let part = usize::try_from(row.part).unwrap_or(0);
    let filled = ready.fill(part, &person).map_err(|missing| {
        let what = format!("No value: {}.", missing.join(", "));
        (SkipReason::VariableMissing, Some(what))
    });
    filled.map(|(content, text)| Message { to, content, text })
}

/// Why somebody is left out after all: what `broadcast::audience` asks, once more.
fn reason(
    contact: Option<&contact::Model>,
    addresses: &[contact_channel::Model],
    address: Option<&str>,
    window: Option<&Channel>,
) -> Option<SkipReason> {
    let Some(contact) = contact else {
        return Some(SkipReason::ContactDeleted);
    };
    if contact.status == ContactStatus::Inactive {
        return Some(SkipReason::Inactive);
    }
    if contact.blocked_at.is_some() {
        return Some(SkipReason::Blocked);
    }
    if contact.opted_out_at.is_some() {
        return Some(SkipReason::OptedOut);
    }
    let own = addresses.iter().filter(|row| row.contact_id == contact.id);
    let own: Vec<_> = own.collect();
    if !own.iter().any(|row| Some(row.address.as_str()) == address) {
        return Some(SkipReason::NoAddressOnChannel);
    }
    let is_closed = window.is_some_and(|channel| !is_window_open(channel, &own));
    is_closed.then_some(SkipReason::OutsideServiceWindow)
}
