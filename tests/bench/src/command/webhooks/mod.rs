//! `bench webhooks`: what a provider tells, at a steady rate, partly twice and out of order, to a server that is killed meanwhile; and whether all
//! of it is there afterwards, once.

mod check;
mod lag;
mod line;
mod plan;
mod rows;
mod tell;

use super::describe;
use crate::{
    Common, broadcast,
    broadcast::Shop,
    client::Client,
    database::Kind,
    latency::{Latency, ms},
    mock::{self, Mock},
    random::Random,
    report::{Report, progress, say},
    roster::Roster,
    site::Site,
};
use anyhow::{Context, Result, ensure};
use check::Verdict;
use lag::{Lags, Sampler};
use line::Line;
use plan::Plan;
use serde_json::Value;
use std::{
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use tell::{Caller, Told};
use tokio::time::{sleep, sleep_until};

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Webhooks a second.
    #[arg(long, default_value_t = 264)]
    rate: u64,
    /// For how long.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// How often the server is killed and started again meanwhile.
    #[arg(long, default_value_t = 2)]
    kills: u32,
    #[command(flatten)]
    pub(crate) common: Common,
}

const COLUMNS: [&str; 14] = [
    "database",
    "webhooks",
    "told/s",
    "again",
    "answer p50 ms",
    "p99",
    "max",
    "lag samples",
    "lag p50 ms",
    "p99",
    "max",
    "lost",
    "doubled",
    "wrong",
];

/// Runs it; exit 1 where anything is lost, doubled or wrong.
pub(crate) async fn run(args: &Args) -> Result<ExitCode> {
    ensure!(args.rate * args.seconds >= 100, "fewer than 100 webhooks");
    let kinds = args.common.database.kinds();
    let title = format!(
        "{} webhooks a second for {} s, and {} kills",
        args.rate, args.seconds, args.kills
    );
    let mut report = Report::new(title, &COLUMNS);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    let mut failures = 0;
    for kind in kinds {
        failures += measure(kind, args, &mut report).await?;
    }
    report.note("Half of them messages, of recipients of a broadcast and of strangers, half statuses of its messages; each eleventh is told before. A message's statuses come in any order, within 2 s. Whatever is not answered 200 is told again.");
    report.note("Answers: from the caller, while the process is up. Aims: p50 50 ms, p99 250 ms.");
    report.note("Lag: from the answer to a message's webhook until a query of its contact's messages has it, asked again and again; not of the time around the kills, which stands above. Aim: 1 s.");
    report.note("Lost, doubled, wrong: by queries at the end: each message once in its contact's history, one contact a number, each delivery and its message in the highest state that was told. Aim: none.");
    report.print();
    Ok(ExitCode::from(u8::from(failures > 0)))
}

/// The app's secret, with which webhooks are signed.
const SECRET: &str = "app-secret";

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<usize> {
    let site = Site::new(kind).await?;
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client(&site.settings).await?;
    let recipients = Plan::recipients(args.rate * args.seconds);
    progress(format!("{kind}: a broadcast to {recipients}"));
    let (webhooks, ledger) = furnish(&site, &client, recipients).await?;
    let plan = Plan::draw(
        args.common.seed,
        args.rate,
        Duration::from_secs(args.seconds),
        &ledger,
    )?;
    site.settle().await?;
    sleep(Duration::from_secs(2)).await;
    progress(format!("{kind}: {} webhooks", plan.events.len()));
    let line = Arc::new(Line::new(client));
    let sampler = Sampler::new(&line, check::contacts(&line.client()).await?);
    let caller = Arc::new(Caller::new(&line, &webhooks, SECRET, &sampler)?);
    let begun = Instant::now();
    let (told, roster, lags) = tokio::join!(
        async {
            let told = caller.tell(&plan, args.rate).await;
            sampler.stop();
            told
        },
        kill(&site, roster, &line, moments(args, begun)),
        sampler.run(),
    );
    let (told, roster) = (told?, roster?);
    progress(format!("{kind}: looking at all of it"));
    let last = Instant::now();
    let all_applied = rows::drained(&site).await;
    let drained = last.elapsed();
    let verdict = Verdict::reach(&line.client(), &plan).await?;
    row(report, kind, &told, &lags, &verdict);
    notes(report, kind, &line, &told, &lags, drained);
    let rows = rows::lag(&site).await?;
    report.note(format!(
        "{kind}: by the rows' own times, kills and all, from coming to applied: {} rows, p50 {} ms, p99 {}, max {}",
        rows.count(),
        ms(rows.quantile(0.5)),
        ms(rows.quantile(0.99)),
        ms(rows.quantile(1.0))
    ));
    for wrong in verdict.said.iter().take(20) {
        say(format!("{kind}: {wrong}"));
    }
    all_applied.with_context(|| site.settings.said())?;
    roster.stop().await?;
    site.remove().await?;
    Ok(verdict.failures())
}

