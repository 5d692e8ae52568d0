//! Custom inboxes: saved filters with a name.

use crate::id::{InboxId, MemberId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// A custom inbox. The standard ones and those of teams are in no table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: InboxId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// The filter, as it was given; none: every contact.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub filter: Option<Json>,
    /// What stands in its search box.
    pub search: Option<String>,
    /// Whether everyone sees it; else who made it alone.
    pub shared: bool,
    /// Who made it; none: a script, or somebody who is gone.
    pub created_by_member_id: Option<MemberId>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
