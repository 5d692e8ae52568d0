//! `bench kinds`: how long each kind of page takes, of a large table; beside it the same by SQL for some.

pub(super) mod choice;
mod count;
mod floor;
mod group;
mod order;
mod question;
mod saved;
mod search;

use super::describe;
use crate::{
    asked::Asked,
    crowd::{
        table::{self, Table},
        tag,
    },
    database::{Choice, Kind},
    latency::ms,
    proc,
    random::Random,
    report::{Report, mib, progress},
};
use anyhow::{Result, ensure};
use floor::Floor;
use question::{Question, Scene};

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    table: table::Wanted,
    /// On PostgreSQL: how often each of these contacts is there, by SQL, under other addresses.
    #[arg(long, default_value_t = 1)]
    copies: u64,
    /// Ask these kinds alone: all whose name has this in it.
    #[arg(long)]
    only: Option<String>,
    #[command(flatten)]
    pub(crate) common: crate::Common,
}

const COLUMNS: [&str; 9] = [
    "kind",
    "aim p95 ms",
    "p50",
    "p95",
    "max",
    "samples",
    "matched",
    "floor p50",
    "within the aim",
];

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let copies_fit = args.copies == 1 || args.common.database == Choice::Postgres;
    ensure!(copies_fit, "--copies is for --database postgres");
    for kind in args.common.database.kinds() {
        measure(kind, args).await?;
    }
    Ok(())
}

async fn measure(kind: Kind, args: &Args) -> Result<()> {
    let seed = args.common.seed;
    progress(format!("{kind}: the table"));
    let table = Table::open(kind, &args.table, seed, args.copies).await?;
    let title = format!("Kinds of page on {kind}, of {} contacts", table.contacts());
    let mut report = Report::new(title, &COLUMNS);
    describe(&mut report, &[kind], Some(seed)).await?;
    report.fact("filled on", table.crowd.day);
    let scene = scene(&table).await?;
    let mut missed = 0;
    for question in questions(&scene, args.only.as_deref()) {
        progress(format!("{kind}: {}", question.name));
        missed += usize::from(!ask(&table, &question, seed, &mut report).await?);
    }
    report.note("A page: 50 rows of 13 columns by HTTP, one client, other values each time; counts are counts alone. Aims: 50 ms where an \
        index or a walk serves, 120 ms for several middling conditions, 300 ms where nothing serves.");
    report.note("Matched: what the first values drawn find. Fewer than 200 samples: each takes more than 300 ms.");
    report.note("Floor: the same contacts by SQL written by hand, through sqlx in this program, rows not decoded.");
    let peak = mib(proc::peak_memory(table.roster.pid())?);
    report.note(format!("{missed} missed. Roster held {peak} MiB at most."));
    report.print();
    table.close().await
}

/// What is in the table and was made for some kinds.
async fn scene(table: &Table) -> Result<Scene> {
    Ok(Scene {
        crowd: table.crowd,
        tags: tag::ids(&table.client).await?,
        messenger: saved::messenger(&table.client).await?,
        segments: saved::segments(&table.client).await?,
        inboxes: saved::inboxes(&table.client).await?,
        halfway: order::halfway(&table.client).await?,
    })
}

fn questions(scene: &Scene, only: Option<&str>) -> Vec<Question> {
    let all = [
        choice::questions(scene),
        group::questions(scene),
        search::questions(scene),
        order::questions(scene),
        count::questions(scene),
    ];
    all.into_iter()
        .flatten()
        .filter(|question| only.is_none_or(|only| question.name.contains(only)))
        .collect()
}

/// Asks one kind, again and again; whether it stays within its aim.
async fn ask(table: &Table, question: &Question, seed: u64, report: &mut Report) -> Result<bool> {
    let client = &table.client;
    let mut random = Random::new(seed);
    let matched = question.check(client, &mut Random::new(seed)).await;
    let asked = Asked::sample(async || question.ask(client, &mut random).await).await;
    let floor = match &question.floor {
        Some(floor) => Some(floor.measure(table, seed).await?),
        None => None,
    };
    let aim = question.aim.limit();
    let within = asked.errors.is_empty() && matched.is_ok() && asked.latency.quantile(0.95) <= aim;
    let quantile = |share: f64| match asked.latency.count() {
        0 => "-".to_owned(),
        _ => ms(asked.latency.quantile(share)),
    };
    report.row([
        question.name.to_owned(),
        aim.as_millis().to_string(),
        quantile(0.5),
        quantile(0.95),
        quantile(1.0),
        asked.latency.count().to_string(),
        matched.as_ref().map_or("-".to_owned(), ToString::to_string),
        floor.map_or("-".to_owned(), |floor| ms(floor.quantile(0.5))),
        if within { "yes" } else { "MISSED" }.to_owned(),
    ]);
    let errors = matched.err().map(|error| format!("{error:#}"));
    for error in errors.iter().chain(&asked.errors).take(3) {
        report.note(format!("{}: ERROR {error}", question.name));
    }
    Ok(within)
}
