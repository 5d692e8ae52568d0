//! Conversations: opened by the first message, closed by hand.

use crate::{
    channel, clock, contact,
    db::{Tx, dialect::statement},
    error::{Error, Result, UserError},
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    channel::Model as Channel,
    contact as contacts,
    conversation::{self, ConversationStatus, Model},
    id::{ChannelId, ContactId, ConversationId, MemberId},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, Order as Direction, QueryFilter, QueryOrder,
    QuerySelect, Select, Set,
};
use std::collections::HashMap;

/// Which conversations.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// With this contact.
    pub contact_id: Option<ContactId>,
    /// In one of these states.
    pub status: Option<Vec<ConversationStatus>>,
    /// That this member looks after.
    pub assignee_id: Option<MemberId>,
}

/// One page of the conversations with contacts that the viewer sees, the newest first.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    wanted: Wanted,
    window: &Window,
) -> Result<Page<Model>> {
    let mut query = visible(viewer);
    if let Some(id) = wanted.contact_id {
        query = query.filter(conversation::Column::ContactId.eq(id));
    }
    if let Some(status) = wanted.status {
        query = query.filter(conversation::Column::Status.is_in(status));
    }
    if let Some(id) = wanted.assignee_id {
        query = query.filter(conversation::Column::AssigneeId.eq(id));
    }
    page::fetch(conn, query, &newest_first(), window).await
}

/// One page of the conversations with each of these contacts, the newest first, for those who have any: in one statement. Without a cursor its first is the
/// contact's newest.
///
/// # Errors
/// As [`list`].
pub async fn of_contacts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    contacts: &[ContactId],
    window: &Window,
) -> Result<HashMap<ContactId, Page<Model>>> {
    let by = conversation::Column::ContactId;
    let query = visible(viewer).filter(by.is_in(contacts.iter().copied()));
    let pages = page::fetch_each(conn, query, by, &newest_first(), window).await?;
    let pages = pages.into_iter();
    Ok(pages.map(|(id, page)| (ContactId(id), page)).collect())
}

/// The one that was opened last comes first; webhooks may come late, so that ids are in another order.
fn newest_first() -> Order {
    let keys = vec![
        Key::of(conversation::Column::OpenedAt, KeyKind::Time),
        Key::of(conversation::Column::Id, KeyKind::Int),
    ];
    let newest_first = Stretch {
        filter: None,
        keys,
        direction: Direction::Desc,
    };
    Order::new("openedAt", vec![newest_first])
}

/// The conversations of these ids with contacts that the viewer sees, in no order.
///
/// # Errors
/// When the database is away.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[ConversationId],
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = visible(viewer).filter(conversation::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(conn).await?)
}

fn visible(viewer: &Viewer) -> Select<conversation::Entity> {
    viewer
        .find::<conversation::Entity>()
        .filter(conversation::Column::ContactId.in_subquery(contact::visible_ids(viewer)))
}

/// Closes a conversation; the contact's next message opens another.
///
/// # Errors
/// NOT_FOUND, or CONFLICT for one that is closed.
pub async fn close(tx: &Tx, viewer: &Viewer, id: ConversationId) -> Result<Model> {
    let found = visible(viewer)
        .filter(conversation::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?
        .ok_or_else(|| UserError::not_found("id", "conversation"))?;
    if found.status == ConversationStatus::Closed {
        return Err(Error::user(
            "id",
            "CONFLICT",
            "This conversation is closed already.",
        ));
    }
    let mut row: conversation::ActiveModel = found.into();
    row.status = Set(ConversationStatus::Closed);
    row.closed_at = Set(Some(clock::now()));
    row.updated_at = Set(Some(clock::now()));
    let row = row.update(&**tx).await?;
    crate::message::announce(tx, viewer.workspace_id).await?;
    Ok(row)
}

/// The open conversation with a contact over a channel, opened now where there is none. The contact is locked.
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
    if let Some(open) = open {
        return Ok(open);
    }
    let sql = "INSERT INTO conversation_number (workspace_id, last) VALUES ($1, 1)
        ON CONFLICT (workspace_id) DO UPDATE SET last = conversation_number.last + 1 RETURNING last";
    let row = tx
        .query_one_raw(statement(&**tx, sql, [viewer.workspace_id.0.into()]))
        .await?
        .ok_or_else(|| Error::Broken("a conversation without a number".to_owned()))?;
    let row = conversation::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        number: Set(row.try_get("", "last")?),
        contact_id: Set(contact.id),
        channel_id: Set(channel.id),
        status: Set(ConversationStatus::Open),
        opened_at: Set(at),
        closed_at: Set(None),
        assignee_id: Set(contact.assignee_id),
        updated_at: Set(Some(clock::now())),
        ..Default::default()
    };
    Ok(row.insert(&**tx).await?)
}

/// Opens a conversation with a contact over a channel; one that is open already is that one.
///
/// # Errors
/// NOT_FOUND at `contactId` or `channelId`.
pub async fn open(
    tx: &Tx,
    viewer: &Viewer,
    contact_id: ContactId,
    channel_id: ChannelId,
) -> Result<Model> {
    let found = channel::get(&**tx, viewer, channel_id).await?;
    let channel = found.ok_or_else(|| UserError::not_found("channelId", "channel"))?;
    let found = contact::locked(tx, viewer, contact_id).await?;
    let contact = found.ok_or_else(|| UserError::not_found("contactId", "contact"))?;
    let row = opened(tx, viewer, &channel, &contact, clock::now()).await?;
    crate::message::announce(tx, viewer.workspace_id).await?;
    Ok(row)
}
