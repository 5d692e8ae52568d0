//! `bench load`: pages of a large table for many clients at once, in each form in which the API gives them.

mod drive;
mod query;
mod source;

use super::{describe, fill, open};
use crate::{
    Common,
    client::Client,
    database::Kind,
    latency::median,
    postgres, proc,
    report::{Report, mib, progress},
    roster::Roster,
    source::Source as People,
};
use anyhow::Result;
use drive::{Drive, Run};
use query::{Choice, Form};
use source::{Keys, Pool, Source};
use std::{sync::Arc, time::Duration};

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Rows of the file that fills the table.
    #[arg(long, default_value_t = 100_000)]
    rows: u64,
    /// Clients at once.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// How long a load lasts, after 2 s of warming up.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often each load is measured; the median counts.
    #[arg(long, default_value_t = 3)]
    times: usize,
    #[command(flatten)]
    pub(crate) common: Common,
}

const COLUMNS: [&str; 7] = [
    "what",
    "requests/s",
    "of the floor",
    "p50 ms",
    "p99",
    "roster CPU ms a request",
    "PostgreSQL CPU ms",
];

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let title = format!(
        "Load: pages of 50 contacts, 13 columns, of a file of {} rows",
        args.rows
    );
    let mut report = Report::new(title, &COLUMNS);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    let (connections, seconds, times) = (args.connections, args.seconds, args.times);
    report.fact(
        "load",
        format!("{connections} connections, 2 s to warm, {seconds} s, {times} times, interleaved; medians"),
    );
    for kind in kinds {
        measure(kind, args, &mut report).await?;
    }
    report.note("Plain: anywhere in the list, the newest first. Filtered: a city and a least score. Counted: with totalCount besides.");
    report.note("Typed: fields and attributes by their types; cells: each column's value; rows: plain rows.");
    report.note("Floor: the same SELECTs by sqlx in this program, rows not decoded. Roster's clients read no more of an answer than its beginning.");
    report.print();
    Ok(())
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<()> {
    progress(format!("{kind}: {} rows", args.rows));
    let (site, roster, client) = open(kind).await?;
    fill(&site, &client, &People::new(args.common.seed, 1, args.rows)).await?;
    // What it holds from here on is not what the import took.
    roster.stop().await?;
    site.settle().await?;
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client_with(client.token())?;
    let idle = proc::memory(roster.pid())?;
    let drive = Drive {
        connections: args.connections,
        warm: Duration::from_secs(2),
        counted: Duration::from_secs(args.seconds),
        seed: args.common.seed,
        roster: roster.pid(),
        server: match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(postgres::Server::find().await?),
        },
    };
    let bench = Bench {
        kind,
        floor: source::pool(&site, args.connections).await?,
        keys: Arc::new(Keys::find(&site, &client).await?),
        client,
        drive,
        times: args.times,
    };
    for choice in Choice::ALL {
        bench.measure(choice, report).await?;
    }
    let peak = proc::peak_memory(roster.pid())?;
    report.note(format!(
        "{kind}: roster held {} MiB at most (VmHWM), {} MiB when it was started.",
        mib(peak),
        mib(idle)
    ));
    roster.stop().await?;
    site.remove().await
}

/// What loads on one database have in common.
struct Bench {
    kind: Kind,
    floor: Pool,
    keys: Arc<Keys>,
    client: Client,
    drive: Drive,
    times: usize,
}

impl Bench {
    /// The floor and each form in turn, several times.
    async fn measure(&self, choice: Choice, report: &mut Report) -> Result<()> {
        let mut sources = vec![("floor", Source::floor(&self.floor, choice, &self.keys))];
        for form in Form::ALL {
            let source = Source::roster(&self.client, form, choice, &self.keys).await?;
            sources.push((form.name(), source));
        }
        let sources = sources.into_iter();
        let sources: Vec<_> = sources
            .map(|(name, source)| (name, Arc::new(source)))
            .collect();
        let mut runs: Vec<Vec<Run>> = sources.iter().map(|_| Vec::new()).collect();
        let (kind, choice) = (self.kind, choice.name());
        for turn in 1..=self.times {
            progress(format!("{kind}: {choice}, {turn} of {}", self.times));
            for (runs, (_, source)) in runs.iter_mut().zip(&sources) {
                runs.push(self.drive.run(source).await?);
            }
        }
        let floor = middle(&runs[0], |run| run.rate);
        for (runs, (name, _)) in runs.iter().zip(&sources) {
            let name = format!("{kind}: {choice}, {name}");
            report.row(line(name, runs, floor));
        }
        Ok(())
    }
}

fn line(name: String, runs: &[Run], floor: f64) -> [String; 7] {
    let rate = middle(runs, |run| run.rate);
    let figure = |of: fn(&Run) -> f64, digits: usize| match middle(runs, of) {
        none if none.is_nan() => "-".to_owned(),
        figure => format!("{figure:.digits$}"),
    };
    [
        name,
        format!("{rate:.0}"),
        format!("{:.0} %", 100.0 * rate / floor),
        figure(|run| run.p50, 1),
        figure(|run| run.p99, 1),
        figure(|run| run.roster_cpu, 2),
        figure(|run| run.server_cpu, 2),
    ]
}

fn middle(runs: &[Run], of: impl Fn(&Run) -> f64) -> f64 {
    median(runs.iter().map(of).collect())
}
