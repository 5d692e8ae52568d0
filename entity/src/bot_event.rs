//! What the bot's endpoint is still to be told: which contacts stand at which block.

use crate::id::{BlockId, BroadcastSendId, ChannelId, ContactId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An event that waits, or that was given up. One that was taken has no row any more.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bot_event")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// By which the endpoint knows it again: the delivery or the message that completed the block.
    pub name: String,
    /// Whose conversation.
    pub contact_id: ContactId,
    /// Over which channel.
    pub channel_id: ChannelId,
    /// Where it stands.
    pub block_id: BlockId,
    /// The send that brought it there.
    pub send_id: Option<BroadcastSendId>,
    /// When the block's last message was taken.
    pub at: DateTimeUtc,
    /// Calls that failed.
    pub attempts: i32,
    /// It is not told before.
    pub next_at: DateTimeUtc,
    /// Why the last call failed.
    pub error: Option<String>,
    /// When it was given up.
    pub gave_up_at: Option<DateTimeUtc>,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
