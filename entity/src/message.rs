//! Messages: what came and what went.

use crate::{
    content::Content,
    delivery::DeliveryStatus,
    id::{
        BlockId, BroadcastSendId, ChannelId, ContactId, ConversationId, DeliveryId, MemberId,
        MessageId, TemplateId, WorkspaceId,
    },
};
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
    pub status: DeliveryStatus,
    /// The provider's name of it.
    pub provider_id: Option<String>,
    /// When it came or went, or was asked for.
    pub at: DateTimeUtc,
    /// The send of a broadcast that it was a part of.
    pub send_id: Option<BroadcastSendId>,
    /// The delivery that it was a part of.
    pub delivery_id: Option<DeliveryId>,
    /// The template that it was made from.
    pub template_id: Option<TemplateId>,
    /// The member who sent it.
    pub author_id: Option<MemberId>,
    /// The member's or the token's name at that time.
    pub author_name: Option<String>,
    /// What is to be sent, until it is.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub content: Option<Content>,
    /// Calls that were begun for it.
    pub attempts: i32,
    /// The run of the job that claimed it last.
    pub run: Option<String>,
    /// The provider's code of what went wrong.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
    /// When it was on their device.
    pub delivered_at: Option<DateTimeUtc>,
    /// When they saw it.
    pub read_at: Option<DateTimeUtc>,
    /// It is not sent before.
    pub next_at: Option<DateTimeUtc>,
    /// When a run claimed it.
    pub claimed_at: Option<DateTimeUtc>,
    /// When its row was last written.
    pub updated_at: Option<DateTimeUtc>,
    /// The block whose last message it is.
    pub block_id: Option<BlockId>,
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

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
