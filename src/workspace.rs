//! `roster workspace create`.

use crate::{config::Config, failure::explain, open, terminal};
use anyhow::Result;
use domain::workspace;

/// What can be done with workspaces here.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a workspace. The first is made when roster first serves.
    Create {
        /// Its name; no other has it.
        name: String,
    },
}

/// Does it.
pub(crate) async fn run(config: &Config, command: Command) -> Result<()> {
    let Command::Create { name } = command;
    let db = open::open(config).await?.db;
    // The first one is there for those who name none; made later, it would not be the first.
    open::first_workspace(&db).await?;
    let tx = db.write().await?;
    let made = workspace::create(&tx, &name).await.map_err(explain)?;
    tx.commit().await?;
    terminal::print(made.id);
    terminal::say(
        "Nobody has a token for it yet: roster token create --role owner --workspace NAME makes one.",
    );
    Ok(())
}
