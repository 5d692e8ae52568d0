//! What a test has: a database of its own, the real server on a real port, real workers, and people who may do different things.
//!
//! ```ignore
//! both! {
//!     async fn an_import_ends(t: &Harness) {
//!         let made = t.upload(&t.owner, CREATE, json!({ "input": … }), "people.csv", CSV).await;
//!         t.drained().await;
//!     }
//! }
//! ```
//!
//! Workers start with the first [`Harness::work`] or [`Harness::drained`], so that a test sees what waits in the queue. After the test
//! everything is stopped, and whatever was left over fails it: a job, a temporary file, an object that no row names.

mod client;
pub(crate) mod contents;
pub(crate) mod crowd;
mod database;
mod leftover;
pub(crate) mod mock;
mod people;
mod process;
pub(crate) mod site;
mod socket;
mod workers;

pub(crate) use client::Client;
pub(crate) use database::Kind;
pub(crate) use process::{Output, Process};
pub(crate) use site::Site;
pub(crate) use socket::Subscription;

use database::Database;
use domain::{
    channel::{Caller, Providers},
    db::{Db, Settings},
    link::Signer,
    queue,
    seal::Vault,
    store::Store,
};
use people::People;
use std::{
    ops::Deref,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Whatever takes longer than this will not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The largest upload that a test's server takes.
pub(crate) const MAX_UPLOAD: u64 = 8 * 1024 * 1024;

/// Makes two tests of each function, one for each database.
macro_rules! both {
    ($($(#[$attribute:meta])* async fn $name:ident($t:ident: &Harness) $body:block)+) => {
        $($(#[$attribute])* async fn $name($t: &$crate::harness::Harness) $body)+

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::harness::run($crate::harness::Kind::Sqlite, super::$name).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::harness::run($crate::harness::Kind::Postgres, super::$name).await;
            })+
        }
    };
}
pub(crate) use both;

/// As [`both!`], for tests that start processes of their own.
macro_rules! both_kinds {
    ($($(#[$attribute:meta])* async fn $name:ident($kind:ident: Kind) $body:block)+) => {
        $($(#[$attribute])* async fn $name($kind: $crate::harness::Kind) $body)+

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::harness::Kind::Sqlite).await;
            })+
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::harness::Kind::Postgres).await;
            })+
        }
    };
}
pub(crate) use both_kinds;

/// Runs a test on a database of its own and fails it when something is left over. [`both!`] calls this.
pub(crate) async fn run(kind: Kind, test: impl AsyncFnOnce(&Harness)) {
    let harness = Harness::start(kind).await;
    test(&harness).await;
    harness.finish().await;
}

/// A running Roster, and people to ask it as.
pub(crate) struct Harness {
    /// The server's own handle on the database: its `statements()` are those of requests, and of this handle.
    pub(crate) db: Db,
    /// The object store.
    pub(crate) store: Store,
    /// The token of the first workspace's owner, a member.
    pub(crate) owner: String,
    /// The token of a manager, a member.
    pub(crate) manager: String,
    /// The token of an agent, a member.
    pub(crate) agent: String,
    /// The token of another workspace's owner.
    pub(crate) stranger: String,
    client: Client,
    stop: CancellationToken,
    server: JoinHandle<()>,
    workers: Mutex<Option<JoinHandle<()>>>,
    database: Database,
    folder: TempDir,
}

impl Harness {
    async fn start(kind: Kind) -> Self {
        log();
        let folder = tempfile::Builder::new()
            .prefix("roster-")
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .unwrap();
        let database = Database::make(kind, folder.path()).await;
        let settings = Settings {
            url: database.url.clone(),
            max_connections: 8,
        };
        let db = Db::open(&settings).await.unwrap();
        let store = Store::open(None, folder.path()).unwrap();
        let people = People::move_in(&db).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = api::App {
            db: db.clone(),
            store: store.clone(),
            providers: providers(&format!("http://{address}")),
            signer: Signer::new("secret of the tests", &format!("http://{address}")),
            job_loop: None,
            has_probes: true,
            settings: api::Settings::new(store.temporary_dir(), MAX_UPLOAD),
        };
        let stop = CancellationToken::new();
        let server = tokio::spawn(api::serve(listener, app, stop.clone()));
        Self {
            db,
            store,
            owner: people.owner,
            manager: people.manager,
            agent: people.agent,
            stranger: people.stranger,
            client: Client::new(address),
            stop,
            server,
            workers: Mutex::default(),
            database,
            folder,
        }
    }

    /// The data directory.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the workers, once.
    pub(crate) fn work(&self) {
        let mut workers = self.workers.lock().unwrap();
        if workers.is_none() {
            *workers = Some(tokio::spawn(self.workers()));
        }
    }

    /// Waits, with workers at work, until no job is left.
    pub(crate) async fn drained(&self) {
        self.work();
        until("an empty queue", async || {
            queue::unfinished(self.db.read()).await.unwrap() == 0
        })
        .await;
    }

    /// Stops everything and looks for what is left over.
    async fn finish(self) {
        let unfinished = async || queue::unfinished(self.db.read()).await.unwrap();
        if self.workers.lock().unwrap().is_some() {
            // A job's effect is seen a moment before the job is ended.
            until("jobs to end (forget or cancel those to come)", async || {
                unfinished().await == 0
            })
            .await;
        }
        assert_eq!(
            unfinished().await,
            0,
            "jobs are left over: wait for them with `drained`, or cancel them"
        );
        // Connections that are kept for the next request would hold the server up.
        drop(self.client);
        self.stop.cancel();
        within("the server's end", self.server).await.unwrap();
        let workers = self.workers.into_inner().unwrap();
        if let Some(workers) = workers {
            within("the workers' end", workers).await.unwrap();
        }
        leftover::look(&self.db, self.folder.path()).await;
        self.db.read().clone().close().await.unwrap();
        self.database.remove().await;
    }
}

/// Takes jobs out of the queue that are to begin another day.
pub(crate) async fn forget_jobs(t: &Harness) {
    let tx = t.db.write().await.unwrap();
    let table = match t.db.backend() {
        sea_orm::DbBackend::Postgres => "apalis.jobs",
        _ => "Jobs",
    };
    let sql = format!("DELETE FROM {table} WHERE status = 'Pending'");
    sea_orm::ConnectionTrait::execute_unprepared(&*tx, &sql)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Asks the harness' own server.
impl Deref for Harness {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// What speaks to the mock.
fn providers(public_url: &str) -> Providers {
    let vault = Vault::new(b"secret of the tests", &[] as &[&str]).unwrap();
    Providers::new(Caller::new(true).unwrap(), vault, public_url)
}

/// Shows, with a test that fails, what went wrong inside; `ROSTER_LOG=debug` shows more. The first test of a process begins it.
fn log() {
    let filter = std::env::var("ROSTER_LOG").unwrap_or_else(|_| "warn".to_owned());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_test_writer()
        .try_init();
}

/// Waits until a condition holds; it is asked often and costs little.
pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// How many, of what a test's long variant has more of: a variable of the environment.
pub(crate) fn given(variable: &str, default: usize) -> usize {
    let given = std::env::var(variable).ok();
    given.map_or(default, |given| given.parse().expect("a number"))
}

/// Waits for a future, but not for ever.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
