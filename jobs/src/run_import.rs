//! Runs an import: finds the rows that come again, writes batch after batch, makes the result files.
//!
//! It may be killed anywhere and begins again behind the last commit. It may run twice at the same time: each commit checks that the
//! cursor is where this run left it, and a run that finds another there ends.

mod batch_size;
mod growth;

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use batch_size::BatchSize;
use domain::{
    csv_file::Reader,
    error::Result,
    import::{
        self, Plan, Row, Superseded, Written, result,
        run::{self, MadeFile},
    },
    job::RunImport,
    viewer::Viewer,
};
use entity::{import::Model as Import, job::JobStatus};
use growth::Growth;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Runs one import as far as it can.
///
/// # Errors
/// When the database or the object store is away; the queue tries again.
pub async fn handle(
    services: Arc<Services>,
    job: RunImport,
    context: Context,
) -> Result<Outcome, Error> {
    Ok(run(&services, &job, &context.stop).await?)
}

/// Says that an import's job was given up.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn give_up(services: Arc<Services>, job: RunImport, _error: String) -> Result<(), Error> {
    Ok(run::give_up(&services.db, job.import_id).await?)
}

async fn run(
    services: &Arc<Services>,
    job: &RunImport,
    stop: &CancellationToken,
) -> Result<Outcome> {
    let Some(viewer) =
        Viewer::for_job::<entity::import::Entity>(&services.db, job.import_id).await?
    else {
        return Ok(Outcome::Done);
    };
    let Some(import) = run::take_up(&services.db, &viewer, job.import_id).await? else {
        return Ok(Outcome::Done);
    };
    let import = match import.status {
        JobStatus::Running => {
            let plan = Arc::new(Plan::load(services.db.read(), &viewer, &import).await?);
            match write_rows(services, &viewer, &plan, import, stop).await? {
                Rows::Done(import) => *import,
                Rows::Stopped => return Ok(Outcome::Checkpointed),
                Rows::Elsewhere => return Ok(Outcome::Done),
            }
        }
        // Cancelled before any worker saw it: the files still say so.
        JobStatus::Cancelled if import.result_key.is_none() && import.row_count.is_some() => import,
        _ => return Ok(Outcome::Done),
    };
    make_files(services, &viewer, &import, stop).await
}

/// How far the rows came.
enum Rows {
    /// All have an outcome, or somebody cancelled the import: it wants its files.
    Done(Box<Import>),
    /// This process stops.
    Stopped,
    /// Another run is at work, or was.
    Elsewhere,
}

/// Writes all rows that have no outcome yet.
async fn write_rows(
    services: &Arc<Services>,
    viewer: &Viewer,
    plan: &Arc<Plan>,
    mut import: Import,
    stop: &CancellationToken,
) -> Result<Rows> {
    if import.cursor < plan.rows_taken() {
        let Some(superseded) = find_superseded(services, plan, stop).await? else {
            return Ok(Rows::Stopped);
        };
        let (sender, mut chunks) = mpsc::channel(CHUNKS_AHEAD);
        let reading = read_rows(services, plan, superseded, import.cursor, sender).await?;
        let mut rows: Vec<Row> = Vec::new();
        let mut size = BatchSize::new(services);
        let mut growth = Growth::new(services, viewer, &import).await?;
        loop {
            if stop.is_cancelled() {
                return Ok(Rows::Stopped);
            }
            while rows.len() < size.rows
                && let Some(chunk) = chunks.recv().await
            {
                rows.extend(chunk);
            }
            if rows.is_empty() {
                break;
            }
            let end = rows.len().min(size.rows);
            let (written, took) =
                write_batch(services, viewer, plan, import.cursor, &rows[..end]).await?;
            match written {
                Written::Rows(taken, written) => {
                    size.adapt(taken, took);
                    rows.drain(..taken);
                    import = *written;
                    growth.goes_on(services, &import).await?;
                }
                Written::Again => {}
                Written::Ended => return ended(services, viewer, &import).await,
            }
        }
        drop(chunks);
        growth.ends(services, &import).await?;
        reading
            .await
            .map_err(|error| domain::error::Error::Broken(error.to_string()))??;
    }
    let line = line_past_limit(services, plan).await?;
    let tx = services.db.write().await?;
    match import::discard_rest(&tx, viewer, plan, import.cursor, line).await? {
        Written::Rows(_, written) => {
            tx.commit().await?;
            Ok(Rows::Done(written))
        }
        Written::Again | Written::Ended => {
            drop(tx);
            ended(services, viewer, &import).await
        }
    }
}

/// The line of the first row that is discarded; 0 where none is.
async fn line_past_limit(services: &Services, plan: &Arc<Plan>) -> Result<i64> {
    if plan.rows_taken() == plan.row_count {
        return Ok(0);
    }
    let source = services.store.read_blocking(&plan.source_key).await?;
    let plan = Arc::clone(plan);
    blocking(move || {
        let mut reader = Reader::open(source, plan.layout)?;
        reader.skip_to(u64::try_from(plan.rows_taken()).unwrap_or_default() + 1)?;
        let record = reader.read_record()?;
        Ok(record.map_or(0, |record| i64::try_from(record.line()).unwrap_or(i64::MAX)))
    })
    .await
}

