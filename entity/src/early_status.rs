//! What webhooks said of messages that were not known yet: an answer may come behind the webhook that speaks of it.

use crate::id::ChannelId;
use sea_orm::entity::prelude::*;

/// A status that waits for its message.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "early_status")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Over which channel the message went.
    pub channel_id: ChannelId,
    /// The provider's name of the message.
    pub provider_id: String,
    /// What happened to it.
    #[sea_orm(column_type = "JsonBinary")]
    pub status: Json,
    /// When the webhook was applied.
    pub came_at: DateTimeUtc,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
