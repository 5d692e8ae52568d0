//! Messages: the history of a contact and of a conversation, and what is written to one person ([`write`], then [`run`]).

mod came;
mod changes;
pub mod run;
mod write;

pub(crate) use came::{Came, insert as insert_came};
pub use changes::{Watched, changes};
pub(crate) use write::{Draft, enqueue, is_window_open};
pub use write::{NewMessage, has_service_window, send, service_window_end};

use crate::{
    clock, contact, conversation,
    db::{Tx, dialect},
    error::Result,
    event::Hint,
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    viewer::Viewer,
};
use entity::{
    conversation as talk,
    id::{ChannelId, ContactId, ConversationId, MessageId, WorkspaceId},
    message::{self, ActiveModel, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, IntoActiveModel, Order as Direction,
    QueryFilter, QuerySelect, QueryTrait, Select, Set, sea_query::SimpleExpr,
};

/// Whose messages.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// All of a contact.
    Contact(ContactId),
    /// Those of a conversation.
    Conversation(ConversationId),
}

/// One page of messages, the newest first.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    of: Of,
    window: &Window,
) -> Result<Page<Model>> {
    let query = match of {
        Of::Contact(id) => visible(viewer).filter(message::Column::ContactId.eq(id)),
        Of::Conversation(id) => visible(viewer).filter(message::Column::ConversationId.eq(id)),
    };
    let keys = vec![
        Key::of(message::Column::At, KeyKind::Time),
        Key::of(message::Column::Id, KeyKind::Int),
    ];
    let newest_first = Stretch {
        filter: None,
        keys,
        direction: Direction::Desc,
    };
    let order = Order::new("at", vec![newest_first]);
    page::fetch(conn, query, &order, window).await
}

/// The messages of these ids with contacts that the viewer sees, in no order.
///
/// # Errors
/// When the database is away.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[MessageId],
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = visible(viewer).filter(message::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(conn).await?)
}

/// The messages of agents are those of their conversations.
fn visible(viewer: &Viewer) -> Select<message::Entity> {
    let all = viewer.find::<message::Entity>().filter(contact::is_visible(
        viewer,
        message::Column::ContactId.as_column_ref(),
    ));
    let Some(own) = conversation::own(viewer) else {
        return all;
    };
    let own = own.select_only().column(talk::Column::Id);
    all.filter(message::Column::ConversationId.in_subquery(own.into_query()))
}

/// Holds for the messages over a channel that the provider names so.
pub(crate) fn is_named(backend: DbBackend, channel: ChannelId, names: &[String]) -> SimpleExpr {
    let place = ("message", "channel_id", "provider_id");
    dialect::is_named(backend, place, channel.0, names)
}

/// Writes a new message. The caller [`announce`]s it, once for all that a transaction writes.
pub(crate) async fn insert(tx: &Tx, mut row: ActiveModel) -> Result<Model> {
    row.updated_at = Set(Some(clock::now()));
    Ok(row.insert(&**tx).await?)
}

/// Writes a message as it now stands, and tells those who watch it with the commit.
pub(crate) async fn save(tx: &Tx, mut row: Model) -> Result<Model> {
    row.updated_at = Some(clock::now());
    let row = row.into_active_model().reset_all().update(&**tx).await?;
    announce(tx, row.workspace_id).await?;
    Ok(row)
}

/// Tells of messages or conversations that have changed.
pub(crate) async fn announce(tx: &Tx, workspace: WorkspaceId) -> Result<()> {
    Ok(tx.announce(Hint::Talk { workspace }).await?)
}
