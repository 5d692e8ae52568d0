//! The one open conversation of a contact on a channel, opened where there is none.

use super::own;
use crate::{
    clock,
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::{self, Kind, statement},
    },
    error::{Error, Result},
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    channel::Model as Channel,
    contact as contacts,
    conversation::{self, ConversationStatus, Model},
    id::{ContactId, ConversationId, MemberId},
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder,
    QueryResult, Set,
};
use std::collections::HashMap;

/// The open conversation with a contact over a channel, opened now where there is none. The contact is locked. One that an agent opens is theirs, and they have no
/// part in one that is not.
pub(crate) async fn opened(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    contact: &contacts::Model,
    at: DateTime<Utc>,
) -> Result<Model> {
    let open = viewer
        .find::<conversation::Entity>()
        .filter(conversation::Column::ContactId.eq(contact.id))
        .filter(conversation::Column::ChannelId.eq(channel.id))
        .filter(conversation::Column::Status.eq(ConversationStatus::Open))
        .order_by_desc(conversation::Column::Id)
        .one(&**tx)
        .await?;
    let agent = viewer.member.as_ref().filter(|_| own(viewer).is_some());
    let agent = agent.map(|member| member.id);
    if let Some(open) = open {
        if agent.is_some() && open.assignee_id != agent {
            let message = "The open conversation with them over this channel is not assigned to you: ask for it first.";
            return Err(Error::user("contactId", "CONFLICT", message));
        }
        return Ok(open);
    }
    let last = last_number(tx, viewer, 1).await?;
    let row = conversation::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        number: Set(last),
        contact_id: Set(contact.id),
        channel_id: Set(channel.id),
        status: Set(ConversationStatus::Open),
        opened_at: Set(at),
        closed_at: Set(None),
        assignee_id: Set(agent.or(contact.assignee_id)),
        updated_at: Set(Some(clock::now())),
        ..Default::default()
    };
    Ok(row.insert(&**tx).await?)
}

/// Counts so many more conversations of the workspace; the number of the last of them.
async fn last_number(tx: &Tx, viewer: &Viewer, more: usize) -> Result<i64> {
    let sql = "INSERT INTO conversation_number (workspace_id, last) VALUES ($1, $2)
        ON CONFLICT (workspace_id) DO UPDATE SET last = conversation_number.last + $2 RETURNING last";
    let more = i64::try_from(more).unwrap_or(i64::MAX);
    let values = [viewer.workspace_id.0.into(), more.into()];
    let row = tx
        .query_one_raw(statement(&**tx, sql, values))
        .await?
        .ok_or_else(|| Error::Broken("a conversation without a number".to_owned()))?;
    Ok(row.try_get("", "last")?)
}

/// The open conversations with contacts over a channel, by contact.
pub(crate) async fn open_with(
    tx: &Tx,
    channel: &Channel,
    contacts: impl IntoIterator<Item = ContactId>,
) -> Result<HashMap<ContactId, ConversationId>> {
    let backend = tx.get_database_backend();
    let contacts = contacts.into_iter().map(|id| id.0);
    let (is_one, list) = dialect::any_of(backend, "contact_id", 2, contacts);
    let sql = format!(
        "SELECT contact_id, id FROM conversation WHERE channel_id = $1 AND status = 'OPEN' AND {is_one}"
    );
    let values = [channel.id.0.into(), list];
    let rows = tx.query_all_raw(statement(&**tx, &sql, values)).await?;
    let pair = |row: &QueryResult| Ok((row.try_get("", "contact_id")?, row.try_get("", "id")?));
    rows.iter().map(pair).collect()
}

/// One who wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrote {
    pub(crate) contact_id: ContactId,
    /// Who looks after them.
    pub(crate) assignee_id: Option<MemberId>,
    /// When they did.
    pub(crate) at: DateTime<Utc>,
}

/// As [`opened`], for many who wrote, each of them once.
pub(crate) async fn opened_with(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    wrote: &[Wrote],
) -> Result<HashMap<ContactId, ConversationId>> {
    let ids = || wrote.iter().map(|one| one.contact_id);
    let open = open_with(tx, channel, ids()).await?;
    let none = wrote
        .iter()
        .filter(|one| !open.contains_key(&one.contact_id));
    let none: Vec<_> = none.collect();
    if none.is_empty() {
        return Ok(open);
    }
    let last = last_number(tx, viewer, none.len()).await?;
    let before = last - i64::try_from(none.len()).unwrap_or(last);
    let rows = (before + 1..).zip(none).map(|(number, one)| {
        vec![
            Cell::Int(viewer.workspace_id.0),
            Cell::Int(number),
            Cell::Int(one.contact_id.0),
            Cell::Int(channel.id.0),
            Cell::Text(ConversationStatus::Open.to_value()),
            Cell::Time(one.at),
            one.assignee_id.map_or(Cell::Null, |id| Cell::Int(id.0)),
            Cell::Time(clock::now()),
        ]
    });
    bulk::insert(&**tx, "conversation", &COLUMNS, rows.collect(), "").await?;
    open_with(tx, channel, ids()).await
}

const COLUMNS: [Column; 8] = [
    ("workspace_id", Kind::BigInt),
    ("number", Kind::BigInt),
    ("contact_id", Kind::BigInt),
    ("channel_id", Kind::BigInt),
    ("status", Kind::Text),
    ("opened_at", Kind::Time),
    ("assignee_id", Kind::BigInt),
    ("updated_at", Kind::Time),
];
