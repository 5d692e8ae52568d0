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
    db::{
        Tx,
        bulk::Cell,
        dialect::{self, Kind, Probe, statement},
    },
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
    ActiveModelTrait, ColumnTrait, ConnectionTrait, FromQueryResult, IntoActiveModel,
    Order as Direction, QueryFilter, QuerySelect, QueryTrait, Select, Set,
};

use std::collections::BTreeSet;

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

/// The messages over a channel that the provider names so.
pub(crate) async fn named(
    tx: &Tx,
    viewer: &Viewer,
    channel: ChannelId,
    names: impl IntoIterator<Item = String>,
) -> Result<Vec<Model>> {
    let names: BTreeSet<String> = names.into_iter().collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let probe = Probe {
        columns: "message.*",
        table: "message",
        // The sum keeps PostgreSQL from reading all of the workspace where it expects to find the half of them.
        scope: "channel_id = $1 AND workspace_id + 0 = $2",
        column: "provider_id",
        kind: Kind::Text,
        most: 1,
    };
    let backend = tx.get_database_backend();
    let names: Vec<Cell> = names.into_iter().map(Cell::Text).collect();
    let names = dialect::list(backend, &names);
    let values = [channel.0.into(), viewer.workspace_id.0.into(), names];
    let statement = statement(&**tx, &probe.sql(backend, 3), values);
    Ok(Model::find_by_statement(statement).all(&**tx).await?)
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
