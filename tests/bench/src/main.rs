//! Roster's benchmarks. Each starts the release binary and, where it is wanted, a PostgreSQL of its own, speaks HTTP to it, and prints
//! a table: `cargo build --release && cargo run --release -p bench -- import --rows 100000`.
//!
//! A figure is to be read beside the floor of the same run: the same rows, or the same SQL, with nothing of Roster around it.

mod asked;
mod broadcast;
mod client;
mod command;
mod crowd;
mod csv_file;
mod database;
mod export;
mod floor;
mod import;
mod latency;
mod meter;
mod mock;
mod page_sql;
mod person;
mod postgres;
mod proc;
mod random;
mod report;
mod roster;
mod site;
mod snapshot;
mod source;

use anyhow::Result;
use clap::{Parser, Subcommand};
use database::{Choice, Kind};
use std::process::ExitCode;

/// Roster's benchmarks.
///
/// The program under test is the file `roster` beside this one, or ROSTER_BIN. PostgreSQL is started by tests/postgres, unless
/// ROSTER_TEST_POSTGRES names a server.
#[derive(Parser)]
#[command(name = "bench", version, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Import a file, then the same file again; beside the same contacts written without Roster.
    Import(command::import::Args),
    /// Edit and query while an import runs; two imports at once.
    Edits(command::edits::Args),
    /// Start to ready, and idle memory.
    Idle(command::idle::Args),
    /// Kinds of page of a large table, one client: latency, with the aim of each.
    Kinds(command::kinds::Args),
    /// Pages of the table by sixteen clients at once; beside the same SQL without Roster.
    Load(command::load::Args),
    /// Subscribers of counts while an import runs; beside the same import without them.
    Watch(command::watch::Args),
    /// Many WebSockets, each subscribed to one import that commits once a second: from commit to receipt, memory, statements.
    Sockets(command::sockets::Args),
    /// What `sockets` compares with, in a process of its own.
    #[command(hide = true)]
    SocketsFloor,
    /// Export all contacts, beside the same by SQL; and pages meanwhile.
    Export(command::export::Args),
    /// A broadcast to many through the mock provider; beside a bare loop of the same client.
    Send(command::send::Args),
    /// A broadcast beside one of another workspace, of which no call is ever answered.
    Neighbour(command::neighbour::Args),
    /// What a provider tells, partly twice and out of order, to a server that is killed meanwhile. Exit 1 where anything is lost or doubled.
    Webhooks(command::webhooks::Args),
    /// Kill imports at any moment, restart, and compare with one that was left alone. Exit 1 on any difference.
    Kill(command::kill::Args),
}

impl Command {
    fn databases(&self) -> Choice {
        match self {
            Self::Import(args) => args.common.database,
            Self::Edits(args) => args.common.database,
            Self::Idle(args) => args.database,
            Self::Kinds(args) => args.common.database,
            Self::Load(args) => args.common.database,
            Self::Watch(args) => args.common.database,
            Self::Sockets(args) => args.common.database,
            // It needs none.
            Self::SocketsFloor => Choice::Sqlite,
            Self::Export(args) => args.common.database,
            Self::Send(args) => args.common.database,
            Self::Neighbour(args) => args.common.database,
            Self::Webhooks(args) => args.common.database,
            Self::Kill(args) => args.common.database,
        }
    }
}

/// What most of them are told.
#[derive(clap::Args, Clone, Copy)]
struct Common {
    /// On which databases.
    #[arg(long, value_enum, default_value = "both")]
    database: Choice,
    /// The data, and whatever is drawn, come from it alone.
    #[arg(long, default_value_t = 20_260_728)]
    seed: u64,
}

fn main() -> Result<ExitCode> {
    let command = Cli::parse().command;
    if command.databases().kinds().contains(&Kind::Postgres) {
        postgres::ensure()?;
    }
    run(command)
}

#[tokio::main]
async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Import(args) => command::import::run(&args).await?,
        Command::Edits(args) => command::edits::run(&args).await?,
        Command::Idle(args) => command::idle::run(&args).await?,
        Command::Kinds(args) => command::kinds::run(&args).await?,
        Command::Load(args) => command::load::run(&args).await?,
        Command::Watch(args) => command::watch::run(&args).await?,
        Command::Sockets(args) => command::sockets::run(&args).await?,
        Command::SocketsFloor => command::sockets::serve_floor().await?,
        Command::Export(args) => command::export::run(&args).await?,
        Command::Send(args) => command::send::run(&args).await?,
        Command::Neighbour(args) => command::neighbour::run(&args).await?,
        Command::Webhooks(args) => return command::webhooks::run(&args).await,
        Command::Kill(args) => return command::kill::run(&args).await,
    }
    Ok(ExitCode::SUCCESS)
}
