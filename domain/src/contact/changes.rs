//! That contacts have changed, or whom a filter chooses: told with the commit, and counted, so that who has missed it finds out.

use crate::{
    db::{
        Tx,
        dialect::{self, statement},
    },
    error::Result,
    event::Hint,
    viewer::Viewer,
};
use entity::id::{ContactId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;

/// Contacts that a hint names at most; of more it says that there were many.
const NAMED: usize = 50;

/// Which contacts have changed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    /// These.
    These(&'a [ContactId]),
    /// Many, or something that filters look at beside contacts: a tag, a segment, a team.
    Many,
}

/// Tells of a change, once for a transaction, when it is clear that it will commit.
pub(crate) async fn announce(
    tx: &Tx,
    workspace: WorkspaceId,
    changed: Which<'_>,
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO contact_total (workspace_id, shard, active, inactive, changes) VALUES ($1, {}, 0, 0, 1)
        ON CONFLICT (workspace_id, shard) DO UPDATE SET changes = contact_total.changes + 1 RETURNING changes",
        dialect::shard(tx.get_database_backend())
    );
    let row = tx
        .query_one_raw(statement(&**tx, &sql, [workspace.0.into()]))
        .await?;
    let number = row.map_or(Ok(0), |row| row.try_get("", "changes"))?;
    let contacts = match changed {
        Which::These(ids) if ids.len() <= NAMED => Some(ids.into()),
        Which::These(_) | Which::Many => None,
    };
    tx.announce(Hint::Contacts {
        workspace,
        contacts,
        number,
    })
    .await
}

/// How many changes the viewer's workspace has seen: the number of the last one, where one connection alone writes.
///
/// # Errors
/// When the database is away.
pub(crate) async fn count(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(changes), 0) AS bigint) AS changes FROM contact_total WHERE workspace_id = $1";
    let row = conn
        .query_one_raw(statement(conn, sql, [viewer.workspace_id.0.into()]))
        .await?;
    Ok(match row {
        Some(row) => row.try_get("", "changes")?,
        None => 0,
    })
}

/// The same for every workspace that has had a contact.
pub(crate) async fn count_each(
    conn: &impl ConnectionTrait,
) -> Result<HashMap<WorkspaceId, i64>, DbErr> {
    let sql = "SELECT workspace_id, CAST(SUM(changes) AS bigint) AS changes FROM contact_total GROUP BY workspace_id";
    let rows = conn.query_all_raw(statement(conn, sql, [])).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get("", "workspace_id")?,
                row.try_get("", "changes")?,
            ))
        })
        .collect()
}
