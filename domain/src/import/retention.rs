//! Uploads that nobody started are not kept for ever: people's data lies in them.

use crate::{clock, db::Db, error::Result, event::Hint, store::Store};
use chrono::{DateTime, Utc};
use entity::{import, job::JobStatus};
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
            tx.announce(Hint::Work {
                workspace,
                work: id.into(),
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
            let now = clock::now();
            (row.finished_at, row.updated_at) = (Set(Some(now)), Set(Some(now)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db,
        import::{NewImport, Settings, Uploaded, create, get, start},
        viewer::Viewer,
        workspace,
    };
    use chrono::TimeDelta;
    use entity::import::ImportKind;
    use sea_orm::{Database, IntoActiveModel};
    use std::io::Write;

    async fn open(folder: &std::path::Path) -> (Db, Store, Viewer) {
        let settings = |max_connections| db::Settings {
            url: format!("sqlite://{}/roster.db", folder.display()),
            max_connections,
        };
        let pool = Database::connect(db::options(&settings(1))).await.unwrap();
        migration::run(&pool).await.unwrap();
        let db = Db::open(&settings(2)).await.unwrap();
        workspace::ensure_first(&db).await.unwrap();
        let first = workspace::by_name(db.read(), None).await.unwrap();
        let store = Store::open(None, folder).unwrap();
        (db, store, Viewer::command_line(first.id))
    }

    async fn upload(db: &Db, store: &Store, viewer: &Viewer, days_ago: i64) -> import::Model {
        let mut file = store.temporary().unwrap();
        file.write_all(b"email\na@example.com\n").unwrap();
        let uploaded = Uploaded {
            file,
            file_name: "a.csv".to_owned(),
            truncated: false,
        };
        let new = NewImport {
            kind: ImportKind::Contacts,
            consent_confirmed: true,
            settings: Settings::default(),
            start: false,
        };
        let made = create(db, store, viewer, uploaded, new, None)
            .await
            .unwrap();
        let tx = db.write().await.unwrap();
        let mut row = made.now().unwrap().into_active_model();
        row.created_at = Set(clock::now() - TimeDelta::days(days_ago));
        let row = row.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        row
    }

    #[tokio::test]
    async fn only_old_uploads_that_were_never_started_go() {
        let folder = tempfile::tempdir().unwrap();
        let (db, store, viewer) = open(folder.path()).await;
        let old = upload(&db, &store, &viewer, 8).await;
        let new = upload(&db, &store, &viewer, 6).await;
        let started = upload(&db, &store, &viewer, 8).await;
        let tx = db.write().await.unwrap();
        start(&tx, &viewer, started.id, Settings::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let cut = clock::now() - TimeDelta::days(7);
        let stop = CancellationToken::new();
        let dropped = drop_unstarted(&db, &store, cut, &stop).await.unwrap();
        assert_eq!(dropped, 1);
        for (import, stays) in [(old, false), (new, true), (started, true)] {
            let found = get(db.read(), &viewer, import.id).await.unwrap();
            assert_eq!(found.is_some(), stays, "{}", import.id);
            let file = store.read(&import.source_key.unwrap()).await;
            assert_eq!(file.is_ok(), stays, "{}", import.id);
        }
        assert_eq!(drop_unstarted(&db, &store, cut, &stop).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_a_killed_upload_left_goes_and_what_a_row_speaks_of_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (db, store, viewer) = open(folder.path()).await;
        let import = upload(&db, &store, &viewer, 0).await;
        // One was killed amid its writing, one behind it and before its row.
        let killed = ["imports/a/source.csv", "imports/b/source.csv"];
        let objects = folder.path().join("objects");
        for (key, file) in killed.iter().zip(["source.csv#1", "source.csv"]) {
            crate::pending_object::note(&db, key).await.unwrap();
            let place = objects.join(key).with_file_name(file);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, "half").unwrap();
        }
        let stop = CancellationToken::new();
        let cut = clock::now() - TimeDelta::days(7);
        let drop = async |cut| {
            crate::pending_object::drop_abandoned(&db, &store, cut, &stop)
                .await
                .unwrap()
        };
        assert_eq!(drop(cut).await, 0, "they may still be at work");
        assert_eq!(drop(clock::now()).await, 2);
        for key in killed {
            let folder = objects.join(key);
            let left = std::fs::read_dir(folder.parent().unwrap()).map(Iterator::count);
            assert_eq!(left.unwrap_or_default(), 0, "{key}");
        }
        assert!(store.read(&import.source_key.unwrap()).await.is_ok());
    }
}
