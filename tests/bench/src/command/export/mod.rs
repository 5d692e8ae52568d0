//! `bench export`: how fast all contacts come out, what that holds, and what pages feel of it.

mod floor;

use super::describe;
use crate::{
    Common,
    asked::Asked,
    client::Client,
    crowd::{
        columns,
        table::{self, Table},
    },
    database::Kind,
    export::{self as exports, Exported},
    latency::{ENOUGH, Latency, median, ms},
    proc,
    random::Random,
    report::{Report, mib, progress},
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    table: table::Wanted,
    /// How often floor and export are measured, in turn.
    #[arg(long, default_value_t = 3)]
    times: usize,
    /// How long after its start Roster's idle memory is read.
    #[arg(long, default_value_t = 10)]
    idle_seconds: u64,
    #[command(flatten)]
    pub(crate) common: Common,
}

const COLUMNS: [&str; 8] = [
    "what",
    "seconds",
    "rows/s",
    "of the floor",
    "MiB of file",
    "roster above idle MiB",
    "page p50 ms",
    "page p95",
];

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let mut report = Report::new("Export of all contacts, 13 columns", &COLUMNS);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    for kind in kinds {
        measure(kind, args, &mut report).await?;
    }
    report.note("Floor: on PostgreSQL COPY of the same columns into a file; on SQLite a loop that reads them and writes CSV.");
    report.note("Above idle: the most that Roster held in the export (VmHWM), less what it held before, started anew for each.");
    report.note(
        "Page: 50 contacts of 13 columns, the first ones of a plan or of a city, one client.",
    );
    report.print();
    Ok(())
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<()> {
    let seed = args.common.seed;
    progress(format!("{kind}: the table"));
    let mut table = Table::open(kind, &args.table, seed, 1).await?;
    let contacts = table.contacts();
    report.fact(format!("contacts on {kind}"), contacts);
    let (mut floors, mut exports) = (Vec::new(), Vec::new());
    for turn in 1..=args.times {
        progress(format!("{kind}: {turn} of {}", args.times));
        let floor = floor::run(&table).await?;
        floors.push(floor.took.as_secs_f64());
        report.row(floor.cells(format!("{kind}: floor"), contacts, None));
        table = table.restart().await?;
        let export = alone(&table, args.idle_seconds).await?;
        exports.push(export.took.as_secs_f64());
        report.row(export.cells(format!("{kind}: export"), contacts, Some(floor.took)));
    }
    progress(format!("{kind}: pages alone, and during an export"));
    let enough = |latency: &Latency| latency.count() >= ENOUGH;
    let pages = pages(&table.client, seed, &enough).await;
    report.row(page_line(format!("{kind}: pages alone"), &pages));
    let (export, pages) = meanwhile(&table, seed).await?;
    let mut line = export.cells(format!("{kind}: export with pages"), contacts, None);
    line[6..].clone_from_slice(&page_line(String::new(), &pages)[6..]);
    report.row(line);
    for error in pages.errors.iter().take(3) {
        report.note(format!("{kind}: a page during the export: ERROR {error}"));
    }
    let (floor, export) = (median(floors), median(exports));
    report.note(format!(
        "{kind}: the export runs at {:.0} % of the floor (medians: {floor:.2} s against {export:.2} s).",
        100.0 * floor / export
    ));
    table.close().await
}

/// One export, or one floor.
struct Run {
    took: Duration,
    bytes: u64,
    above_idle: Option<u64>,
}

impl Run {
    fn cells(&self, name: String, rows: u64, floor: Option<Duration>) -> [String; 8] {
        let seconds = self.took.as_secs_f64();
        let none = || "-".to_owned();
        let share = floor.map(|floor| format!("{:.0} %", 100.0 * floor.as_secs_f64() / seconds));
        [
            name,
            format!("{seconds:.2}"),
            format!("{:.0}", rows as f64 / seconds),
            share.unwrap_or_else(none),
            mib(self.bytes),
            self.above_idle.map_or_else(none, mib),
            none(),
            none(),
        ]
    }
}

/// By a Roster that has done nothing else.
async fn alone(table: &Table, idle_seconds: u64) -> Result<Run> {
    tokio::time::sleep(Duration::from_secs(idle_seconds)).await;
    let pid = table.roster.pid();
    let idle = proc::memory(pid)?;
    let begun = Instant::now();
    let exported = exports::run(&table.client, &columns()).await?;
    let took = begun.elapsed();
    let above_idle = Some(proc::peak_memory(pid)?.saturating_sub(idle));
    check(table, &exported).await?;
    Ok(Run {
        took,
        bytes: exported.size,
        above_idle,
    })
}

/// With one client who asks for pages until it ends.
async fn meanwhile(table: &Table, seed: u64) -> Result<(Run, Asked)> {
    let ended = AtomicBool::new(false);
    let until_the_end = |_: &Latency| ended.load(Ordering::Relaxed);
    let begun = Instant::now();
    let (exported, pages) = tokio::join!(
        async {
            let exported = exports::run(&table.client, &columns()).await;
            ended.store(true, Ordering::Relaxed);
            exported.map(|exported| (exported, begun.elapsed()))
        },
        pages(&table.client, !seed, &until_the_end),
    );
    let (exported, took) = exported?;
    let run = Run {
        took,
        bytes: exported.size,
        above_idle: None,
    };
    Ok((run, pages))
}

/// The file must have a line for each contact, and its headers.
async fn check(table: &Table, exported: &Exported) -> Result<()> {
    let contacts = table.contacts();
    ensure!(
        exported.rows == contacts,
        "{} rows of {contacts}",
        exported.rows
    );
    let file = table.client.download(&exported.url).await?;
    ensure!(
        file.len() as u64 == exported.size,
        "the file has another size"
    );
    let lines = file.iter().filter(|byte| **byte == b'\n').count() as u64;
    ensure!(
        lines == contacts + 1,
        "{lines} lines for {contacts} contacts"
    );
    Ok(())
}

async fn pages(client: &Client, seed: u64, enough: &impl Fn(&Latency) -> bool) -> Asked {
    let query = "query($filter: ContactFilter, $columns: [String!]!) {
        contacts(filter: $filter, first: 50) { pageInfo { hasNextPage endCursor } rows(columns: $columns) } }";
    let mut random = Random::new(seed);
    let request = async || -> Result<Value> {
        let condition = match random.below(2) {
            0 => super::kinds::choice::frequent_plan(&mut random),
            _ => super::kinds::choice::city(&mut random),
        };
        let variables = json!({ "filter": condition, "columns": columns() });
        client.query(query, variables).await
    };
    Asked::ask(request, enough).await
}

fn page_line(name: String, pages: &Asked) -> [String; 8] {
    let mut line = [const { String::new() }; 8];
    line.fill("-".to_owned());
    line[0] = name;
    line[6] = ms(pages.latency.quantile(0.5));
    line[7] = ms(pages.latency.quantile(0.95));
    line
}
