//! Broadcasts: what is sent to many, and to whom.

use crate::{
    content::Content,
    id::{BroadcastId, ChannelId, MemberId, WorkspaceId},
};
use sea_orm::entity::prelude::*;

/// A broadcast.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "broadcast")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: BroadcastId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub title: String,
    /// `title`, folded.
    pub title_key: String,
    /// The channel it is sent over.
    pub channel_id: ChannelId,
    /// What is sent.
    #[sea_orm(column_type = "JsonBinary")]
    pub content: Content,
    /// Whether it is for every contact; else `broadcast_segment` says for which segments.
    pub everyone: bool,
    /// The filter that narrows these, as `domain` keeps it.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub filter: Option<Json>,
    /// The member who made it.
    pub created_by_member_id: Option<MemberId>,
    /// The member's or the token's name at that time.
    pub created_by_name: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
    /// When it was deleted; its row stays for what its sends name.
    pub deleted_at: Option<DateTimeUtc>,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
