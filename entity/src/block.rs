//! Blocks: where a bot's conversation begins, with the messages that it begins with.

use crate::id::{BlockId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A block.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "block")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: BlockId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace without regard to case, among those that are not deleted.
    pub name: String,
    /// `name`, folded.
    pub name_key: String,
    /// The texts, in the order in which they go out.
    #[sea_orm(column_type = "JsonBinary")]
    pub messages: Messages,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
    /// When it was deleted; its row stays for what history names.
    pub deleted_at: Option<DateTimeUtc>,
}

/// Texts in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Messages(pub Vec<String>);

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
