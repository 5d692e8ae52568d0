//! A database of its own for each test, workers that stand for processes, and jobs that do as they are told.

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::db::WriteTurn;
use domain::queue::{self, JobId};
use jobs::queue::{Context, Error, Host, Outcome, Retry, Spec, Wake, run};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Whatever takes longer than this will not come.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Where a test's data is.
pub enum Store {
    Sqlite(PathBuf),
    Postgres(url::Url),
}

impl Store {
    /// A pool of its own, as a process has it.
    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = match self {
            Self::Sqlite(path) => {
                ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()))
            }
            Self::Postgres(url) => ConnectOptions::new(url.as_str()),
        };
        options.max_connections(5).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(30))
        });
        Database::connect(options).await.unwrap()
    }
}

/// Runs a test on a new SQLite file.
pub async fn sqlite<F: AsyncFnOnce(Store)>(test: F) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::Sqlite(folder.path().join("roster.db"));
    migration::queue::up(&store.connect().await).await.unwrap();
    test(store).await;
}

/// Runs a test in a new database of the server at `ROSTER_TEST_POSTGRES`; fails where that is not set.
pub async fn postgres<F: AsyncFnOnce(Store)>(test: F) {
    let server = std::env::var("ROSTER_TEST_POSTGRES")
        .expect("ROSTER_TEST_POSTGRES is not set: `tests/run -p jobs` starts a PostgreSQL");
    let maintenance = Database::connect(&server).await.unwrap();
    let name = format!("queue_{}", ulid::Ulid::generate()).to_lowercase();
    maintenance
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    let store = Store::Postgres(url);
    migration::queue::up(&store.connect().await).await.unwrap();
    test(store).await;
    maintenance
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .unwrap();
}

/// The queue that tests use.
pub const QUEUE: &str = "test";

/// What a job is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// End well.
    Finish,
    /// Take a while, then end well.
    Take(Duration),
    /// Go on until the token is cancelled, then come to a checkpoint.
    Endure,
    /// Fail every time.
    Fail,
    /// Fail in a way that another attempt would repeat.
    FailForGood,
    /// Panic in the first attempt, end well in the second.
    Panic,
}

/// The argument of the tests' jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Args {
    pub number: usize,
    pub deed: Deed,
}

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Started {
        number: usize,
        attempt: u32,
        by: &'static str,
    },
    Ended {
        number: usize,
    },
    Exhausted {
        number: usize,
        error: String,
    },
}

/// What happened so far, in order, with its moment.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<(Instant, Event)>>>);

impl Log {
    fn note(&self, event: Event) {
        self.0.lock().unwrap().push((Instant::now(), event));
    }

    pub fn events(&self) -> Vec<Event> {
        self.0
            .lock()
            .unwrap()
            .iter()
            .map(|(_, event)| event.clone())
            .collect()
    }

    /// Waits for an event and says when it happened.
    pub async fn wait(&self, wanted: &Event) -> Instant {
        let find = || {
            let events = self.0.lock().unwrap();
            events
                .iter()
                .find(|(_, event)| event == wanted)
                .map(|(at, _)| *at)
        };
        until(&format!("{wanted:?}"), async || find().is_some()).await;
        find().unwrap()
    }
}

/// Waits until a condition holds.
pub async fn until<F: AsyncFn() -> bool>(what: &str, condition: F) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until no job is left.
pub async fn idle(db: &DatabaseConnection) {
    until("an empty queue", async || {
        queue::unfinished(db).await.unwrap() == 0
    })
    .await;
}

/// Enqueues a job.
pub async fn enqueue<C: ConnectionTrait>(conn: &C, number: usize, deed: Deed) -> JobId {
    let payload = serde_json::to_vec(&Args { number, deed }).unwrap();
    queue::enqueue(conn, QUEUE, &payload, None).await.unwrap()
}

/// A worker with a pool, a token and pokes of its own, as if it were alone in its process.
pub struct Process {
    pub wake: Wake,
    pub stop: CancellationToken,
    pub task: JoinHandle<()>,
}

impl Process {
    /// Starts a worker with heartbeats of a second and quick retries.
    pub async fn start(
        store: &Store,
        log: &Log,
        by: &'static str,
        adjust: impl FnOnce(&mut Spec),
    ) -> Self {
        let mut spec = Spec::new(QUEUE);
        spec.heartbeat = Duration::from_secs(1);
        spec.retry = Retry {
            limit: 3,
            base: Duration::from_millis(10),
            cap: Duration::from_secs(1),
        };
        adjust(&mut spec);
        let host = Host {
            db: store.connect().await,
            turn: WriteTurn::default(),
            wake: Wake::default(),
            pulse: jobs::Pulse::default(),
            stop: CancellationToken::new(),
        };
        let (wake, stop) = (host.wake.clone(), host.stop.clone());
        let (seen, told) = (log.clone(), log.clone());
        let work = run(
            host,
            spec,
            move |args: Args, context: Context| perform(seen.clone(), by, args, context),
            move |args: Args, error: String| {
                let number = args.number;
                told.note(Event::Exhausted { number, error });
                std::future::ready(Ok(()))
            },
        );
        let task = tokio::spawn(work);
        Self { wake, stop, task }
    }

    /// Tells it to stop and waits until it has.
    pub async fn halt(self) {
        self.stop.cancel();
        within("a worker's end", self.task).await.unwrap();
    }

    /// Ends it as `kill -9` would: no heartbeat, no clearing up.
    pub async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

/// Waits for a future, but not for ever.
pub async fn within<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

async fn perform(
    log: Log,
    by: &'static str,
    args: Args,
    context: Context,
) -> Result<Outcome, Error> {
    let (number, attempt) = (args.number, context.attempt);
    log.note(Event::Started {
        number,
        attempt,
        by,
    });
    match args.deed {
        Deed::Finish => {}
        Deed::Take(time) => tokio::time::sleep(time).await,
        Deed::Endure => {
            context.stop.cancelled().await;
            return Ok(Outcome::Checkpointed);
        }
        Deed::Fail => return Err(std::io::Error::other("as told").into()),
        Deed::FailForGood => return Err(Error::permanent("for good")),
        Deed::Panic => assert!(attempt > 1, "as told"),
    }
    log.note(Event::Ended { number });
    Ok(Outcome::Done)
}
