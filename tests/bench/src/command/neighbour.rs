//! `bench neighbour`: two workspaces on one server, and whether one feels that no call of the other's broadcast is ever answered.

use super::describe;
use crate::{
    Common, broadcast,
    broadcast::{Course, Shop},
    client::Client,
    database::Kind,
    mock::Mock,
    proc,
    report::{Report, progress},
    roster::{self, Roster},
    site::Site,
};
use anyhow::Result;
use futures_util::future::try_join_all;
use serde_json::Value;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::time::sleep;

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Recipients of the broadcast that is measured.
    #[arg(long, default_value_t = 10_000)]
    recipients: u64,
    /// Its channel's limit, messages a second.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// Recipients of each broadcast that fails.
    #[arg(long, default_value_t = 20_000)]
    failing: u64,
    /// How many of them fail at the same time, all over one channel.
    #[arg(long, default_value_t = 1)]
    sends: usize,
    /// That channel's limit, messages a second.
    #[arg(long, default_value_t = 1_000)]
    failing_rate: u32,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Its name.
const NEIGHBOUR: &str = "Neighbour";

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let columns = [
        "what",
        "sends/s",
        "of the limit %",
        "fixed s",
        "whole s",
        "slower %",
        "sent",
        "CPU s",
        "neighbour's calls",
        "resumed",
    ];
    let title = format!(
        "A broadcast to {}, limit {}/s, beside {} of another workspace to {} that fail",
        args.recipients, args.rate, args.sends, args.failing
    );
    let mut report = Report::new(title, &columns);
    describe(&mut report, &kinds, None).await?;
    for kind in kinds {
        progress(format!("{kind}: alone"));
        let alone = measure(kind, args, false).await?;
        progress(format!("{kind}: beside a neighbour whose calls hang"));
        let beside = measure(kind, args, true).await?;
        let [with, without] = [&beside, &alone].map(|run| run.course.whole.as_secs_f64());
        let slower = format!("{:.1}", 100.0 * (with / without - 1.0));
        report.row(alone.cells(format!("{kind}: alone"), args, "-"));
        report.row(beside.cells(format!("{kind}: beside"), args, &slower));
    }
    report.note("Each in a database of its own that has both workspaces and their people. sends/s: from the fixed recipients to the last one called; fixed, whole: from asking for it; slower: the whole. Aim: less than 10 %.");
    report.note("The neighbour's provider takes each call and never answers. Roster pauses such a send after a hundred of them; it is resumed at once, and sent again when it has ended, as long as the other sends.");
    report.print();
    Ok(())
}

/// What one broadcast came to.
struct Run {
    course: Course,
    cpu: Duration,
    /// Of the neighbour.
    calls: u64,
    resumed: usize,
}

impl Run {
    fn cells(&self, what: String, args: &Args, slower: &str) -> [String; 10] {
        let rate = self.course.rate(args.recipients);
        [
            what,
            format!("{rate:.1}"),
            format!("{:.1}", 100.0 * rate / f64::from(args.rate)),
            format!("{:.1}", self.course.fixed.as_secs_f64()),
            format!("{:.1}", self.course.whole.as_secs_f64()),
            slower.to_owned(),
            self.course.counts["sent"].to_string(),
            format!("{:.1}", self.cpu.as_secs_f64()),
            self.calls.to_string(),
            self.resumed.to_string(),
        ]
    }
}

async fn measure(kind: Kind, args: &Args, fails: bool) -> Result<Run> {
    let (healthy, hanging) = (
        Mock::start(&["--delay", "50"]).await?,
        Mock::start(&["--hang", "1"]).await?,
    );
    let site = Site::new(kind).await?;
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client(&site.settings).await?;
    let shop = Shop::open(&client, broadcast::dialog_360(&healthy), args.rate).await?;
    shop.fill(site.path(), args.recipients).await?;
    let broadcast = shop.broadcast().await?;
    roster::run(&site.settings, &["workspace", "create", NEIGHBOUR]).await?;
    let other = roster.client_of(&site.settings, NEIGHBOUR).await?;
    let shop = broadcast::dialog_360(&hanging);
    let shop = Shop::open(&other, shop, args.failing_rate).await?;
    shop.fill(site.path(), args.failing).await?;
    let mut failing = Vec::new();
    for _ in 0..if fails { args.sends } else { 0 } {
        failing.push(shop.broadcast().await?);
    }
    site.settle().await?;
    sleep(Duration::from_secs(2)).await;
    let before = proc::cpu(roster.pid())?;
    let is_over = AtomicBool::new(false);
    let failing = failing.iter().map(|one| fail(&other, one, &is_over));
    let (course, resumed) = tokio::join!(
        async {
            let course = beside(&client, &broadcast, fails.then_some(&hanging)).await;
            is_over.store(true, Ordering::Relaxed);
            course
        },
        try_join_all(failing),
    );
    let run = Run {
        course: course?,
        cpu: proc::cpu(roster.pid())? - before,
        calls: hanging.requests().await?,
        resumed: resumed?.into_iter().sum(),
    };
    roster.stop().await?;
    site.remove().await?;
    Ok(run)
}

/// Sends the one that is measured, where there is a neighbour once that one calls.
async fn beside(client: &Client, broadcast: &Value, hanging: Option<&Mock>) -> Result<Course> {
    if let Some(hanging) = hanging {
        while hanging.requests().await? == 0 {
            sleep(Duration::from_millis(50)).await;
        }
    }
    broadcast::follow(client, broadcast, || Ok(())).await
}

/// Keeps a broadcast failing until it `is_over`; how often it had to be resumed.
async fn fail(client: &Client, broadcast: &Value, is_over: &AtomicBool) -> Result<usize> {
    let mut send = broadcast::send(client, broadcast).await?;
    let mut resumed = 0;
    while !is_over.load(Ordering::Relaxed) {
        match broadcast::state(client, &send).await?.status.as_str() {
            "PAUSED" => {
                broadcast::change(client, "resumeBroadcastSend", &send).await?;
                resumed += 1;
            }
            "COMPLETED" | "FAILED" => send = broadcast::send(client, broadcast).await?,
            _ => {}
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(resumed)
}
