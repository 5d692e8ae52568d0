//! `bench send`: a broadcast to many through the mock provider, beside a bare loop of the same HTTP client.

mod fixing;

use super::describe;
use crate::{
    Common, broadcast,
    broadcast::Shop,
    database::Kind,
    mock::Mock,
    proc,
    report::{Report, mib, progress},
    roster::Roster,
    site::Site,
};
use anyhow::Result;
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Recipients.
    #[arg(long, default_value_t = 100_000)]
    recipients: u64,
    /// The channel's limit, messages a second.
    #[arg(long, default_value_t = 10_000)]
    rate: u32,
    /// Milliseconds that the provider takes for an answer.
    #[arg(long, default_value_t = 50)]
    delay: u64,
    /// Calls of the bare loop at the same time.
    #[arg(long, default_value_t = 512)]
    connections: usize,
    /// Only until the recipients are fixed, and what another writer waits meanwhile.
    #[arg(long)]
    fixing: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    if args.fixing {
        return fixing::run(args).await;
    }
    let kinds = args.common.database.kinds();
    let columns = [
        "database",
        "sends/s",
        "bare loop/s",
        "of it %",
        "whole s",
        "fixing s",
        "CPU s",
        "mock's CPU s",
        "memory MiB above idle",
        "sent",
    ];
    let title = format!(
        "A broadcast to {}, limit {}/s, a provider that answers in {} ms",
        args.recipients, args.rate, args.delay
    );
    let mut report = Report::new(title, &columns);
    describe(&mut report, &kinds, None).await?;
    for kind in kinds {
        report.row(measure(kind, args).await?);
    }
    report.note("sends/s: recipients by the time from the fixed recipients to the last one sent, as the send's row has it; the result file is written then.");
    report.note("Bare loop: the same number of calls of the same client library to the same mock, nothing else. Aims: 3,000 sends/s without a limit, 98 % of a limit of 1,000/s, 60 MB above idle.");
    report.print();
    Ok(())
}

async fn measure(kind: Kind, args: &Args) -> Result<Vec<String>> {
    let mock = Mock::start(&["--delay", &args.delay.to_string()]).await?;
    progress(format!("{kind}: {} calls without Roster", args.recipients));
    let bare = bare(&mock.url, args).await?;
    let site = Site::new(kind).await?;
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client(&site.settings).await?;
    progress(format!("{kind}: {} people", args.recipients));
    let shop = Shop::open(&client, broadcast::dialog_360(&mock), args.rate).await?;
    shop.fill(site.path(), args.recipients).await?;
    let broadcast = shop.broadcast().await?;
    site.settle().await?;
    sleep(Duration::from_secs(2)).await;
    progress(format!("{kind}: the send"));
    let idle = proc::memory(roster.pid())?;
    let before = (proc::cpu(roster.pid())?, mock.cpu()?);
    let mut most = idle;
    let course = broadcast::follow(&client, &broadcast, || {
        most = most.max(proc::memory(roster.pid())?);
        Ok(())
    });
    let course = course.await?;
    let cpu = (proc::cpu(roster.pid())? - before.0, mock.cpu()? - before.1);
    let rate = course.rate(args.recipients);
    roster.stop().await?;
    site.remove().await?;
    Ok(vec![
        kind.to_string(),
        format!("{rate:.0}"),
        format!("{bare:.0}"),
        format!("{:.0}", 100.0 * rate / bare.min(args.rate.into())),
        format!("{:.1}", course.whole.as_secs_f64()),
        format!("{:.2}", course.fixed.as_secs_f64()),
        format!("{:.1}", cpu.0.as_secs_f64()),
        format!("{:.1}", cpu.1.as_secs_f64()),
        mib(most.saturating_sub(idle)),
        course.counts["sent"].to_string(),
    ])
}

/// Calls a second of a loop that does nothing else.
async fn bare(url: &str, args: &Args) -> Result<f64> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{url}/messages");
    let begun = Instant::now();
    let calls = stream::iter(0..args.recipients).map(|n| {
        let to = broadcast::number(n);
        let body = json!({ "messaging_product": "whatsapp", "to": to, "type": "text", "text": { "body": "Hi" } });
        let request = http.post(&url).header("d360-api-key", "key").json(&body);
        async move { anyhow::Ok(request.send().await?.error_for_status()?.bytes().await?) }
    });
    let mut calls = calls.buffer_unordered(args.connections);
    while let Some(answer) = calls.next().await {
        answer?;
    }
    Ok(args.recipients as f64 / begun.elapsed().as_secs_f64())
}
