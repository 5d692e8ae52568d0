//! Tags: labels that contacts carry.

use crate::id::{TagId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tag")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: TagId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace without regard to case.
    pub name: String,
    /// `name`, folded.
    pub name_key: String,
    /// `#` and six hexadecimal digits.
    pub colour: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
