//! Opens what the settings name: data directory, database (migrated first), object store.

use crate::{config::Config, failure::explain, terminal};
use anyhow::{Context, Result};
use domain::{
    channel::{Caller, Providers},
    db::{self, Db},
    seal::Vault,
    store::Store,
    workspace,
};
use jobs::{AtWork, Pulse, Services, Turns};
use sea_orm::{Database, DatabaseConnection};
use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt};

/// Connections of requests and jobs. SQLite has one writer, and readers beyond the cores wait for each other; one more is held by the
/// watch for what other processes write.
const CONNECTIONS: u32 = 7;

/// On PostgreSQL they wait for another machine instead.
const CONNECTIONS_POSTGRES: u32 = 16;

/// Connections of the workers' own statements.
const WORKER_CONNECTIONS: u32 = 2;

/// What is open.
pub(crate) struct Opened {
    /// The database, migrated.
    pub(crate) db: Db,
    /// The object store.
    pub(crate) store: Store,
}

/// Opens everything. Any number of processes may do it at once.
pub(crate) async fn open(config: &Config) -> Result<Opened> {
    domain::filter::set_limits(config.requests.filter_limits());
    migrate(config).await?;
    let connections = if database_url(config)?.starts_with("sqlite:") {
        CONNECTIONS
    } else {
        CONNECTIONS_POSTGRES
    };
    let db = Db::open(&settings(config, connections)?)
        .await
        .context("the database cannot be opened")?;
    let store = Store::open(config.store_url.as_deref(), &config.data_dir)
        .context("the object store cannot be opened")?;
    Ok(Opened { db, store })
}

/// Makes the data directory and brings the database to this program's schema.
pub(crate) async fn migrate(config: &Config) -> Result<()> {
    let dir = &config.data_dir;
    // Nobody else's business: it holds people's data, and the secret.
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.with_context(|| format!("the data directory {} cannot be made", dir.display()))?;
    let pool = connect(config, 1).await?;
    migration::run(&pool)
        .await
        .context("the database cannot be migrated")?;
    pool.close().await?;
    Ok(())
}

/// What jobs need: the same, what speaks to providers, and a small pool for the workers.
pub(crate) async fn services(
    config: &Config,
    opened: &Opened,
    providers: Providers,
) -> Result<Services> {
    Ok(Services {
        db: opened.db.clone(),
        workers: connect(config, WORKER_CONNECTIONS).await?,
        store: opened.store.clone(),
        providers,
        sending: Turns::default(),
        applying: AtWork::default(),
        pulse: Pulse::default(),
    })
}

/// What speaks to the providers of channels; webhooks come to `public_url`.
pub(crate) fn providers(config: &Config, secret: &str, public_url: &str) -> Result<Providers> {
    let caller =
        Caller::new(config.allow_private_addresses).context("providers cannot be called")?;
    let vault = Vault::new(secret.as_bytes(), config.old_secret.as_slice()).map_err(explain)?;
    Ok(Providers::new(caller, vault, public_url))
}

/// How jobs are run.
pub(crate) fn job_settings(config: &Config) -> jobs::Settings {
    jobs::Settings {
        heartbeat: config.job_heartbeat,
    }
}

/// Makes the first workspace where there is none, for commands that need one; its owner's token is shown, since it cannot be found again.
pub(crate) async fn first_workspace(db: &Db) -> Result<()> {
    if let Some(token) = workspace::ensure_first(db).await.map_err(explain)? {
        terminal::say(format_args!(
            "The first workspace was made. Its owner's token, shown this once: {token}"
        ));
    }
    Ok(())
}

async fn connect(config: &Config, connections: u32) -> Result<DatabaseConnection> {
    let options = db::options(&settings(config, connections)?);
    Database::connect(options)
        .await
        .context("the database cannot be opened")
}

fn settings(config: &Config, max_connections: u32) -> Result<db::Settings> {
    Ok(db::Settings {
        url: database_url(config)?,
        max_connections,
    })
}

fn database_url(config: &Config) -> Result<String> {
    if let Some(url) = &config.database_url {
        return Ok(url.clone());
    }
    let path = config.data_dir.join("roster.db");
    let path = path
        .to_str()
        .context("the data directory's name is not UTF-8: name the database with DATABASE_URL")?;
    // The path stands in a URL.
    Ok(format!(
        "sqlite://{}",
        path.replace('%', "%25").replace('?', "%3F")
    ))
}
