//! Teams: groups of members.

use crate::id::{TeamId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: TeamId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace without regard to case.
    pub name: String,
    /// `name`, folded.
    pub name_key: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
