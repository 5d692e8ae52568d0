//! Conversations: opened by what a contact writes, by a message to one person or by hand, never by a broadcast; closed by hand.

mod opened;

pub(crate) use opened::{Wrote, open_with, opened, opened_with};

use crate::{
    channel, clock, contact,
    db::Tx,
    error::{Error, Result, UserError},
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    viewer::Viewer,
};
use entity::{
    conversation::{self, ConversationStatus, Model},
    id::{ChannelId, ContactId, ConversationId, MemberId},
    member,
    role::Role,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, Order as Direction, QueryFilter, QuerySelect,
    Select, Set, sea_query::Expr,
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

/// All conversations that agents have: those that are assigned to them, and to a script none is. None: the viewer has every conversation with the contacts whom
/// they see.
pub(crate) fn own(viewer: &Viewer) -> Option<Select<conversation::Entity>> {
    if viewer.role > Role::Agent {
        return None;
    }
    let all = viewer.find::<conversation::Entity>();
    Some(match &viewer.member {
        Some(member) => all.filter(conversation::Column::AssigneeId.eq(member.id)),
        None => all.filter(Expr::value(false)),
    })
}

pub(crate) fn visible(viewer: &Viewer) -> Select<conversation::Entity> {
    own(viewer)
        .unwrap_or_else(|| viewer.find())
        .filter(contact::is_visible(
            viewer,
            conversation::Column::ContactId.as_column_ref(),
        ))
}

/// Closes a conversation; the contact's next message opens another.
///
/// # Errors
/// NOT_FOUND, or CONFLICT for one that is closed.
pub async fn close(tx: &Tx, viewer: &Viewer, id: ConversationId) -> Result<Model> {
    let found = locked(tx, viewer, id).await?;
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

/// Gives a conversation to a member to look after, or to nobody.
///
/// # Errors
/// NOT_FOUND for the conversation or the member.
pub async fn assign(
    tx: &Tx,
    viewer: &Viewer,
    id: ConversationId,
    assignee_id: Option<MemberId>,
) -> Result<Model> {
    // Before the conversation: who deletes a member comes to their conversations from there.
    if let Some(id) = assignee_id
        && !viewer.hold::<member::Entity>(tx, id).await?
    {
        return Err(UserError::not_found("assigneeId", "member").into());
    }
    let found = locked(tx, viewer, id).await?;
    if found.assignee_id == assignee_id {
        return Ok(found);
    }
    let mut row: conversation::ActiveModel = found.into();
    row.assignee_id = Set(assignee_id);
    row.updated_at = Set(Some(clock::now()));
    let row = row.update(&**tx).await?;
    crate::message::announce(tx, viewer.workspace_id).await?;
    Ok(row)
}

/// A conversation that the viewer sees; nobody else changes it until the transaction ends.
async fn locked(tx: &Tx, viewer: &Viewer, id: ConversationId) -> Result<Model> {
    let found = visible(viewer)
        .filter(conversation::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?;
    Ok(found.ok_or_else(|| UserError::not_found("id", "conversation"))?)
}

/// Opens a conversation with a contact over a channel; one that is open already is that one.
///
/// # Errors
/// NOT_FOUND at `contactId` or `channelId`; CONFLICT for agents, where one is open that is not theirs.
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
