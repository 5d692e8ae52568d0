//! Members: the people of a workspace.

use crate::{
    id::{MemberId, WorkspaceId},
    role::{Restrictions, Role},
};
use sea_orm::entity::prelude::*;

/// A person of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member")]
pub struct Model {
    /// Their id.
    #[sea_orm(primary_key)]
    pub id: MemberId,
    /// The workspace they belong to.
    pub workspace_id: WorkspaceId,
    /// Shown beside what they did.
    pub name: String,
    /// In lower case; unique in the workspace.
    pub email: String,
    /// What they may do at most.
    pub role: Role,
    /// What they may not do all the same.
    #[sea_orm(column_type = "JsonBinary")]
    pub restrictions: Restrictions,
    /// When they were added.
    pub created_at: DateTimeUtc,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
