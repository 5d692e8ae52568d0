//! `bench pages`: pages of a large table, one client and many.

use super::{
    describe, fill, open,
    page_source::{self, Order, PageSource},
};
use crate::{
    Common,
    database::Kind,
    latency::{self, COLUMNS, ENOUGH, Latency, WARM_UP},
    random::Random,
    report::{Report, progress},
    source::Source,
};
use anyhow::Result;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

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

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let columns = ["what"].into_iter().chain(COLUMNS);
    let columns: Vec<&str> = columns.chain(["requests/s", "of the floor"]).collect();
    let title = format!(
        "Pages of 50 contacts, 13 columns, of a file of {} rows",
        args.rows
    );
    let mut report = Report::new(title, &columns);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    let (connections, seconds, times) = (args.connections, args.seconds, args.times);
    report.fact(
        "load",
        format!("{connections} connections, 2 s to warm, {seconds} s, {times} times, the median"),
    );
    for kind in kinds {
        measure(kind, args, &mut report).await?;
    }
    report.note("Latency: one client, anywhere in the list. Floor: the same SELECT by sqlx in this program, rows not decoded.");
    report.print();
    Ok(())
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<()> {
    progress(format!("{kind}: {} rows", args.rows));
    let (site, roster, client) = open(kind).await?;
    fill(&site, &client, &Source::new(args.common.seed, 1, args.rows)).await?;
    for order in [Order::CreatedAt, Order::Score] {
        progress(format!("{kind}: by {}", order.column()));
        let sources = [
            (
                "floor",
                page_source::floor(&site, order, args.connections).await?,
            ),
            ("rows", page_source::roster(&client, order, false).await?),
            ("cells", page_source::roster(&client, order, true).await?),
        ];
        let sources = sources.map(|(name, source)| (name, Arc::new(source)));
        let mut rates = vec![Vec::new(); sources.len()];
        for _ in 0..args.times {
            for (rates, (_, source)) in rates.iter_mut().zip(&sources) {
                rates.push(load(source, args).await?);
            }
        }
        let rates: Vec<f64> = rates.into_iter().map(latency::median).collect();
        for (rate, (name, source)) in rates.iter().zip(&sources) {
            let head = format!("{kind}: {name} by {}", order.column());
            let latency = one_client(source, args.common.seed).await?;
            let cells = [head].into_iter().chain(latency.cells());
            let share = format!("{:.0} %", 100.0 * rate / rates[0]);
            report.row(cells.chain([format!("{rate:.0}"), share]));
        }
    }
    roster.stop().await?;
    site.remove().await
}

async fn one_client(source: &PageSource, seed: u64) -> Result<Latency> {
    let mut random = Random::new(seed);
    let mut latency = Latency::default();
    for turn in 0..WARM_UP + ENOUGH {
        let begun = Instant::now();
        source.page(&mut random).await?;
        if turn >= WARM_UP {
            latency.add(begun.elapsed());
        }
    }
    Ok(latency)
}

/// Requests a second of many clients.
async fn load(source: &Arc<PageSource>, args: &Args) -> Result<f64> {
    let warm = Instant::now() + Duration::from_secs(2);
    let end = warm + Duration::from_secs(args.seconds);
    let mut clients = JoinSet::new();
    for number in 0..u64::from(args.connections) {
        let (source, mut random) = (Arc::clone(source), Random::of(args.common.seed, number));
        clients.spawn(async move {
            let mut done = 0_u64;
            while Instant::now() < end {
                source.page(&mut random).await?;
                let now = Instant::now();
                done += u64::from(now >= warm && now < end);
            }
            anyhow::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(client) = clients.join_next().await {
        done += client??;
    }
    Ok(done as f64 / Duration::from_secs(args.seconds).as_secs_f64())
}
