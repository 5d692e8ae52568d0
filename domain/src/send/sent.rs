//! A message of a send, as answers and webhooks tell of it: one, by whatever names they call it.

use super::{lattice::rank, settle::Answer, status::reference};
use crate::{
    db::{
        Tx,
        dialect::{self, statement},
    },
    error::Result,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    channel::Model as Channel,
    delivery::{DeliveryStatus, Model as Delivery},
    id::{ContactId, DeliveryId},
};
use provider::{Status, StatusChange};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, HashMap};

/// A message of a send, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) delivery_id: DeliveryId,
    pub(super) contact_id: ContactId,
    pub(super) attempt: i32,
    pub(super) provider_id: String,
    /// Whether it may stand in the history by another name.
    is_doubtful: bool,
    /// What they read; none where a webhook told of it alone.
    pub(super) text: Option<String>,
    pub(super) status: DeliveryStatus,
    pub(super) error: Option<(String, String)>,
    pub(super) at: DateTime<Utc>,
    pub(super) delivered_at: Option<DateTime<Utc>>,
    pub(super) read_at: Option<DateTime<Utc>>,
    /// Whether the person has said stop by it.
    pub(super) stops: bool,
}

impl Sent {
    /// Of a call that was answered well; `row` as it was before.
    pub(super) fn answered(row: &Delivery, answer: &Answer, message_id: Option<&str>) -> Self {
        // Else a webhook may have been quicker.
        let is_first = row.status == DeliveryStatus::Sending && row.attempts == answer.attempt;
        Self {
            delivery_id: row.id,
            contact_id: row.contact_id,
            attempt: answer.attempt,
            // A provider that names no message is told of it by our own name.
            provider_id: message_id
                .map_or_else(|| reference(row.id, answer.attempt), str::to_owned),
            is_doubtful: !is_first,
            text: Some(answer.text.clone()),
            status: DeliveryStatus::Sent,
            error: None,
            at: answer.at,
            delivered_at: None,
            read_at: None,
            stops: false,
        }
    }

    /// Of a call that a webhook speaks of. `known`: by which name the message stands in the history, where that is known.
    pub(super) fn told(
        row: &Delivery,
        attempt: i32,
        change: &StatusChange,
        known: Option<String>,
    ) -> Self {
        let is_doubtful = known.is_none();
        let id = known.or_else(|| change.message_ids.first().cloned());
        let is = |status| (change.status == status).then_some(change.at);
        let fault = change.fault.as_ref();
        Self {
            delivery_id: row.id,
            contact_id: row.contact_id,
            attempt,
            provider_id: id.unwrap_or_else(|| reference(row.id, attempt)),
            is_doubtful,
            text: None,
            status: match change.status {
                Status::Sent => DeliveryStatus::Sent,
                Status::Failed => DeliveryStatus::Failed,
                Status::Delivered => DeliveryStatus::Delivered,
                Status::Read => DeliveryStatus::Read,
            },
            error: fault.map(|fault| (fault.code.clone(), fault.message.clone())),
            at: change.at,
            delivered_at: is(Status::Delivered),
            read_at: is(Status::Read),
            stops: false,
        }
    }

    /// The same where it changed what is known of the delivery: a stop that is told again is none.
    pub(super) fn news(self, change: &StatusChange, is_news: bool) -> Self {
        let stops = is_news && change.fault.as_ref().is_some_and(|fault| fault.is_opt_out);
        Self { stops, ..self }
    }

    /// What two say of the same message.
    fn and(self, other: Self) -> Self {
        let ours = reference(self.delivery_id, self.attempt);
        let provider_id = match self.provider_id == ours {
            true => other.provider_id.clone(),
            false => self.provider_id.clone(),
        };
        let (higher, lower) = match rank(other.status) > rank(self.status) {
            true => (other, self),
            false => (self, other),
        };
        Self {
            provider_id,
            text: higher.text.or(lower.text),
            at: higher.at.min(lower.at),
            delivered_at: higher.delivered_at.or(lower.delivered_at),
            read_at: higher.read_at.or(lower.read_at),
            ..higher
        }
    }
}

