//! `roster token create`.

use crate::{config::Config, failure::explain, open, terminal};
use anyhow::Result;
use clap::ValueEnum;
use domain::{
    token::{self, NewToken},
    viewer::Viewer,
    workspace,
};

/// What can be done with tokens here.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make an API token, and print it, and nothing else, on standard output. It cannot be shown again.
    Create(Create),
}

/// The token to make.
#[derive(clap::Args)]
pub(crate) struct Create {
    /// What it may do at most.
    #[arg(long)]
    role: Role,
    /// The workspace it opens. Without it, the oldest.
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// Says what it is for.
    #[arg(long, default_value = "Command line")]
    name: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Role {
    /// Everything.
    Owner,
    /// The contacts module, but not the workspace's people and channels.
    Manager,
    /// Their own conversations.
    Agent,
}

impl From<Role> for entity::role::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Manager => Self::Manager,
            Role::Agent => Self::Agent,
        }
    }
}

/// Does it.
pub(crate) async fn run(config: &Config, command: Command) -> Result<()> {
    let Command::Create(create) = command;
    let db = open::open(config).await?.db;
    open::first_workspace(&db).await?;
    let workspace = workspace::by_name(db.read(), create.workspace.as_deref())
        .await
        .map_err(explain)?;
    let new = NewToken {
        name: create.name,
        role: create.role.into(),
        restrictions: Vec::new(),
        member_id: None,
        expires_at: None,
    };
    let tx = db.write().await?;
    let (_, text) = token::create(&tx, &Viewer::command_line(workspace.id), new)
        .await
        .map_err(explain)?;
    tx.commit().await?;
    terminal::print(text);
    Ok(())
}
