//! What a send leaves in the history of contacts: a message for each that the provider took, and when they were last written to.

pub(super) use super::sent::Sent;
use super::sent::unified;
use crate::{
    clock, contact, conversation,
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::{self, Kind, statement},
    },
    error::Result,
    message,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    broadcast_send::Model as Send,
    channel::Model as Channel,
    content::Content,
    id::{ContactId, ConversationId, MessageId},
    message as messages,
};
use provider::StatusChange;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, HashMap};

/// The messages over a channel that webhooks name by the provider's names.
pub(super) async fn by_provider_ids(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    changes: &[StatusChange],
) -> Result<Vec<messages::Model>> {
    message::named(tx, viewer, channel.id, changes.iter().flat_map(names)).await
}

/// What a message may be called by the provider: where it gives us no name of its own, ours is kept.
fn names(change: &StatusChange) -> impl Iterator<Item = String> + '_ {
    change.message_ids.iter().chain(&change.reference).cloned()
}

/// Whether a change speaks of this message.
pub(super) fn is_meant(row: &messages::Model, change: &StatusChange) -> bool {
    names(change).any(|name| row.provider_id.as_deref() == Some(&name))
}

/// The message that a change speaks of and that is no part of a send, locked.
pub(super) async fn message_of(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    change: &StatusChange,
) -> Result<Option<messages::Model>> {
    let named = change.reference.as_deref().and_then(|reference| {
        let (id, _) = reference.rsplit_once('.')?;
        id.parse::<MessageId>().ok()
    });
    let mut query = viewer
        .find::<messages::Entity>()
        .filter(messages::Column::ChannelId.eq(channel.id));
    query = match named {
        Some(id) => query.filter(messages::Column::Id.eq(id)),
        None => query.filter(messages::Column::ProviderId.is_in(names(change))),
    };
    Ok(query
        .filter(messages::Column::Direction.eq(messages::Direction::Outgoing))
        .order_by_asc(messages::Column::Id)
        .lock_exclusive()
        .one(&**tx)
        .await?)
}

/// Writes messages into the history, those that are there already brought along, and notes who said stop by one; contacts who are gone have none.
pub(super) async fn record(
    tx: &Tx,
    viewer: &Viewer,
    send: &Send,
    channel: &Channel,
    mut sent: Vec<Sent>,
) -> Result<()> {
    if sent.is_empty() {
        return Ok(());
    }
    let mut contacts: Vec<i64> = sent.iter().map(|one| one.contact_id.0).collect();
    contacts.sort_unstable();
    contacts.dedup();
    let there = locked(tx, viewer, &contacts).await?;
    sent.retain(|one| there.contains(&one.contact_id.0));
    let mut changed = BTreeMap::new();
    for one in sent.iter().filter(|one| one.stops) {
        let at = changed.entry(one.contact_id).or_insert(one.at);
        *at = one.at.max(*at);
    }
    let stopped = changed.clone();
    let messages = unified(tx, viewer, channel, sent).await?;
    let answered: Vec<&Sent> = messages.iter().filter(|one| one.text.is_some()).collect();
    if let Some(at) = answered.iter().map(|one| one.at).max() {
        let written_to: Vec<i64> = answered.iter().map(|one| one.contact_id.0).collect();
        wrote_to(tx, channel, &written_to, at).await?;
        changed.extend(written_to.into_iter().map(|id| (ContactId(id), at)));
    }
    // What is sent to them stands there too.
    let open = conversation::open_with(tx, channel, there.iter().copied().map(ContactId)).await?;
    let rows = messages
        .into_iter()
        .map(|one| cells(viewer, send, channel, &open, one));
    bulk::insert(&**tx, "message", &COLUMNS, rows.collect(), &again()).await?;
    for (id, at) in stopped {
        contact::opt_out(tx, viewer, id, at).await?;
    }
    if !changed.is_empty() {
        let ids: Vec<ContactId> = changed.into_keys().collect();
        contact::announce(tx, viewer.workspace_id, contact::Which::These(&ids)).await?;
    }
    message::announce(tx, viewer.workspace_id).await
}

