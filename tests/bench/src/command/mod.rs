//! One file for each benchmark.

mod bed;
pub(crate) mod edits;
pub(crate) mod export;
pub(crate) mod idle;
pub(crate) mod import;
pub(crate) mod kill;
pub(crate) mod kinds;
pub(crate) mod load;
pub(crate) mod neighbour;
pub(crate) mod send;
pub(crate) mod sockets;
mod two_imports;
pub(crate) mod watch;
pub(crate) mod webhooks;

use crate::{client::Client, import as imports};
use crate::{
    database::Kind, postgres, report::Report, roster, roster::Roster, site::Site, source::Source,
};
use anyhow::Result;

/// A site with a running Roster whose channel and custom columns are there.
async fn open(kind: Kind) -> Result<(Site, Roster, Client)> {
    let site = Site::new(kind).await?;
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client(&site.settings).await?;
    imports::set_up(&client).await?;
    Ok((site, roster, client))
}

/// Fills it with people, by an import.
async fn fill(site: &Site, client: &Client, source: &Source) -> Result<()> {
    let file = source.write(&site.path().join("fill.csv"))?;
    let id = imports::begin(client, &file).await?;
    let state = imports::watch(client, &id).await?;
    state.check(&file.expected, state.created)?;
    std::fs::remove_file(file.path)?;
    Ok(())
}

/// Versions and settings.
async fn describe(report: &mut Report, kinds: &[Kind], seed: Option<u64>) -> Result<()> {
    report.fact("roster", roster::version().await?);
    if kinds.contains(&Kind::Postgres) {
        report.fact("PostgreSQL", postgres::settings().await?);
    }
    if kinds.contains(&Kind::Sqlite) {
        let mut conn = crate::database::Conn::open("sqlite::memory:").await?;
        let version = conn.text("SELECT sqlite_version()").await?;
        report.fact("SQLite", format!("{version}, WAL, synchronous=FULL"));
    }
    if let Some(seed) = seed {
        report.fact("seed", seed);
    }
    Ok(())
}
