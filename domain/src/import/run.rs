//! The steps around an import's batches: its job takes it up, ends it, or gives it up.

use crate::{
    clock,
    db::{Db, Tx},
    error::Result,
    event::Hint,
    viewer::Viewer,
};
use entity::{id::ImportId, import, job::JobStatus};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

/// Takes an import up: QUEUED becomes RUNNING. Returns it as it stands, whatever that is; none where it is gone.
///
/// # Errors
/// When the database is away.
pub async fn take_up(db: &Db, viewer: &Viewer, id: ImportId) -> Result<Option<import::Model>> {
    let tx = db.write().await?;
    let Some(mut import) = viewer.lock::<import::Entity>(&tx, id).await? else {
        return Ok(None);
    };
    if import.status == JobStatus::Queued {
        import.status = JobStatus::Running;
        import.started_at = import.started_at.or_else(|| Some(clock::now()));
        import = save(&tx, import).await?;
        tx.commit().await?;
    }
    Ok(Some(import))
}

/// A file that an import has made.
#[derive(Debug, Clone)]
pub struct MadeFile {
    /// Where it lies in the store.
    pub key: String,
    /// Bytes.
    pub size: u64,
}

/// Ends an import whose rows all have an outcome, or that was cancelled: its files are there. `cursor` is where this run left it; false
/// where another run has been at work.
///
/// # Errors
/// When the database is away.
pub async fn finish(
    db: &Db,
    viewer: &Viewer,
    id: ImportId,
    cursor: i64,
    result: MadeFile,
    failed: Option<MadeFile>,
) -> Result<bool> {
    let tx = db.write().await?;
    let Some(mut import) = viewer
        .lock::<import::Entity>(&tx, id)
        .await?
        .filter(|import| import.cursor == cursor)
    else {
        return Ok(false);
    };
    match import.status {
        JobStatus::Running => {
            import.status = JobStatus::Completed;
            import.finished_at = Some(clock::now());
        }
        JobStatus::Cancelled => {}
        JobStatus::Inspected
        | JobStatus::Scheduled
        | JobStatus::Queued
        | JobStatus::Paused
        | JobStatus::Completed
        | JobStatus::Failed => {
            return Ok(false);
        }
    }
    let bytes = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    (import.result_size, import.result_key) = (bytes(result.size), Some(result.key));
    if let Some(failed) = failed {
        (import.failed_size, import.failed_key) = (bytes(failed.size), Some(failed.key));
    }
    save(&tx, import).await?;
    tx.commit().await?;
    Ok(true)
}

/// Gives up an import whose job has failed too often. What went in stays; the message says so, and not how the program broke.
///
/// # Errors
/// When the database is away.
pub async fn give_up(db: &Db, id: ImportId) -> Result<()> {
    let Some(viewer) = Viewer::for_job::<import::Entity>(db, id).await? else {
        return Ok(());
    };
    let tx = db.write().await?;
    let Some(mut import) = viewer
        .lock::<import::Entity>(&tx, id)
        .await?
        .filter(|import| !import.status.is_final())
    else {
        return Ok(());
    };
    import.status = JobStatus::Failed;
    import.failure_message = Some(format!(
        "An internal error stopped the import after {} rows, again and again. These rows stay as the counts say; the log has the \
         cause. Importing the file again changes nothing twice.",
        import.cursor
    ));
    import.finished_at = Some(clock::now());
    save(&tx, import).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes the import's row as it now stands, and tells those who watch it with the commit.
pub(super) async fn save(tx: &Tx, mut import: import::Model) -> Result<import::Model> {
    import.updated_at = Some(clock::now());
    let import = import.into_active_model().reset_all().update(&**tx).await?;
    announce(tx, &import).await?;
    Ok(import)
}

/// Tells those who watch the import, with the commit.
pub(super) async fn announce(tx: &Tx, import: &import::Model) -> Result<()> {
    Ok(tx
        .announce(Hint::Work {
            workspace: import.workspace_id,
            work: import.id.into(),
        })
        .await?)
}
