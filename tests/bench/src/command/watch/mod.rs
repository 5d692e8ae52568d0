//! `bench watch`: what an import feels of many who watch how many contacts their filters find.

mod subscriber;

use super::{describe, fill, open};
use crate::{
    Common,
    client::Client,
    database::Kind,
    import as imports,
    latency::median,
    report::{Report, progress},
    source::Source,
};
use anyhow::Result;
use std::time::{Duration, Instant};
use subscriber::Audience;

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Rows of the import.
    #[arg(long, default_value_t = 100_000)]
    rows: u64,
    /// Contacts that are there before.
    #[arg(long, default_value_t = 10_000)]
    contacts: u64,
    /// Who watches.
    #[arg(long, default_value_t = 200)]
    subscribers: usize,
    /// How many different filters they have.
    #[arg(long, default_value_t = 50)]
    filters: usize,
    /// How often the import runs without and with them.
    #[arg(long, default_value_t = 3)]
    times: usize,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// How soon after the end of the import everybody must know.
const AT_LAST: Duration = Duration::from_secs(2);

const COLUMNS: [&str; 7] = [
    "what",
    "seconds",
    "rows/s",
    "of that without",
    "events",
    "last event after the end, s",
    "wrong after 2 s",
];

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let title = format!(
        "{} subscribers of {} counts during an import of {} rows",
        args.subscribers, args.filters, args.rows
    );
    let mut report = Report::new(title, &COLUMNS);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    report.fact("contacts before", args.contacts);
    for &kind in &kinds {
        measure(kind, args, &mut report).await?;
    }
    report.note("Each import goes into a database of its own. Events: what all subscribers together were sent from the import's start on.");
    report.note("Wrong: subscribers whose last value, 2 s after the import's end, is not what a query counts. Aim: none.");
    report.print();
    Ok(())
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<()> {
    let (mut alone, mut watched) = (Vec::new(), Vec::new());
    for turn in 1..=args.times {
        progress(format!("{kind}: alone, {turn} of {}", args.times));
        let run = import(kind, args, 0).await?;
        report.row(run.cells(format!("{kind}: alone"), args.rows, None));
        alone.push(run.seconds);
        progress(format!("{kind}: watched, {turn} of {}", args.times));
        let run = import(kind, args, args.subscribers).await?;
        let head = format!("{kind}: {} subscribers", args.subscribers);
        report.row(run.cells(head, args.rows, alone.last().copied()));
        watched.push(run.seconds);
        for wrong in run.wrong.iter().take(3) {
            report.note(format!("{kind}: WRONG: {wrong}"));
        }
    }
    let (alone, watched) = (median(alone), median(watched));
    report.note(format!(
        "{kind}: with subscribers the import takes {:.2} times as long (medians: {watched:.2} s, {alone:.2} s).",
        watched / alone
    ));
    Ok(())
}

/// What one import came to.
struct Run {
    seconds: f64,
    events: usize,
    last_event: Duration,
    wrong: Vec<String>,
    watched: bool,
}

impl Run {
    fn cells(&self, name: String, rows: u64, alone: Option<f64>) -> [String; 7] {
        let watched = |text: String| if self.watched { text } else { "-".to_owned() };
        let share = alone.map(|alone| format!("{:.0} %", 100.0 * alone / self.seconds));
        [
            name,
            format!("{:.2}", self.seconds),
            format!("{:.0}", rows as f64 / self.seconds),
            share.unwrap_or_else(|| "-".to_owned()),
            watched(self.events.to_string()),
            watched(format!("{:.2}", self.last_event.as_secs_f64())),
            watched(self.wrong.len().to_string()),
        ]
    }
}

async fn import(kind: Kind, args: &Args, subscribers: usize) -> Result<Run> {
    let (site, roster, client) = open(kind).await?;
    let seed = args.common.seed;
    fill(&site, &client, &Source::new(seed, 1, args.contacts)).await?;
    let source = Source::new(seed, 1 + args.contacts, args.rows);
    let file = source.write(&site.path().join("import.csv"))?;
    let id = imports::create(&client, &file, None).await?;
    let audience = Audience::gather(&client, subscribers, args.filters).await?;
    let before = audience.events();
    let (ended, seconds) = follow(&client, &id, &file.expected).await?;
    let mut run = Run {
        seconds,
        events: 0,
        last_event: Duration::ZERO,
        wrong: Vec::new(),
        watched: subscribers > 0,
    };
    if run.watched {
        tokio::time::sleep_until((ended + AT_LAST).into()).await;
        run.wrong = audience.wrong(&client).await?;
        run.events = audience.events() - before;
        run.last_event = audience.last_event().saturating_duration_since(ended);
    }
    drop(audience);
    roster.stop().await?;
    site.remove().await?;
    Ok(run)
}

/// The import to its end, as who started it sees it.
async fn follow(
    client: &Client,
    id: &str,
    expected: &crate::csv_file::Expected,
) -> Result<(Instant, f64)> {
    let begun = Instant::now();
    imports::start(client, id).await?;
    let state = imports::watch(client, id).await?;
    let ended = Instant::now();
    state.check(expected, state.created)?;
    Ok((ended, (ended - begun).as_secs_f64()))
}
