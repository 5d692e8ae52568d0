//! An installation for the real program: a database and a data directory, over which processes come and go.

use super::{Kind, Output, Process, database::Database, leftover, until};
use domain::{
    db::{Db, Settings},
    queue,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::process::Command;

/// What processes share.
pub(crate) struct Site {
    /// A token of the owner; empty as long as nobody has made one.
    pub(crate) owner: String,
    database: Database,
    folder: TempDir,
    environment: Vec<(&'static str, &'static str)>,
}

impl Site {
    /// Migrated, with a first workspace and its owner.
    pub(crate) async fn new(kind: Kind) -> Self {
        let folder = folder();
        let database = Database::make(kind, folder.path()).await;
        let mut site = Self::of(database, folder);
        site.owner = site.token("owner").await;
        site
    }

    /// Nothing has ever been started here.
    pub(crate) async fn empty(kind: Kind) -> Self {
        let folder = folder();
        let database = Database::make_empty(kind, folder.path()).await;
        Self::of(database, folder)
    }

    fn of(database: Database, folder: TempDir) -> Self {
        Self {
            owner: String::new(),
            database,
            folder,
            environment: Vec::new(),
        }
    }

    /// With one more variable in the environment of what is started.
    #[cfg(feature = "otel")]
    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    /// A folder of the test's own: the data directory is `data` below it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with some arguments, in an environment that says where everything is and nothing else.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(programs().join("roster"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("DATABASE_URL", &self.database.url)
            .env("ROSTER_DATA_DIR", self.folder.path().join("data"))
            .env("ROSTER_LISTEN", "127.0.0.1:0")
            .envs(self.environment.iter().copied());
        command
    }

    /// Starts a process.
    pub(crate) fn start(&self, args: &[&str]) -> Process {
        Process::start(self.command(args), &self.owner)
    }

    /// Starts a server and waits until it is ready.
    pub(crate) async fn serve(&self, args: &[&str]) -> Process {
        let mut process = self.start(&[&["serve"], args].concat());
        process.ready().await;
        process
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, args: &[&str]) -> Output {
        self.start(args).end().await
    }

    /// Makes a token.
    pub(crate) async fn token(&self, role: &str) -> String {
        let made = self.run(&["token", "create", "--role", role]).await;
        assert_eq!(made.code, Some(0), "{made:?}");
        made.stdout.trim().to_owned()
    }

    /// Writes a file into the folder; returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The database, for looking at it.
    pub(crate) async fn db(&self) -> Db {
        let settings = Settings {
            url: self.database.url.clone(),
            max_connections: 2,
        };
        Db::open(&settings).await.unwrap()
    }

    /// Looks for what the processes left over, once all have ended.
    pub(crate) async fn finish(self) {
        let db = self.db().await;
        assert_eq!(queue::unfinished(db.read()).await.unwrap(), 0);
        leftover::look(&db, &self.folder.path().join("data")).await;
        db.read().clone().close().await.unwrap();
        self.database.remove().await;
    }

    /// Waits until no job is left.
    pub(crate) async fn drained(&self) {
        let db = self.db().await;
        until("an empty queue", async || {
            queue::unfinished(db.read()).await.unwrap() == 0
        })
        .await;
        db.read().clone().close().await.unwrap();
    }
}

/// Where the programs lie: those of this build, or of another one for tests that take long.
pub(crate) fn programs() -> PathBuf {
    let own = || {
        Path::new(env!("CARGO_BIN_EXE_roster"))
            .parent()
            .unwrap()
            .to_owned()
    };
    std::env::var_os("ROSTER_TEST_PROGRAMS").map_or_else(own, PathBuf::from)
}

/// How many runs of each job have ended badly, its worker's death included.
pub(crate) async fn attempts(db: &Db) -> Vec<i32> {
    let table = match db.backend() {
        DbBackend::Postgres => "apalis.jobs",
        _ => "Jobs",
    };
    let sql = format!("SELECT attempts FROM {table} ORDER BY id");
    let rows = db
        .read()
        .query_all_raw(Statement::from_string(db.backend(), sql));
    let rows = rows.await.unwrap();
    rows.iter()
        .map(|row| row.try_get("", "attempts").unwrap())
        .collect()
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("roster-")
        .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
        .unwrap()
}
