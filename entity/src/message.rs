//! Messages: what came and what went.

use crate::id::{ChannelId, ContactId, ConversationId, MessageId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A message. (channel, provider_id) is unique: a webhook that comes twice finds it there.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: MessageId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// From or to whom.
    pub contact_id: ContactId,
    /// Over which channel.
    pub channel_id: ChannelId,
    /// In which conversation.
    pub conversation_id: Option<ConversationId>,
    /// From them or to them.
    pub direction: Direction,
    /// `text`, `image` and so on, as the provider calls it.
    pub kind: String,
    /// What it says.
    pub text: Option<String>,
    /// What became of it.
    pub status: MessageStatus,
    /// The provider's name of it.
    pub provider_id: Option<String>,
    /// When it came or went.
    pub at: DateTimeUtc,
}

/// From a contact or to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Direction {
    /// From them.
    Incoming,
    /// To them.
    Outgoing,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum MessageStatus {
    /// It came.
    Received,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