/// Those of these contacts who are there, in the order of their ids, so that two who write to the same take turns.
async fn locked(tx: &Tx, viewer: &Viewer, ids: &[i64]) -> Result<Vec<i64>> {
    let backend = tx.get_database_backend();
    let (is_one, list) = dialect::any_of(backend, "id", 2, ids.iter().copied());
    // The sign keeps SQLite's planner from walking all contacts of the workspace.
    let sql = format!(
        "SELECT id FROM contact WHERE +workspace_id = $1 AND {is_one} ORDER BY id{}",
        dialect::for_update(backend)
    );
    let values = [viewer.workspace_id.0.into(), list];
    let rows = tx.query_all_raw(statement(&**tx, &sql, values)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// Notes that contacts, who are locked, were written to over a channel. It is no edit.
pub(crate) async fn wrote_to(
    tx: &Tx,
    channel: &Channel,
    contacts: &[i64],
    at: DateTime<Utc>,
) -> Result<()> {
    let backend = tx.get_database_backend();
    let (is_one, list) = dialect::any_of(backend, "id", 3, contacts.iter().copied());
    let sql = format!(
        "UPDATE contact SET last_channel_id = $2, last_interaction_at = $1, first_contact_at = coalesce(first_contact_at, $1)
        WHERE {is_one} AND (last_interaction_at IS NULL OR last_interaction_at < $1)"
    );
    let values = [at.into(), channel.id.0.into(), list.clone()];
    tx.execute_raw(statement(&**tx, &sql, values)).await?;
    let (is_one, list) = dialect::any_of(backend, "contact_id", 3, contacts.iter().copied());
    let sql = format!(
        "UPDATE contact_channel SET last_contact_at = $1, first_contact_at = coalesce(first_contact_at, $1)
        WHERE {is_one} AND channel_id = $2 AND (last_contact_at IS NULL OR last_contact_at < $1)"
    );
    let values = [at.into(), channel.id.0.into(), list];
    tx.execute_raw(statement(&**tx, &sql, values)).await?;
    Ok(())
}

const COLUMNS: [Column; 21] = [
    ("workspace_id", Kind::BigInt),
    ("contact_id", Kind::BigInt),
    ("channel_id", Kind::BigInt),
    ("conversation_id", Kind::BigInt),
    ("direction", Kind::Text),
    ("kind", Kind::Text),
    ("text", Kind::Text),
    ("status", Kind::Text),
    ("provider_id", Kind::Text),
    ("at", Kind::Time),
    ("send_id", Kind::BigInt),
    ("delivery_id", Kind::BigInt),
    ("template_id", Kind::BigInt),
    ("author_id", Kind::BigInt),
    ("author_name", Kind::Text),
    ("attempts", Kind::Int),
    ("error_code", Kind::Text),
    ("error_message", Kind::Text),
    ("delivered_at", Kind::Time),
    ("read_at", Kind::Time),
    ("updated_at", Kind::Time),
];

fn cells(
    viewer: &Viewer,
    send: &Send,
    channel: &Channel,
    open: &HashMap<ContactId, ConversationId>,
    one: Sent,
) -> Vec<Cell> {
    let (kind, template) = match &send.content {
        Content::Template { id, .. } => ("template", Cell::Int(id.0)),
        Content::Text(_) | Content::Block(_) => ("text", Cell::Null),
    };
    let (code, message) = one.error.unzip();
    let conversation = open.get(&one.contact_id);
    vec![
        Cell::Int(viewer.workspace_id.0),
        Cell::Int(one.contact_id.0),
        Cell::Int(channel.id.0),
        conversation.map_or(Cell::Null, |id| Cell::Int(id.0)),
        Cell::Text(messages::Direction::Outgoing.to_value()),
        Cell::Text(kind.to_owned()),
        Cell::from(one.text.as_deref()),
        Cell::Text(one.status.to_value()),
        Cell::Text(one.provider_id),
        Cell::Time(one.at),
        Cell::Int(send.id.0),
        Cell::Int(one.delivery_id.0),
        template,
        send.created_by_member_id
            .map_or(Cell::Null, |id| Cell::Int(id.0)),
        Cell::Text(send.created_by_name.clone()),
        Cell::Int(one.attempt.into()),
        Cell::from(code.as_deref()),
        Cell::from(message.as_deref()),
        Cell::from(one.delivered_at),
        Cell::from(one.read_at),
        Cell::Time(clock::now()),
    ]
}

/// What happens to a message that is there: the higher of two states stands, as in `status`.
fn again() -> String {
    let rank = |of: &str| {
        format!(
            "CASE {of}.status WHEN 'UNKNOWN' THEN 2 WHEN 'SENT' THEN 3 WHEN 'FAILED' THEN 4 WHEN 'DELIVERED' THEN 5 WHEN 'READ' THEN 6 ELSE 0 END"
        )
    };
    let higher = format!("{} > {}", rank("excluded"), rank("message"));
    format!(
        "ON CONFLICT (channel_id, provider_id) WHERE provider_id IS NOT NULL DO UPDATE SET
            text = coalesce(excluded.text, message.text),
            status = CASE WHEN {higher} THEN excluded.status ELSE message.status END,
            error_code = CASE WHEN {higher} THEN excluded.error_code ELSE message.error_code END,
            error_message = CASE WHEN {higher} THEN excluded.error_message ELSE message.error_message END,
            delivered_at = coalesce(message.delivered_at, excluded.delivered_at),
            read_at = coalesce(message.read_at, excluded.read_at),
            updated_at = excluded.updated_at"
    )
}
