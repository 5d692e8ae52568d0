//! What a worker asks of either database: to register it, to note its heartbeats, to take back what dead workers hold,
//! to pick the next job. The statements are apalis' own; the ends of jobs are written by `attempt`.
//!
//! apalis' two storages are not used as they are: they write the end of a job from events that arrive late, so that a
//! job which has gone back to the queue and been taken again by the same worker could be marked as done; they fail
//! the worker over a payload that cannot be read; and they lose a poke that comes while they are looking.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use apalis_core::backend::WorkerFilter;
use apalis_core::backend::persistence::{Persistence, TaskEvent};
use apalis_core::task::Task;
use apalis_core::worker::context::WorkerContext;
use apalis_postgres::queries as postgres;
use apalis_sqlite::queries as sqlite;
use sea_orm::{DatabaseConnection, DbBackend};
use sqlx::{PgPool, SqlitePool};

use super::{Host, Spec};

/// What can go wrong between a worker and its database. Any of it ends the worker's life; it starts anew.
#[derive(Debug, thiserror::Error)]
pub(super) enum StorageError {
    #[error(transparent)]
    Sqlite(#[from] apalis_sqlite::Error),
    #[error(transparent)]
    Postgres(#[from] apalis_postgres::Error),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

#[derive(Clone)]
enum Pool {
    Sqlite(SqlitePool, apalis_sqlite::Config),
    Postgres(PgPool, apalis_postgres::Config),
}

impl Pool {
    fn new(db: &DatabaseConnection, queue: &str) -> Self {
        match db.get_database_backend() {
            DbBackend::Postgres => Self::Postgres(
                db.get_postgres_connection_pool().clone(),
                apalis_postgres::Config::default()
                    .queue(queue)
                    .batch_size(1),
            ),
            _ => Self::Sqlite(
                db.get_sqlite_connection_pool().clone(),
                apalis_sqlite::Config::default().queue(queue).batch_size(1),
            ),
        }
    }
}

/// The database side of one worker.
#[derive(Clone)]
pub(super) struct Source {
    pool: Pool,
    queue: &'static str,
    dead_after: u64,
    host: Host,
    fetching: Arc<AtomicBool>,
}

impl Source {
    pub(super) fn new(host: &Host, spec: &Spec) -> Self {
        Self {
            pool: Pool::new(&host.db, spec.queue),
            queue: spec.queue,
            dead_after: dead_after(spec.heartbeat),
            host: host.clone(),
            fetching: Arc::default(),
        }
    }

    /// Whether a look for the next job is under way: it must be seen through, or what it finds is stranded.
    pub(super) fn is_fetching(&self) -> bool {
        self.fetching.load(Ordering::SeqCst)
    }

    async fn fetch(&self, worker: &WorkerContext) -> Result<Vec<Task<Vec<u8>>>, StorageError> {
        let _turn = self.host.turn.take().await;
        Ok(match &self.pool {
            Pool::Sqlite(pool, config) => sqlite::fetch_next(pool, config, worker).await?,
            Pool::Postgres(pool, config) => {
                let mut conn = pool.acquire().await?;
                postgres::fetch_next(&mut *conn, config, worker).await?
            }
        })
    }

    /// Gives back to the queue what dead workers hold, and looks for it at once.
    async fn take_back(&self, except: WorkerFilter) -> Result<(), StorageError> {
        let turn = self.host.turn.take().await;
        let taken = match &self.pool {
            Pool::Sqlite(pool, _) => {
                let dead_after = i64::try_from(self.dead_after).unwrap_or(i64::MAX);
                sqlite::reenqueue_orphaned(pool, dead_after, self.queue, &except).await?
            }
            Pool::Postgres(pool, _) => {
                let mut conn = pool.acquire().await?;
                postgres::reenqueue_orphaned(&mut *conn, self.queue, self.dead_after).await?
            }
        };
        drop(turn);
        if taken > 0 {
            self.host.wake.poke();
        }
        Ok(())
    }
}

impl Persistence for Source {
    type Compact = Vec<u8>;
    type Response = ();
    type Error = StorageError;

    async fn register(&mut self, worker: &WorkerContext) -> Result<(), StorageError> {
        let turn = self.host.turn.take().await;
        match &self.pool {
            Pool::Sqlite(pool, config) => {
                sqlite::register_worker(pool, config, worker, "roster").await?
            }
            Pool::Postgres(pool, _) => {
                // The moment given is this machine's clock; the beat sets the database's own before anybody looks.
                let mut transaction = pool.begin().await?;
                postgres::register_worker(
                    &mut *transaction,
                    self.queue,
                    worker,
                    &Default::default(),
                    "roster",
                )
                .await?;
                postgres::keep_alive(&mut *transaction, self.queue, worker).await?;
                transaction.commit().await?;
            }
        }
        drop(turn);
        self.host.pulse.beat(self.queue);
        self.take_back(WorkerFilter::AllExcept(worker.name().to_owned()))
            .await
    }

    async fn heartbeat(&mut self, worker: &WorkerContext) -> Result<(), StorageError> {
        let turn = self.host.turn.take().await;
        match &self.pool {
            Pool::Sqlite(pool, config) => sqlite::keep_alive(pool, config, worker).await?,
            Pool::Postgres(pool, _) => {
                let mut conn = pool.acquire().await?;
                postgres::keep_alive(&mut *conn, self.queue, worker).await?;
            }
        }
        drop(turn);
        self.host.pulse.beat(self.queue);
        self.take_back(WorkerFilter::AllExcept(worker.name().to_owned()))
            .await
    }

    async fn fetch_next(
        &mut self,
        worker: &WorkerContext,
    ) -> Result<Vec<Task<Vec<u8>>>, StorageError> {
        loop {
            if self.host.stop.is_cancelled() {
                return Ok(Vec::new());
            }
            let pokes = self.host.wake.pokes();
            self.fetching.store(true, Ordering::SeqCst);
            let found = self.fetch(worker).await;
            self.fetching.store(false, Ordering::SeqCst);
            let found = found?;
            // A poke while looking may be for a job that was not there yet when the look began.
            if !found.is_empty() || pokes == self.host.wake.pokes() {
                return Ok(found);
            }
        }
    }

    async fn reenqueue_abandoned(
        &mut self,
        _: Vec<Task<Vec<u8>>>,
        _: &WorkerContext,
    ) -> Result<u64, StorageError> {
        // Nothing is ever buffered with one job a fetch; a worker that ends is retired with all it holds.
        Ok(0)
    }

    async fn handle_events(
        &mut self,
        _: Vec<TaskEvent<()>>,
        _: &WorkerContext,
    ) -> Result<(), StorageError> {
        Ok(())
    }

    async fn push_tasks(&mut self, _: Vec<Task<Vec<u8>>>) -> Result<(), StorageError> {
        unreachable!("jobs are enqueued in the caller's transaction, by domain::queue")
    }
}

/// Seconds without a beat after which a worker is dead: two beats. SQLite keeps whole seconds, so an age may seem up
/// to a second more than it is; the second bound keeps short beats from killing the living.
fn dead_after(heartbeat: Duration) -> u64 {
    let whole = |duration: Duration| duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    whole(heartbeat * 2).max(whole(heartbeat) + 2)
}
