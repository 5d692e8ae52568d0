//! Events: noted in the transaction in which a block's last message is accounted for.

use crate::{
    clock,
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    error::Result,
    job::{self, TellBot},
    viewer::Viewer,
    workspace,
};
use entity::{
    bot_event::{self, Entity},
    delivery::DeliveryStatus,
    id::{BlockId, BroadcastSendId, ChannelId, ContactId},
    message::Model as Message,
};
use sea_orm::{ColumnTrait, ConnectionTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

/// A contact whose conversation has come to the end of a block's messages.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    /// The delivery or the message that completed it.
    pub(crate) name: String,
    pub(crate) contact_id: ContactId,
    pub(crate) channel_id: ChannelId,
    pub(crate) block_id: BlockId,
    pub(crate) send_id: Option<BroadcastSendId>,
}

const COLUMNS: [Column; 8] = [
    ("workspace_id", Kind::BigInt),
    ("name", Kind::Text),
    ("contact_id", Kind::BigInt),
    ("channel_id", Kind::BigInt),
    ("block_id", Kind::BigInt),
    ("send_id", Kind::BigInt),
    ("at", Kind::Time),
    ("next_at", Kind::Time),
];

/// Notes that conversations stand at blocks, where the workspace has a bot that wants to know.
pub(crate) async fn note(tx: &Tx, viewer: &Viewer, reached: Vec<Reached>) -> Result<()> {
    if reached.is_empty() {
        return Ok(());
    }
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    if workspace.bot_url.is_none() {
        return Ok(());
    }
    let now = clock::now();
    let rows = reached.into_iter().map(|one| {
        vec![
            Cell::Int(viewer.workspace_id.0),
            Cell::Text(one.name),
            Cell::Int(one.contact_id.0),
            Cell::Int(one.channel_id.0),
            Cell::Int(one.block_id.0),
            one.send_id.map_or(Cell::Null, |id| Cell::Int(id.0)),
            Cell::Time(now),
            Cell::Time(now),
        ]
    });
    let once = "ON CONFLICT (workspace_id, name) DO NOTHING";
    bulk::insert(&**tx, "bot_event", &COLUMNS, rows.collect(), once).await?;
    let workspace_id = viewer.workspace_id;
    job::enqueue(tx, &TellBot { workspace_id }).await
}

/// Notes it of a message to one person that was in the state `before`, where it is the last one of a block and has been taken now.
pub(crate) async fn note_message(
    tx: &Tx,
    viewer: &Viewer,
    before: DeliveryStatus,
    row: &Message,
) -> Result<()> {
    let Some(block_id) = row
        .block_id
        .filter(|_| !before.is_out() && row.status.is_out())
    else {
        return Ok(());
    };
    let reached = Reached {
        name: row.id.to_string(),
        contact_id: row.contact_id,
        channel_id: row.channel_id,
        block_id,
        send_id: None,
    };
    note(tx, viewer, vec![reached]).await
}

/// How telling a workspace's bot goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Events that wait.
    pub waiting: u64,
    /// Events that were given up in the last week.
    pub given_up: u64,
    /// Why the last call that failed did, where one waits or was given up for it.
    pub last_error: Option<String>,
}

/// How telling the bot of the viewer's workspace goes.
///
/// # Errors
/// When the database is away.
pub async fn state(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<State> {
    let all = || viewer.find::<Entity>();
    let waiting = all().filter(bot_event::Column::GaveUpAt.is_null());
    let given_up = all().filter(bot_event::Column::GaveUpAt.is_not_null());
    let last_error = all()
        .filter(bot_event::Column::Error.is_not_null())
        .order_by_desc(bot_event::Column::NextAt)
        .select_only()
        .column(bot_event::Column::Error)
        .into_tuple::<String>();
    Ok(State {
        waiting: waiting.count(conn).await?,
        given_up: given_up.count(conn).await?,
        last_error: last_error.one(conn).await?,
    })
}
