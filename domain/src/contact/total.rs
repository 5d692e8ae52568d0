//! How many contacts a workspace has: kept with every write, not counted.

use crate::{
    db::dialect::{self, statement},
    error::Result,
    viewer::Viewer,
};
use entity::{contact::ContactStatus, id::WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr};

/// Contacts of each status; as a change, what a write adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// Those that are ACTIVE.
    pub active: i64,
    /// Those that are INACTIVE.
    pub inactive: i64,
}

impl Total {
    /// One more of this status.
    pub(super) fn came(&mut self, status: ContactStatus) {
        *self.of_mut(status) += 1;
    }

    /// One less of this status.
    pub(super) fn went(&mut self, status: ContactStatus) {
        *self.of_mut(status) -= 1;
    }

    /// Those of one status.
    pub fn of(&self, status: ContactStatus) -> i64 {
        match status {
            ContactStatus::Active => self.active,
            ContactStatus::Inactive => self.inactive,
        }
    }

    fn of_mut(&mut self, status: ContactStatus) -> &mut i64 {
        match status {
            ContactStatus::Active => &mut self.active,
            ContactStatus::Inactive => &mut self.inactive,
        }
    }

    /// Adds the change to what is kept. The numbers of a workspace are spread over rows, so that writers seldom wait for each other; to be
    /// called once the contacts are locked.
    pub(super) async fn save(
        self,
        conn: &impl ConnectionTrait,
        workspace: WorkspaceId,
    ) -> Result<(), DbErr> {
        if self == Self::default() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO contact_total (workspace_id, shard, active, inactive) VALUES ($1, {}, $2, $3)
            ON CONFLICT (workspace_id, shard) DO UPDATE SET
                active = contact_total.active + excluded.active, inactive = contact_total.inactive + excluded.inactive",
            dialect::shard(conn.get_database_backend())
        );
        let values = [workspace.0.into(), self.active.into(), self.inactive.into()];
        conn.execute_raw(statement(conn, &sql, values)).await?;
        Ok(())
    }
}

/// How many contacts the viewer's workspace has.
///
/// # Errors
/// When the database is away.
pub async fn total(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Total> {
    let sql = "SELECT CAST(COALESCE(SUM(active), 0) AS bigint) AS active, CAST(COALESCE(SUM(inactive), 0) AS bigint) AS inactive
        FROM contact_total WHERE workspace_id = $1";
    let row = conn
        .query_one_raw(statement(conn, sql, [viewer.workspace_id.0.into()]))
        .await?;
    Ok(match row {
        Some(row) => Total {
            active: row.try_get("", "active")?,
            inactive: row.try_get("", "inactive")?,
        },
        None => Total::default(),
    })
}