/// Each message once, by the name that it has in the history, where it stands there. Nobody else writes of these deliveries at the same time: their send is
/// locked.
pub(super) async fn unified(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    sent: Vec<Sent>,
) -> Result<Vec<Sent>> {
    let known = known(tx, viewer, &sent).await?;
    let mut calls: BTreeMap<(DeliveryId, i32), Sent> = BTreeMap::new();
    for one in sent {
        let call = (one.delivery_id, one.attempt);
        let both = match calls.remove(&call) {
            Some(other) => other.and(one),
            None => one,
        };
        calls.insert(call, both);
    }
    // A name of the provider's may be that of several calls: it is one message to it.
    let mut messages: BTreeMap<String, Sent> = BTreeMap::new();
    for (call, mut one) in calls {
        if let Some(name) = known.get(&call).filter(|name| **name != one.provider_id) {
            let is_ours = *name == reference(one.delivery_id, one.attempt);
            // A webhook named it by our own name: the answer has the provider's, by which others may speak of it.
            let is_renamed = is_ours
                && one.text.is_some()
                && rename(tx, channel, name, &one.provider_id).await?;
            if !is_renamed {
                one.provider_id.clone_from(name);
            }
        }
        let both = match messages.remove(&one.provider_id) {
            Some(other) => other.and(one),
            None => one,
        };
        messages.insert(both.provider_id.clone(), both);
    }
    Ok(messages.into_values().collect())
}

/// The names in the history of those that may stand there by another one. They are looked for among the messages of their contacts: an index by delivery would
/// cost each message of each send.
async fn known(
    tx: &Tx,
    viewer: &Viewer,
    sent: &[Sent],
) -> Result<HashMap<(DeliveryId, i32), String>> {
    let doubtful = || sent.iter().filter(|one| one.is_doubtful);
    let mut known = HashMap::new();
    if doubtful().next().is_none() {
        return Ok(known);
    }
    let backend = tx.get_database_backend();
    let contacts = doubtful().map(|one| one.contact_id.0);
    let (is_contact, contacts) = dialect::any_of(backend, "contact_id", 2, contacts);
    let deliveries = doubtful().map(|one| one.delivery_id.0);
    let (is_delivery, deliveries) = dialect::any_of(backend, "+delivery_id", 3, deliveries);
    // The signs keep SQLite's planner from walking all messages of the workspace.
    let sql = format!(
        "SELECT delivery_id, attempts, provider_id FROM message
        WHERE +workspace_id = $1 AND {is_contact} AND {is_delivery} AND provider_id IS NOT NULL"
    );
    let values = [viewer.workspace_id.0.into(), contacts, deliveries];
    for row in tx.query_all_raw(statement(&**tx, &sql, values)).await? {
        let call = (
            row.try_get("", "delivery_id")?,
            row.try_get("", "attempts")?,
        );
        let name: String = row.try_get("", "provider_id")?;
        // Of two that an older version wrote the provider's own counts.
        let is_ours = name == reference(call.0, call.1);
        if !is_ours || !known.contains_key(&call) {
            known.insert(call, name);
        }
    }
    Ok(known)
}

/// Gives a message another name, where no other has it; whether it has it now.
async fn rename(tx: &Tx, channel: &Channel, old: &str, new: &str) -> Result<bool> {
    let sql = "UPDATE message SET provider_id = $3 WHERE channel_id = $1 AND provider_id = $2
        AND NOT EXISTS (SELECT 1 FROM message AS other WHERE other.channel_id = $1 AND other.provider_id = $3)";
    let values = [channel.id.0.into(), old.into(), new.into()];
    let done = tx.execute_raw(statement(&**tx, sql, values)).await?;
    Ok(done.rows_affected() > 0)
}
