//! `bench idle`: how soon it is ready, and what it holds while nobody asks.

use super::{describe, open};
use crate::{
    database::{Choice, Kind},
    latency::{Latency, ms},
    proc,
    report::{Report, mib, progress},
    roster::Roster,
};
use anyhow::Result;
use std::time::Duration;

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Starts.
    #[arg(long, default_value_t = 10)]
    times: usize,
    /// How long after it is ready its memory is read.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// On which databases.
    #[arg(long, value_enum, default_value = "sqlite")]
    pub(crate) database: Choice,
}

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.database.kinds();
    let columns = [
        "database",
        "starts",
        "ready after, median ms",
        "max",
        "idle MiB",
        "peak MiB",
        "CPU while idle, ms/s",
    ];
    let mut report = Report::new(
        "Start, and what it takes idle, on a migrated database",
        &columns,
    );
    describe(&mut report, &kinds, None).await?;
    for kind in kinds {
        report.row(measure(kind, args).await?);
    }
    report.note("From the start of the process to the first 200 of /readyz, asked every millisecond. Aim: 500 ms or less.");
    report.note(format!(
        "VmRSS {} s after ready. Aim: 40 MB or less on SQLite.",
        args.seconds
    ));
    report.print();
    Ok(())
}

async fn measure(kind: Kind, args: &Args) -> Result<Vec<String>> {
    progress(format!("{kind}: {} starts", args.times));
    let (site, roster, _) = open(kind).await?;
    roster.stop().await?;
    let mut ready = Latency::default();
    let (mut memory, mut cpu) = ((0, 0), Duration::ZERO);
    for turn in 1..=args.times {
        let roster = Roster::start(&site.settings).await?;
        ready.add(roster.ready_after);
        if turn == args.times {
            let before = proc::cpu(roster.pid())?;
            tokio::time::sleep(Duration::from_secs(args.seconds)).await;
            cpu = proc::cpu(roster.pid())? - before;
            memory = (
                proc::memory(roster.pid())?,
                proc::peak_memory(roster.pid())?,
            );
        }
        roster.stop().await?;
    }
    site.remove().await?;
    Ok(vec![
        kind.to_string(),
        ready.count().to_string(),
        ms(ready.quantile(0.5)),
        ms(ready.quantile(1.0)),
        mib(memory.0),
        mib(memory.1),
        ms(cpu / u32::try_from(args.seconds.max(1))?),
    ])
}
