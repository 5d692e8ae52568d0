//! `bench sockets`: many WebSockets, each subscribed to the progress of one import that commits about once a second.
//!
//! The import is real. So that it commits once a second and no more, this program holds what it needs to write (SQLite: the file's lock, PostgreSQL:
//! the import's row) for most of each second.

mod brake;
mod floor;
mod listener;

use super::{describe, open};
use crate::{
    Common,
    database::Kind,
    import as imports,
    latency::{Latency, ms},
    proc,
    report::{Report, progress},
    source::Source,
};
use anyhow::{Result, ensure};
use brake::Brake;
use floor::Floor;
pub(crate) use floor::serve as serve_floor;
use listener::{Crowd, To, ended};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many sockets there are, one step after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000, 10_000])]
    sockets: Vec<usize>,
    /// Seconds of each step.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Enough for some minutes of one batch a second.
const ROWS: u64 = 2_000_000;

const COLUMNS: [&str; 8] = [
    "what",
    "commits/s",
    "events",
    "median ms",
    "p99 ms",
    "max ms",
    "kB a socket",
    "statements/s",
];

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let title = "WebSockets that watch one import which commits once a second";
    let mut report = Report::new(title, &COLUMNS);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    floor(args, &mut report).await?;
    for &kind in &kinds {
        measure(kind, args, &mut report).await?;
    }
    report.note("From commit to receipt: from `updatedAt`, which the import sets just before it commits, to the arrival of the message at the client.");
    report.note("kB a socket: growth of the server's VmRSS since before the first socket of all. Aims: p99 250 ms, 20 kB.");
    report.note("Statements/s are those of the whole server, the import's own among them; they must not grow with the sockets.");
    report.print();
    Ok(())
}

/// The same messages from a bare server.
async fn floor(args: &Args, report: &mut Report) -> Result<()> {
    let floor = Floor::start().await?;
    let before = proc::memory(floor.pid)?;
    let mut crowd = Crowd::default();
    for &sockets in &args.sockets {
        progress(format!("floor: {sockets} sockets"));
        crowd.grow(To::Floor(floor.address), sockets).await?;
        let step = step(async || Ok(0.0), &crowd, Duration::from_secs(args.seconds)).await?;
        report.row([
            format!("floor: {sockets}"),
            format!("{:.1}", step.commits),
            step.latency.count().to_string(),
            ms(step.latency.quantile(0.5)),
            ms(step.latency.quantile(0.99)),
            ms(step.latency.quantile(1.0)),
            a_socket(proc::memory(floor.pid)?.saturating_sub(before), sockets),
            "-".to_owned(),
        ]);
    }
    Ok(())
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<()> {
    let (site, roster, client) = open(kind).await?;
    let source = Source::new(args.common.seed, 1, ROWS);
    let file = source.write(&site.path().join("import.csv"))?;
    let id = imports::create(&client, &file, None).await?;
    let brake = Brake::new(&site, &id).await?;
    imports::start(&client, &id).await?;
    // Until the file has been read for its keys, it commits nothing.
    brake.first_commit(&client).await?;
    let braking = tokio::spawn(brake.hold());
    let before = proc::memory(roster.pid())?;
    let mut crowd = Crowd::default();
    for &sockets in &args.sockets {
        progress(format!("{kind}: {sockets} sockets"));
        crowd.grow(To::Import(&client, &id), sockets).await?;
        let statements = async || client.figure("roster_db_statements").await;
        let step = step(statements, &crowd, Duration::from_secs(args.seconds)).await?;
        let memory = proc::memory(roster.pid())?.saturating_sub(before);
        let median = step.latency.quantile(0.5);
        report.row([
            format!("{kind}: {sockets}"),
            format!("{:.1}", step.commits),
            step.latency.count().to_string(),
            ms(median),
            ms(step.latency.quantile(0.99)),
            ms(step.latency.quantile(1.0)),
            a_socket(memory, sockets),
            format!("{:.1}", step.statements),
        ]);
    }
    ensure!(
        ended(&client, &id).await?.is_none(),
        "the import has ended: it must go on while it is watched"
    );
    ensure!(
        !braking.is_finished(),
        "the brake broke: {:?}",
        braking.await
    );
    braking.abort();
    drop(crowd);
    roster.kill().await?;
    site.remove().await?;
    Ok(())
}

fn a_socket(memory: u64, sockets: usize) -> String {
    format!("{:.1}", memory as f64 / sockets as f64 / 1e3)
}

/// What one step came to.
struct Step {
    latency: Latency,
    commits: f64,
    statements: f64,
}

async fn step(
    statements: impl AsyncFn() -> Result<f64>,
    crowd: &Crowd,
    time: Duration,
) -> Result<Step> {
    // What the arrival of so many has left is over.
    sleep(Duration::from_secs(3)).await;
    crowd.forget();
    let (begun, before) = (Instant::now(), statements().await?);
    sleep(time).await;
    let statements = statements().await? - before;
    let seconds = begun.elapsed().as_secs_f64();
    let (latency, commits) = crowd.heard()?;
    Ok(Step {
        latency,
        commits: commits as f64 / seconds,
        statements: statements / seconds,
    })
}
