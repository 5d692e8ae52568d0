//! Table views: which columns somebody sees in which table, and how it is sorted.

use crate::{
    column::{ColumnOrder, ColumnRef},
    id::{ApiTokenId, InboxId, MemberId, TableViewId, TeamId, WorkspaceId},
};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One person's, or one script's, view of one table. Only what was saved has a row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "table_view")]
pub struct Model {
    /// Its id; shown to nobody, since a view that was never saved has none.
    #[sea_orm(primary_key)]
    pub id: TableViewId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Whose it is; none: a script's.
    pub member_id: Option<MemberId>,
    /// The script's token; none: a member's, who has one view with all their tokens.
    pub token_id: Option<ApiTokenId>,
    /// The key of the inbox that the table shows, as it is written; empty: none, all contacts.
    pub inbox: String,
    /// That inbox, where it is a custom one.
    pub inbox_id: Option<InboxId>,
    /// Its team, where it is a team's.
    pub team_id: Option<TeamId>,
    /// The columns from left to right; none: the default.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub columns: Option<ViewColumns>,
    /// What the table is sorted by; none: the default.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub sort: Option<ViewSort>,
}

/// A column of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewColumn {
    /// Which.
    pub column: ColumnRef,
    /// Its width in pixels; none: as wide as who draws it likes.
    pub width: Option<i32>,
}

/// The columns of a view, stored as a JSON list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ViewColumns(pub Vec<ViewColumn>);

/// What a view is sorted by, stored as a JSON list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ViewSort(pub Vec<ColumnOrder>);

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
