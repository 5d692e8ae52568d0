//! Conversations ("tickets"): what is said between a contact and the workspace over one channel, from when it is opened until it is closed.

use crate::id::{ChannelId, ContactId, ConversationId, MemberId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A conversation. A contact has one that is open on a channel at most.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: ConversationId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Counted in the workspace from 1, for people.
    pub number: i64,
    /// With whom.
    pub contact_id: ContactId,
    /// Over which channel.
    pub channel_id: ChannelId,
    /// Whether it goes on.
    pub status: ConversationStatus,
    /// When the message that opened it came or was asked for, or when it was opened by hand.
    pub opened_at: DateTimeUtc,
    /// When it was closed.
    pub closed_at: Option<DateTimeUtc>,
    /// The member who looks after it.
    pub assignee_id: Option<MemberId>,
    /// When its row was last written.
    pub updated_at: Option<DateTimeUtc>,
}

/// Whether a conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ConversationStatus {
    /// It goes on.
    Open,
    /// Somebody closed it.
    Closed,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