/// What somebody else did to the import: cancelled, it wants its files; otherwise another run has them.
async fn ended(services: &Services, viewer: &Viewer, import: &Import) -> Result<Rows> {
    let now = import::get(services.db.read(), viewer, import.id).await?;
    let cancelled =
        now.filter(|now| now.status == JobStatus::Cancelled && now.result_key.is_none());
    Ok(cancelled.map_or(Rows::Elsewhere, |import| Rows::Done(Box::new(import))))
}

/// Writes a batch; returns how long others had to wait for it, too. Its own wait for its turn is not part of that.
async fn write_batch(
    services: &Services,
    viewer: &Viewer,
    plan: &Plan,
    cursor: i64,
    rows: &[Row],
) -> Result<(Written, Duration)> {
    let tx = services.db.write().await?;
    import::take_turn(&tx, viewer).await?;
    let begun = Instant::now();
    let written = import::write(&tx, viewer, plan, cursor, rows).await?;
    if let Written::Rows(..) = written {
        tx.commit().await?;
    }
    Ok((written, begun.elapsed()))
}

/// Rows that travel together from the reading thread, and how many such chunks it may be ahead: a whole batch, so that the next one is
/// there when the database has taken this one.
const CHUNK: usize = 500;
const CHUNKS_AHEAD: usize = 8;

async fn find_superseded(
    services: &Arc<Services>,
    plan: &Arc<Plan>,
    stop: &CancellationToken,
) -> Result<Option<Superseded>> {
    let (services, plan, stop) = (Arc::clone(services), Arc::clone(plan), stop.clone());
    let runtime = tokio::runtime::Handle::current();
    blocking(move || {
        let open = || runtime.block_on(services.store.read_blocking(&plan.source_key));
        import::find_superseded(&plan, &services.store, &open, &|| stop.is_cancelled())
    })
    .await
}

/// Reads rows behind `cursor` on a thread of its own, until they end or nobody listens.
async fn read_rows(
    services: &Services,
    plan: &Arc<Plan>,
    mut superseded: Superseded,
    cursor: i64,
    to: mpsc::Sender<Vec<Row>>,
) -> Result<tokio::task::JoinHandle<Result<()>>> {
    let source = services.store.read_blocking(&plan.source_key).await?;
    let plan = Arc::clone(plan);
    Ok(tokio::task::spawn_blocking(move || {
        let mut reader = Reader::open(source, plan.layout)?;
        reader.skip_to(u64::try_from(cursor).unwrap_or_default() + 1)?;
        let mut chunk = Vec::with_capacity(CHUNK);
        while let Some(record) = reader.read_record()? {
            let mut row = plan.read(&record);
            if row.row > plan.rows_taken() {
                break;
            }
            row.mark(superseded.contains(row.row)?);
            chunk.push(row);
            if chunk.len() == CHUNK
                && to
                    .blocking_send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)))
                    .is_err()
            {
                return Ok(());
            }
        }
        if !chunk.is_empty() {
            let _ = to.blocking_send(chunk);
        }
        Ok(())
    }))
}

/// Makes both files and ends the import.
async fn make_files(
    services: &Arc<Services>,
    viewer: &Viewer,
    import: &Import,
    stop: &CancellationToken,
) -> Result<Outcome> {
    let plan = Plan::load(services.db.read(), viewer, import).await?;
    let folder = plan
        .source_key
        .rsplit_once('/')
        .map_or("imports", |(folder, _)| folder)
        .to_owned();
    let source = services.store.read_blocking(&plan.source_key).await?;
    let (sender, errors) = mpsc::channel(2);
    let (store, stopped, done) = (services.store.clone(), stop.clone(), import.cursor);
    let writing = blocking(move || {
        result::write(&plan, source, done, errors, &|| store.temporary(), &|| {
            stopped.is_cancelled()
        })
    });
    let (sent, written) = tokio::join!(
        result::send_errors(&services.db, import.id, sender),
        writing
    );
    let Some(written) = written? else {
        return Ok(Outcome::Checkpointed);
    };
    sent?;
    let result = put(services, format!("{folder}/result.csv"), written.result).await?;
    let failed = match written.failed {
        Some(file) => Some(put(services, format!("{folder}/failed.csv"), file).await?),
        None => None,
    };
    run::finish(
        &services.db,
        viewer,
        import.id,
        import.cursor,
        result,
        failed,
    )
    .await?;
    Ok(Outcome::Done)
}

async fn put(services: &Services, key: String, file: std::fs::File) -> Result<MadeFile> {
    let size = services.store.put_file(&key, file).await?;
    Ok(MadeFile { key, size })
}

/// Runs on a thread that may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| domain::error::Error::Broken(error.to_string()))?
}
