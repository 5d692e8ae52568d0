//! Webhooks as they came, until they are applied and for some days after.

use crate::id::{ChannelId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Counted in the order in which they came.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The channel's workspace.
    pub workspace_id: WorkspaceId,
    /// To which channel.
    pub channel_id: ChannelId,
    /// The body as it came.
    pub body: String,
    /// When it came.
    pub came_at: DateTimeUtc,
    /// When what it says was applied.
    pub applied_at: Option<DateTimeUtc>,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
