//! `bench send --fixing`: how long it takes to fix the recipients of a send, which is one transaction however many there are, and what another
//! writer of the same workspace waits meanwhile.

use super::{Args, describe};
use crate::{
    asked::Asked,
    broadcast,
    broadcast::Shop,
    client::Client,
    database::Kind,
    latency::{Latency, ms},
    mock::Mock,
    report::{Report, progress},
    roster::Roster,
    site::Site,
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Whatever takes longer is broken.
const PATIENCE: Duration = Duration::from_secs(600);

const COLUMNS: [&str; 11] = [
    "database",
    "fixed s",
    "recipients/s",
    "writes meanwhile",
    "p50 ms",
    "p99",
    "max",
    "idle p50",
    "idle p99",
    "errors",
    "cancelling s",
];

/// Runs it.
pub(super) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let title = format!("Fixing {} recipients of a send", args.recipients);
    let mut report = Report::new(title, &COLUMNS);
    describe(&mut report, &kinds, None).await?;
    for kind in kinds {
        measure(kind, args, &mut report).await?;
    }
    report.note("Fixed: from asking for the send to the first look at it, a hundred a second, that shows a total. Aims: 1,000,000 on PostgreSQL in 15 s, 100,000 on SQLite in 3 s.");
    report.note("Writes: one client that changes in turn a contact who is not on the channel (updateContact) and a tag (updateTag), from the moment of asking until they are fixed; idle: the same before.");
    report.note("Cancelling: cancelBroadcastSend right after, until it is answered: everybody who is still to get it is left out by one transaction.");
    report.print();
    Ok(())
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<()> {
    let mock = Mock::start(&[]).await?;
    let site = Site::new(kind).await?;
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client(&site.settings).await?;
    progress(format!("{kind}: {} people", args.recipients));
    let shop = Shop::open(&client, broadcast::dialog_360(&mock), args.rate).await?;
    shop.fill(site.path(), args.recipients).await?;
    let broadcast = shop.broadcast().await?;
    let mut writer = Writer::make(&client).await?;
    site.settle().await?;
    sleep(Duration::from_secs(2)).await;
    let idle = Asked::sample(async || writer.write().await).await;
    progress(format!("{kind}: fixing them"));
    let is_fixed = AtomicBool::new(false);
    let until_fixed = |_: &Latency| is_fixed.load(Ordering::Relaxed);
    let (fixed, meanwhile) = tokio::join!(
        async {
            let fixed = fix(&client, &broadcast, args.recipients).await;
            is_fixed.store(true, Ordering::Relaxed);
            fixed
        },
        Asked::ask_at_once(async || writer.write().await, &until_fixed),
    );
    let (send, took) = fixed?;
    let begun = Instant::now();
    broadcast::change(&client, "cancelBroadcastSend", &send).await?;
    let cancelling = begun.elapsed();
    let errors = idle.errors.iter().chain(&meanwhile.errors);
    for error in errors.clone().take(5) {
        report.note(format!("{kind}: ERROR {error}"));
    }
    let (before, during) = (&idle.latency, &meanwhile.latency);
    report.row([
        kind.to_string(),
        format!("{:.2}", took.as_secs_f64()),
        format!("{:.0}", args.recipients as f64 / took.as_secs_f64()),
        during.count().to_string(),
        ms(during.quantile(0.5)),
        ms(during.quantile(0.99)),
        ms(during.quantile(1.0)),
        ms(before.quantile(0.5)),
        ms(before.quantile(0.99)),
        errors.count().to_string(),
        format!("{:.2}", cancelling.as_secs_f64()),
    ]);
    roster.stop().await?;
    site.remove().await
}

/// Asks for the send, and looks until its recipients are fixed.
async fn fix(client: &Client, broadcast: &Value, recipients: u64) -> Result<(Value, Duration)> {
    let begun = Instant::now();
    let send = broadcast::send(client, broadcast).await?;
    loop {
        let now = broadcast::state(client, &send).await?;
        let took = begun.elapsed();
        if let Some(total) = now.total {
            // The writer's contact is one of everyone, and skipped.
            ensure!(total == recipients + 1, "{now:?}");
            return Ok((send, took));
        }
        ensure!(now.status != "FAILED" && took < PATIENCE, "{now:?}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// Somebody else at work in the same workspace.
struct Writer<'a> {
    client: &'a Client,
    contact: Value,
    tag: Value,
    turn: u64,
}

impl<'a> Writer<'a> {
    async fn make(client: &'a Client) -> Result<Self> {
        let query = "mutation {
            createContact(input: { contact: { name: \"Bystander\" } }) { contact { id } userErrors { message } }
            createTag(input: { name: \"Tag\" }) { tag { id } userErrors { message } } }";
        let made = client.query(query, json!({})).await?;
        Ok(Self {
            client,
            contact: made["createContact"]["contact"]["id"].clone(),
            tag: made["createTag"]["tag"]["id"].clone(),
            turn: 0,
        })
    }

    /// One small mutation.
    async fn write(&mut self) -> Result<Value> {
        self.turn += 1;
        let (query, input) = if self.turn.is_multiple_of(2) {
            let input = json!({ "id": self.tag, "name": format!("Tag {}", self.turn) });
            (TAG, input)
        } else {
            let title = format!("Title {}", self.turn);
            let input = json!({ "id": self.contact, "contact": { "title": title } });
            (CONTACT, input)
        };
        self.client.query(query, json!({ "input": input })).await
    }
}

const CONTACT: &str = "mutation ($input: UpdateContactInput!) { updateContact(input: $input) { contact { version } userErrors { message } } }";
const TAG: &str = "mutation ($input: UpdateTagInput!) { updateTag(input: $input) { tag { id } userErrors { message } } }";
