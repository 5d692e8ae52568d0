//! Messages that came, into the history.

use crate::{
    clock,
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    error::Result,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    delivery::DeliveryStatus,
    id::{ChannelId, ContactId, ConversationId},
    message::Direction,
};
use sea_orm::ActiveEnum;

/// A message that came from a contact.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) contact_id: ContactId,
    /// As the provider names it.
    pub(crate) kind: String,
    /// What it says, where it says anything.
    pub(crate) text: Option<String>,
    /// By which it is known again.
    pub(crate) provider_id: String,
    /// When they sent it.
    pub(crate) at: DateTime<Utc>,
}

const COLUMNS: [Column; 11] = [
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
    ("updated_at", Kind::Time),
];

/// Writes messages that came over a channel, each with its conversation; one that is there already stays as it is. The caller
/// [`announce`](super::announce)s them, once for all that a transaction writes.
pub(crate) async fn insert(
    tx: &Tx,
    viewer: &Viewer,
    on: ChannelId,
    came: impl IntoIterator<Item = (Came, Option<ConversationId>)>,
) -> Result<()> {
    let rows = came.into_iter().map(|(came, conversation)| {
        vec![
            Cell::Int(viewer.workspace_id.0),
            Cell::Int(came.contact_id.0),
            Cell::Int(on.0),
            conversation.map_or(Cell::Null, |id| Cell::Int(id.0)),
            Cell::Text(Direction::Incoming.to_value()),
            Cell::Text(came.kind),
            came.text.as_deref().into(),
            Cell::Text(DeliveryStatus::Received.to_value()),
            Cell::Text(came.provider_id),
            Cell::Time(came.at),
            Cell::Time(clock::now()),
        ]
    });
    let suffix = "ON CONFLICT (channel_id, provider_id) WHERE provider_id IS NOT NULL DO NOTHING";
    bulk::insert(&**tx, "message", &COLUMNS, rows.collect(), suffix).await?;
    Ok(())
}
