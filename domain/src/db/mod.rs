//! The database: pools, and transactions that carry their hints and wake-ups to the commit.
//!
//! An operation opens one [`Tx`]; its steps take it by reference. On SQLite there is one writer at a time, so writers queue here, in
//! order, instead of polling the file's lock: nobody is starved by an import that writes batch after batch.

pub mod bulk;
pub mod dialect;

use crate::{
    error::Result,
    event::{Hint, Hub},
};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    TransactionTrait,
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use tokio::sync::OwnedMutexGuard;

/// How to reach a database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// Connections at most.
    pub max_connections: u32,
}

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    conn: DatabaseConnection,
    /// The connections that write. On SQLite it is one alone, since each keeps pages in memory, and forgets them when another writes.
    writers: DatabaseConnection,
    turn: WriteTurn,
    hub: Hub,
    statements: Arc<AtomicU64>,
    migrated: Arc<AtomicBool>,
}

impl Db {
    /// Opens a database that is there (a SQLite file is made where it is missing); does not migrate.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn open(settings: &Settings) -> Result<Self, DbErr> {
        let statements = Arc::new(AtomicU64::new(0));
        let conn = connect(options(settings), &statements).await?;
        let writers = match dialect::writer(options(settings)) {
            Some(options) => connect(options, &statements).await?,
            None => conn.clone(),
        };
        Ok(Self {
            turn: WriteTurn::of(conn.get_database_backend()),
            conn,
            writers,
            hub: Hub::default(),
            statements,
            migrated: Arc::default(),
        })
    }

    /// For reading, one statement after the other.
    pub fn read(&self) -> &DatabaseConnection {
        &self.conn
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn write(&self) -> Result<Tx, DbErr> {
        let turn = self.turn.take().await;
        let inner = self
            .writers
            .begin_with_options(dialect::write_options())
            .await?;
        Ok(Tx {
            inner,
            hints: Mutex::default(),
            counted: Mutex::default(),
            hub: self.hub.clone(),
            _turn: turn,
        })
    }

    /// The turn of writers, for what writes over another connection.
    pub fn write_turn(&self) -> WriteTurn {
        self.turn.clone()
    }

    /// Begins a transaction that reads: all of its statements see the same moment.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn snapshot(&self) -> Result<Snapshot, DbErr> {
        let options = dialect::snapshot_options(self.backend());
        Ok(Snapshot(self.conn.begin_with_options(options).await?))
    }

    /// Whether the database answers and has every step of this program's schema.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn is_ready(&self) -> Result<bool, DbErr> {
        if self.migrated.load(Ordering::Relaxed) {
            // Steps are never taken back, so that it answers is all there is left to ask.
            self.conn.ping().await?;
            return Ok(true);
        }
        let current = migration::is_current(&self.conn).await?;
        self.migrated.store(current, Ordering::Relaxed);
        Ok(current)
    }

    /// Closes every connection; what is asked afterwards fails as if the database were away.
    ///
    /// # Errors
    /// When a connection does not close.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.conn.close_by_ref().await?;
        self.writers.close_by_ref().await
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.conn.get_database_backend()
    }

    /// Whether hints of other processes arrive as they were given; else a hint of anything stands for all of them, and for those of this
    /// process too.
    pub(crate) fn hears_others(&self) -> bool {
        self.backend() == DbBackend::Postgres
    }

    /// Where hints arrive.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Connections that are in use and those that are not, of readers and writers together.
    pub fn connections(&self) -> (u32, u32) {
        let pools = [&self.conn, &self.writers];
        // On PostgreSQL both are the same pool.
        let count = if self.turn.0.is_some() { 2 } else { 1 };
        let (mut busy, mut idle) = (0, 0);
        for pool in &pools[..count] {
            let (size, resting) = dialect::pool(pool);
            busy += size.saturating_sub(resting);
            idle += resting;
        }
        (busy, idle)
    }

    /// Statements run so far, for tests and metrics.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

/// Opens a pool that counts its statements.
async fn connect(
    options: ConnectOptions,
    statements: &Arc<AtomicU64>,
) -> Result<DatabaseConnection, DbErr> {
    let mut conn = Database::connect(options).await?;
    let counter = Arc::clone(statements);
    conn.set_metric_callback(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    Ok(conn)
}

/// Connects with the settings that every pool of Roster has.
pub fn options(settings: &Settings) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .max_connections(settings.max_connections)
        .sqlx_logging(false);
    dialect::tune(&mut options);
    options
}

/// A transaction that reads what one moment saw.
pub struct Snapshot(DatabaseTransaction);

impl std::ops::Deref for Snapshot {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.0
    }
}

/// What is counted once something is committed.
type Counted = Box<dyn FnOnce() + Send>;

/// A transaction that may write; dropped without [`commit`](Self::commit) it leaves nothing.
pub struct Tx {
    inner: DatabaseTransaction,
    hints: Mutex<Vec<Hint>>,
    counted: Mutex<Vec<Counted>>,
    hub: Hub,
    _turn: Option<Turn>,
}

/// Whose turn it is to write to SQLite; PostgreSQL has none. Cheap to clone.
///
/// Whoever writes without it asks for the file's lock again and again, and may find it taken for as long as others write.
#[derive(Clone, Debug, Default)]
pub struct WriteTurn(Option<Arc<tokio::sync::Mutex<()>>>);

/// The turn to write, until it is dropped.
pub type Turn = OwnedMutexGuard<()>;

impl WriteTurn {
    fn of(backend: DbBackend) -> Self {
        Self((backend == DbBackend::Sqlite).then(Arc::default))
    }

    /// Waits for the turn, behind those who came before.
    pub async fn take(&self) -> Option<Turn> {
        let turn = self.0.as_ref()?;
        Some(Arc::clone(turn).lock_owned().await)
    }
}

impl Tx {
    /// Commits, and only then lets the hints out.
    ///
    /// # Errors
    /// When the database refuses; then nothing was written and nobody is told.
    pub async fn commit(self) -> Result<(), DbErr> {
        let hints = self
            .hints
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let counted = self.counted.into_inner();
        self.inner.commit().await?;
        for hint in hints {
            self.hub.send(hint);
        }
        for count in counted.unwrap_or_else(std::sync::PoisonError::into_inner) {
            count();
        }
        Ok(())
    }

    /// Counts something for `/metrics`, once it is committed.
    pub(crate) fn count(&self, count: impl FnOnce() + Send + 'static) {
        let mut counted = self
            .counted
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        counted.push(Box::new(count));
    }

    /// Announces `hint` with the commit.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn announce(&self, hint: Hint) -> Result<(), DbErr> {
        let said = format!("{} {hint}", self.hub.name());
        dialect::notify(&self.inner, &said).await?;
        self.hints
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(hint);
        Ok(())
    }
}

impl std::ops::Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.inner
    }
}
