//! Uploads that nobody started are not kept for ever: people's data lies in them.

use crate::{clock, db::Db, error::Result, event::Hint, store::Store};
use chrono::{DateTime, Utc};
use entity::import::{self, JobStatus};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use tokio_util::sync::CancellationToken;

/// One look at the table; the next goes on behind it.
const BATCH: u64 = 100;

/// Deletes the imports uploaded before `older_than` and never started, with what they keep in the store. Comes to an end early, with
/// nothing half done, when `stop` is cancelled. Returns how many went.
///
/// # Errors
/// When the database or the store is away; the next call goes on from there.
pub async fn drop_unstarted(
    db: &Db,
    store: &Store,
    older_than: DateTime<Utc>,
    stop: &CancellationToken,
) -> Result<u64> {
    close(db, older_than, stop).await?;
    let mut dropped = 0;
    while !stop.is_cancelled() {
        let batch = never_started(JobStatus::Cancelled, older_than)
            .filter(import::Column::ResultKey.is_null())
            .all(db.read())
            .await?;
        if batch.is_empty() {
            break;
        }
        for import in batch {
            // The file goes before the row: a crash in between leaves a row that the next call finds, never a file that nobody knows.
            if let Some(key) = &import.source_key {
                store.delete(key).await?;
            }
            let tx = db.write().await?;
            let (workspace, id) = (import.workspace_id, import.id);
            import::ActiveModel::from(import).delete(&*tx).await?;
            tx.announce(Hint::Import {
                workspace,
                import: id,
            })
            .await?;
            tx.commit().await?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

/// Cancels them first: from that commit on nobody can start one whose file is about to go.
async fn close(db: &Db, older_than: DateTime<Utc>, stop: &CancellationToken) -> Result<()> {
    while !stop.is_cancelled() {
        let tx = db.write().await?;
        let batch = never_started(JobStatus::Inspected, older_than)
            .lock_exclusive()
            .all(&*tx)
            .await?;
        if batch.is_empty() {
            break;
        }
        for import in batch {
            let mut row = import::ActiveModel::from(import);
            row.status = Set(JobStatus::Cancelled);
            row.finished_at = Set(Some(clock::now()));
            row.update(&*tx).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Imports of this status that no worker has touched, of every workspace.
#[allow(
    clippy::disallowed_methods,
    reason = "uploads are cleared away in all workspaces alike"
)]
fn never_started(status: JobStatus, older_than: DateTime<Utc>) -> sea_orm::Select<import::Entity> {
    import::Entity::find()
        .filter(import::Column::Status.eq(status))
        .filter(import::Column::StartedAt.is_null())
        .filter(import::Column::CreatedAt.lt(older_than))
        .order_by_asc(import::Column::Id)
        .limit(BATCH)
}
