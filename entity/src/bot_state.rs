//! Who tells a workspace's bot what waits: one run at a time.

use crate::id::WorkspaceId;
use sea_orm::entity::prelude::*;

/// The state of a workspace's telling.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bot_state")]
pub struct Model {
    /// Which workspace's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The run that tells now; it begins with the name of its job.
    pub run: Option<String>,
    /// Until then it is taken to be alive.
    pub busy_until: Option<DateTimeUtc>,
    /// When a job that was enqueued for later begins; none: there is no such job.
    pub wakes_at: Option<DateTimeUtc>,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
