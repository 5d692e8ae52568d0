//! A database for one test: a copy of a template that was migrated once.
//!
//! Threads and processes race for the template, so a lock guards it; the key in its name is that of the test binary, which holds the
//! migrations: a new binary makes a new template.

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use std::{
    fs::{self, File},
    path::Path,
    time::UNIX_EPOCH,
};

/// Which of the two databases a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// One test's database.
pub(crate) struct Database {
    /// As `DATABASE_URL` takes it.
    pub(crate) url: String,
    /// Its name on the PostgreSQL server.
    name: Option<String>,
}

impl Database {
    /// Copies the template; SQLite's file goes into `folder`.
    pub(crate) async fn make(kind: Kind, folder: &Path) -> Self {
        match kind {
            Kind::Sqlite => {
                let path = folder.join("roster.db");
                copy_file(&path).await;
                Self {
                    url: format!("sqlite://{}", path.display()),
                    name: None,
                }
            }
            Kind::Postgres => {
                let name = format!("roster_test_{}", unique());
                copy_database(&name).await;
                Self {
                    url: url_of(&name),
                    name: Some(name),
                }
            }
        }
    }

    /// One that holds nothing, not even a schema.
    pub(crate) async fn make_empty(kind: Kind, folder: &Path) -> Self {
        match kind {
            Kind::Sqlite => Self {
                url: format!("sqlite://{}", folder.join("roster.db").display()),
                name: None,
            },
            Kind::Postgres => {
                let name = format!("roster_test_{}", unique());
                let server = maintenance().await;
                run(&server, &format!("CREATE DATABASE {name}")).await;
                server.close().await.unwrap();
                Self {
                    url: url_of(&name),
                    name: Some(name),
                }
            }
        }
    }

    /// Removes it, whoever is still connected. SQLite's file goes with its folder.
    pub(crate) async fn remove(self) {
        if let Some(name) = self.name {
            let server = maintenance().await;
            run(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn copy_file(to: &Path) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (template, making) = (folder.join("template.db"), folder.join("template.making"));
    let key_file = folder.join("template.key");
    let lock = File::create(folder.join("template.lock")).unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(&key_file).ok() != Some(key()) {
        for path in [&key_file, &template, &making] {
            let _ = fs::remove_file(path);
        }
        migrate(&format!("sqlite://{}?mode=rwc", making.display())).await;
        fs::rename(making, &template).unwrap();
        // The key comes last: without it the template is made again.
        fs::write(key_file, key()).unwrap();
    }
    fs::copy(template, to).unwrap();
}

async fn copy_database(name: &str) {
    let server = maintenance().await;
    let template = format!("roster_template_{}", key());
    // Any number will do, as long as it stays the same. The lock ends with the connection, also when a test panics here.
    run(&server, "SELECT pg_advisory_lock(7265737465)").await;
    let exists = "SELECT 1 FROM pg_database WHERE datname = $1";
    let exists =
        Statement::from_sql_and_values(DbBackend::Postgres, exists, [template.clone().into()]);
    if server.query_one_raw(exists).await.unwrap().is_none() {
        let making = format!("{template}_making");
        run(
            &server,
            &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"),
        )
        .await;
        run(&server, &format!("CREATE DATABASE {making}")).await;
        migrate(&url_of(&making)).await;
        run(
            &server,
            &format!("ALTER DATABASE {making} RENAME TO {template}"),
        )
        .await;
    }
    run(&server, "SELECT pg_advisory_unlock(7265737465)").await;
    run(
        &server,
        &format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await;
    server.close().await.unwrap();
}

async fn migrate(url: &str) {
    let conn = connect(url).await;
    migration::run(&conn).await.unwrap();
    // The last connection's end also moves SQLite's write-ahead log into the file.
    conn.close().await.unwrap();
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options
        .min_connections(0)
        .max_connections(1)
        .sqlx_logging(false);
    sea_orm::Database::connect(options).await.unwrap()
}

async fn maintenance() -> DatabaseConnection {
    connect(&server_url()).await
}

async fn run(conn: &DatabaseConnection, sql: &str) {
    conn.execute_unprepared(sql).await.unwrap();
}

fn server_url() -> String {
    std::env::var("ROSTER_TEST_POSTGRES").expect(
        "ROSTER_TEST_POSTGRES is not set: `tests/run` starts a PostgreSQL and runs every test on it, \
         `tests/run --test roster NAME` some of them",
    )
}

fn url_of(database: &str) -> String {
    let server = server_url();
    let (address, options) = server.split_once('?').unwrap_or((&server, ""));
    let (address, _) = address.rsplit_once('/').unwrap();
    format!("{address}/{database}?{options}")
}

/// Tells one build of the tests from the next.
fn key() -> String {
    let binary = std::env::current_exe().unwrap();
    let changed = fs::metadata(binary).unwrap().modified().unwrap();
    let age = changed.duration_since(UNIX_EPOCH).unwrap();
    age.as_nanos().to_string()
}

/// No other test has it, in this process or another.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}_{}_{number}", key(), std::process::id())
}
