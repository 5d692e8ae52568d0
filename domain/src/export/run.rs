//! The steps of an export's job: it takes the export up, writes the file, and ends or gives up the export.

use super::{Contents, Sink, Wanted, save};
use crate::{
    clock,
    contact::Selected,
    db::{Db, Tx},
    error::Result,
    pending_object,
    store::{Store, random_name},
    text,
    viewer::Viewer,
};
use entity::{
    export::{self, Model},
    id::ExportId,
    job::JobStatus,
};
use object_store::buffered::BufWriter;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

/// Between two notes of how far it is, which also ask whether somebody has cancelled it.
const PAUSE: Duration = Duration::from_millis(250);

/// How a run came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// There is no more to do for it.
    Over,
    /// The process stops; the export begins anew.
    Stopped,
}

/// Writes an export's file, from its beginning.
///
/// # Errors
/// When the database or the store is away.
pub async fn run(db: &Db, store: &Store, id: ExportId, stop: &CancellationToken) -> Result<Ran> {
    let Some(viewer) = Viewer::for_job::<export::Entity>(db, id).await? else {
        return Ok(Ran::Over);
    };
    let key = format!("exports/{}/contacts.csv", random_name()?);
    let Some((export, left)) = begin(db, &viewer, id, &key).await? else {
        return Ok(Ran::Over);
    };
    // What a run has left that was killed. One that still runs finds the export taken over, and clears up behind itself.
    if let Some(left) = left {
        pending_object::discard(db, store, &left).await?;
    }
    let contents = match open(db, &export).await {
        Ok(contents) => contents,
        Err(error) => return fail(db, &viewer, id, &key, error.for_people()?).await,
    };
    if !counted(db, &viewer, id, &key, &contents).await? {
        return Ok(Ran::Over);
    }
    pending_object::note(db, &key).await?;
    let mut upload = Upload {
        db,
        viewer: &viewer,
        id,
        key: &key,
        stop,
        writer: store.writer(&key),
        sha256: Sha256::new(),
        size: 0,
        looked: Instant::now(),
    };
    let written = contents.write(&mut upload).await;
    if let Ok(true) = written {
        upload.writer.shutdown().await?;
        let file = (upload.size, upload.sha256);
        if finish(db, &viewer, id, &key, file).await? {
            return Ok(Ran::Over);
        }
    } else {
        upload.writer.abort().await?;
    }
    pending_object::discard(db, store, &key).await?;
    written?;
    Ok(if stop.is_cancelled() {
        Ran::Stopped
    } else {
        Ran::Over
    })
}

/// Gives up an export whose job has failed too often.
///
/// # Errors
/// When the database is away.
pub async fn give_up(db: &Db, id: ExportId) -> Result<()> {
    let Some(viewer) = Viewer::for_job::<export::Entity>(db, id).await? else {
        return Ok(());
    };
    let tx = db.write().await?;
    let found = viewer.lock::<export::Entity>(&tx, id).await?;
    if let Some(export) = found.filter(|export| !export.status.is_final()) {
        let message =
            "An internal error stopped the export, again and again; the log has the cause.";
        end(&tx, export, JobStatus::Failed, Some(message.to_owned())).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The export, locked, if it runs and this run, which writes to `key`, is the one that writes it.
async fn held(tx: &Tx, viewer: &Viewer, id: ExportId, key: &str) -> Result<Option<Model>> {
    let found = viewer.lock::<export::Entity>(tx, id).await?;
    Ok(found.filter(|export| {
        export.status == JobStatus::Running && export.writing_key.as_deref() == Some(key)
    }))
}

/// Takes the export up, also from another run, whose file's place comes back too. None where it has ended or is gone.
async fn begin(
    db: &Db,
    viewer: &Viewer,
    id: ExportId,
    key: &str,
) -> Result<Option<(Model, Option<String>)>> {
    let tx = db.write().await?;
    let Some(mut export) = viewer
        .lock::<export::Entity>(&tx, id)
        .await?
        .filter(|export| !export.status.is_final())
    else {
        return Ok(None);
    };
    export.status = JobStatus::Running;
    export.started_at = export.started_at.or_else(|| Some(clock::now()));
    let left = export.writing_key.replace(key.to_owned());
    (export.total, export.row_count) = (None, 0);
    let export = save(&tx, export).await?;
    tx.commit().await?;
    Ok(Some((export, left)))
}

async fn open(db: &Db, export: &Model) -> Result<Contents> {
    let wanted = Wanted {
        selected: Selected::kept(&export.selection)?,
        columns: export.columns.0.clone(),
        sort: export.sort.clone(),
        format: export.format,
    };
    Contents::open(db, export.workspace_id, wanted).await
}

/// Notes how many contacts there are, at which moment.
async fn counted(
    db: &Db,
    viewer: &Viewer,
    id: ExportId,
    key: &str,
    contents: &Contents,
) -> Result<bool> {
    let tx = db.write().await?;
    let Some(mut export) = held(&tx, viewer, id, key).await? else {
        return Ok(false);
    };
    export.total = Some(contents.total());
    export.snapshot_at = Some(contents.at());
    save(&tx, export).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends the export with its file; false where it is no longer this run's.
async fn finish(
    db: &Db,
    viewer: &Viewer,
    id: ExportId,
    key: &str,
    (size, sha256): (u64, Sha256),
) -> Result<bool> {
    let tx = db.write().await?;
    let Some(mut export) = held(&tx, viewer, id, key).await? else {
        return Ok(false);
    };
    pending_object::settle(&tx, key).await?;
    export.row_count = export.total.unwrap_or_default();
    export.file_key = Some(key.to_owned());
    export.file_size = i64::try_from(size).unwrap_or(i64::MAX);
    export.sha256 = Some(text::hex(&sha256.finalize()));
    end(&tx, export, JobStatus::Completed, None).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends the export with what a person can mend.
async fn fail(db: &Db, viewer: &Viewer, id: ExportId, key: &str, message: String) -> Result<Ran> {
    let tx = db.write().await?;
    if let Some(export) = held(&tx, viewer, id, key).await? {
        end(&tx, export, JobStatus::Failed, Some(message)).await?;
        tx.commit().await?;
    }
    Ok(Ran::Over)
}

async fn end(
    tx: &Tx,
    mut export: Model,
    status: JobStatus,
    message: Option<String>,
) -> Result<Model> {
    export.status = status;
    export.failure_message = message;
    export.finished_at = Some(clock::now());
    save(tx, export).await
}

/// The file on its way into the store.
struct Upload<'a> {
    db: &'a Db,
    viewer: &'a Viewer,
    id: ExportId,
    key: &'a str,
    stop: &'a CancellationToken,
    writer: BufWriter,
    sha256: Sha256,
    size: u64,
    looked: Instant,
}

impl Sink for Upload<'_> {
    async fn take(&mut self, bytes: Vec<u8>, rows: i64) -> Result<bool> {
        self.sha256.update(&bytes);
        self.size += bytes.len() as u64;
        self.writer.put(bytes.into()).await?;
        if self.stop.is_cancelled() {
            return Ok(false);
        }
        if self.looked.elapsed() < PAUSE {
            return Ok(true);
        }
        self.looked = Instant::now();
        let tx = self.db.write().await?;
        let Some(mut export) = held(&tx, self.viewer, self.id, self.key).await? else {
            return Ok(false);
        };
        export.row_count = rows;
        save(&tx, export).await?;
        tx.commit().await?;
        Ok(true)
    }
}
