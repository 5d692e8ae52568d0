//! The program `roster`: its command line, start-up and shutdown. What it does then is in `api` and `jobs`, which meet only here.

mod config;
mod export;
mod failure;
mod import;
mod log;
mod migrate;
mod open;
#[cfg(feature = "otel")]
mod otel;
mod parts;
mod probes;
mod requests;
mod schema;
mod secret;
mod serve;
mod shutdown;
mod size;
mod terminal;
mod token;
mod worker;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use config::Config;
use shutdown::Signals;
use std::{process::ExitCode, time::Duration};
use tokio::runtime::Builder;

// A third less CPU on pages of contacts than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Of each thread: GraphQL's values are read by recursion, with large frames. What is not used costs no memory.
const STACK: usize = 8 << 20;

/// Contacts, segments and imports of a messaging product, as a GraphQL server with background jobs.
///
/// Without a command it serves. Settings may stand before or after the command, or in the environment.
#[derive(Parser)]
#[command(name = "roster", version, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Subcommand)]
enum Command {
    /// Answer requests and run background jobs (what roster alone does).
    Serve(serve::Args),
    /// Run background jobs only, for a server elsewhere.
    Worker,
    /// Bring the database to this version's schema, and end. Serving does it too.
    Migrate,
    /// Print the GraphQL schema.
    Schema,
    /// Make workspaces.
    #[command(subcommand)]
    Workspace(workspace::Command),
    /// Make API tokens.
    #[command(subcommand)]
    Token(token::Command),
    /// Import a CSV file into the database that the settings name, beside a running server or without one.
    Import(Box<import::Args>),
    /// Export contacts as CSV, to a file or to standard output, beside a running server or without one.
    Export(Box<export::Args>),
}

/// How long threads that block, such as one that reads a file, are waited for at the end. What they did is in no transaction any more.
const LAST_WORDS: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let Cli { command, config } = Cli::parse();
    let command = command.unwrap_or(Command::Serve(serve::Args::default()));
    let serves = matches!(command, Command::Serve(_) | Command::Worker);
    // To the end of everything: what was traced is sent last.
    let _tracing = match log::start(&config, serves) {
        Ok(tracing) => tracing,
        Err(error) => return failed(&error),
    };
    let mut builder = Builder::new_multi_thread();
    builder.enable_all().thread_stack_size(STACK);
    let runtime = match builder.build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let outcome = runtime.block_on(run(command, &config));
    runtime.shutdown_timeout(LAST_WORDS);
    outcome.unwrap_or_else(|error| failed(&error))
}

fn failed(error: &anyhow::Error) -> ExitCode {
    terminal::say(format_args!("error: {error:#}"));
    ExitCode::FAILURE
}

async fn run(command: Command, config: &Config) -> Result<ExitCode> {
    // Work that must come to a checkpoint hears signals itself; everything else may simply be killed.
    match command {
        Command::Serve(args) => serve::run(config, &args, Signals::listen()?).await?,
        Command::Worker => worker::run(config, Signals::listen()?).await?,
        Command::Migrate => migrate::run(config).await?,
        Command::Schema => schema::run()?,
        Command::Workspace(command) => workspace::run(config, command).await?,
        Command::Token(command) => token::run(config, command).await?,
        Command::Export(args) => return export::run(config, *args).await,
        Command::Import(args) => return import::run(config, *args, Signals::listen()?).await,
    }
    Ok(ExitCode::SUCCESS)
}
