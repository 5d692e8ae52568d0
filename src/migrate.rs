//! `roster migrate`: the database's schema, and nothing else.

use crate::{config::Config, open, terminal};
use anyhow::Result;

/// Migrates.
pub(crate) async fn run(config: &Config) -> Result<()> {
    open::migrate(config).await?;
    terminal::say("The database is up to date.");
    Ok(())
}