/// A broadcast that went out to so many; where webhooks come to, and what the provider knows of its messages. It is gone then and tells nothing by
/// itself.
async fn furnish(site: &Site, client: &Client, recipients: u64) -> Result<(String, Vec<Value>)> {
    let path = site.path().join("ledger.jsonl");
    let mock = Mock::start(&["--ledger", &path.to_string_lossy()]).await?;
    let shop = Shop::open(client, broadcast::whatsapp_cloud(&mock, SECRET), 10_000).await?;
    shop.fill(site.path(), recipients).await?;
    let course = broadcast::follow(client, &shop.broadcast().await?, || Ok(())).await?;
    ensure!(course.counts["sent"] == recipients, "{}", course.counts);
    Ok((shop.webhooks, mock::ledger(&path)?))
}

/// When the server is killed: one moment in each part of the time, not close to its ends.
fn moments(args: &Args, begun: Instant) -> Vec<Instant> {
    let mut random = Random::new(!args.common.seed);
    let part = args.seconds as f64 / f64::from(args.kills.max(1));
    let moment = |n: u32| {
        begun + Duration::from_secs_f64(part * (f64::from(n) + 0.3 + 0.4 * random.fraction()))
    };
    (0..args.kills).map(moment).collect()
}

/// SIGKILL at each moment, and a new process at once.
async fn kill(
    site: &Site,
    mut roster: Roster,
    line: &Line,
    moments: Vec<Instant>,
) -> Result<Roster> {
    for moment in moments {
        sleep_until(moment.into()).await;
        line.goes_down();
        roster.kill().await?;
        roster = Roster::start(&site.settings).await?;
        line.is_up(roster.client_with(line.client().token())?);
    }
    Ok(roster)
}

fn row(report: &mut Report, kind: Kind, told: &Told, lags: &Lags, verdict: &Verdict) {
    let of = |latency: &Latency| [0.5, 0.99, 1.0].map(|share| ms(latency.quantile(share)));
    let head = [
        kind.to_string(),
        told.taken.to_string(),
        format!("{:.0}", told.taken as f64 / told.took.as_secs_f64()),
        told.again.to_string(),
    ];
    let cells = head.into_iter().chain(of(&told.answers));
    let cells = cells.chain([lags.steady.count().to_string()]);
    let ends = [verdict.lost, verdict.doubled, verdict.wrong].map(|number| number.to_string());
    report.row(cells.chain(of(&lags.steady)).chain(ends));
}

fn notes(
    report: &mut Report,
    kind: Kind,
    line: &Line,
    told: &Told,
    lags: &Lags,
    drained: Duration,
) {
    let outages: Vec<String> = line.outages().into_iter().map(ms).collect();
    report.note(format!(
        "{kind}: away for {} ms; from each kill to {} s after it the longest lag was {} ms, of {} samples; {} samples were never seen; all applied {} ms after the last answer",
        outages.join(", "),
        line::RECOVERY.as_secs(),
        ms(lags.after_kill.quantile(1.0)),
        lags.after_kill.count(),
        lags.unseen,
        ms(drained)
    ));
    for refusal in told.refusals.iter().take(5) {
        report.note(format!("{kind}: REFUSED while up: {refusal}"));
    }
}
