//! `bench send`: a broadcast to many through the mock provider, beside a bare loop of the same HTTP client.

use super::describe;
use crate::{
    Common,
    client::Client,
    csv_file::{CsvFile, Expected},
    database::Kind,
    import as imports, proc,
    report::{Report, mib, progress},
    roster::{self, Roster},
    site::Site,
};
use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::sleep,
};

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
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
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

/// The provider, killed when dropped.
struct Mock {
    child: Child,
    url: String,
}

impl Mock {
    async fn start(delay: u64) -> Result<Self> {
        let program = roster::program()?
            .with_file_name("examples")
            .join("mock_provider");
        let mut child = Command::new(&program)
            .args(["--listen", "127.0.0.1:0", "--delay", &delay.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{}: cargo build --release --examples", program.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let line = lines.next_line().await?.unwrap_or_default();
        let url = line.strip_prefix("listening on ").context("no address")?;
        Ok(Self {
            url: url.to_owned(),
            child,
        })
    }

    fn cpu(&self) -> Result<Duration> {
        proc::cpu(self.child.id().context("the mock has ended")?)
    }
}

async fn measure(kind: Kind, args: &Args) -> Result<Vec<String>> {
    let mock = Mock::start(args.delay).await?;
    progress(format!("{kind}: {} calls without Roster", args.recipients));
    let bare = bare(&mock.url, args).await?;
    let site = Site::new(kind).await?;
    let roster = Roster::start(&site.settings).await?;
    let client = roster.client(&site.settings).await?;
    progress(format!("{kind}: {} people", args.recipients));
    let broadcast = furnish(&site, &client, &mock, args).await?;
    site.settle().await?;
    sleep(Duration::from_secs(2)).await;
    progress(format!("{kind}: the send"));
    let idle = proc::memory(roster.pid())?;
    let before = (proc::cpu(roster.pid())?, mock.cpu()?);
    let begun = Instant::now();
    let query = "mutation ($id: ID!) { sendBroadcast(input: { id: $id }) { broadcastSend { id } userErrors { message } } }";
    let sent = client.query(query, json!({ "id": broadcast })).await?;
    let id = sent["sendBroadcast"]["broadcastSend"]["id"].clone();
    let (mut fixed, mut out, mut most) = (None, None, idle);
    let counts = loop {
        let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { status progress { total } counts { pending sending sent failed unknown skipped } } } }";
        let now = client.query(query, json!({ "id": id })).await?["node"].take();
        most = most.max(proc::memory(roster.pid())?);
        if fixed.is_none() && now["progress"]["total"].is_i64() {
            fixed = Some(begun.elapsed());
        }
        let left = now["counts"]["pending"].as_i64().unwrap_or(1)
            + now["counts"]["sending"].as_i64().unwrap_or(1);
        if out.is_none() && fixed.is_some() && left == 0 {
            out = Some(begun.elapsed());
        }
        ensure!(
            now["status"] != "PAUSED" && now["status"] != "FAILED",
            "{now}"
        );
        if now["status"] == "COMPLETED" {
            break now["counts"].clone();
        }
        sleep(Duration::from_millis(50)).await;
    };
    let whole = begun.elapsed();
    let cpu = (proc::cpu(roster.pid())? - before.0, mock.cpu()? - before.1);
    let fixed = fixed.unwrap_or(whole);
    let took = out.unwrap_or(whole) - fixed;
    let rate = args.recipients as f64 / took.as_secs_f64();
    roster.stop().await?;
    site.remove().await?;
    Ok(vec![
        kind.to_string(),
        format!("{rate:.0}"),
        format!("{bare:.0}"),
        format!("{:.0}", 100.0 * rate / bare.min(args.rate.into())),
        format!("{:.1}", whole.as_secs_f64()),
        format!("{:.2}", fixed.as_secs_f64()),
        format!("{:.1}", cpu.0.as_secs_f64()),
        format!("{:.1}", cpu.1.as_secs_f64()),
        mib(most.saturating_sub(idle)),
        counts["sent"].to_string(),
    ])
}

/// Calls a second of a loop that does nothing else.
async fn bare(url: &str, args: &Args) -> Result<f64> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = format!("{url}/messages");
    let begun = Instant::now();
    let calls = stream::iter(0..args.recipients).map(|n| {
        let body = json!({ "messaging_product": "whatsapp", "to": format!("49160{n:08}"), "type": "text", "text": { "body": "Hi" } });
        let request = http.post(&url).header("d360-api-key", "key").json(&body);
        async move { anyhow::Ok(request.send().await?.error_for_status()?.bytes().await?) }
    });
    let mut calls = calls.buffer_unordered(args.connections);
    while let Some(answer) = calls.next().await {
        answer?;
    }
    Ok(args.recipients as f64 / begun.elapsed().as_secs_f64())
}

/// Makes the channel, the people and the broadcast; its id.
async fn furnish(site: &Site, client: &Client, mock: &Mock, args: &Args) -> Result<Value> {
    let query = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } userErrors { message } } }";
    let input = json!({ "kind": "WHATSAPP", "provider": "DIALOG_360", "name": "Bulk", "rateLimit": args.rate,
        "settings": { "baseUrl": mock.url }, "credentials": { "apiKey": "key" } });
    let made = client.query(query, json!({ "input": input })).await?;
    let channel = made["createChannel"]["channel"]["id"].clone();
    let query = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status } userErrors { message } } syncTemplates(input: { id: $id }) { templates { id name } userErrors { message } } }";
    let synced = client.query(query, json!({ "id": channel })).await?;
    let templates = synced["syncTemplates"]["templates"]
        .as_array()
        .context("no templates")?;
    let template = templates
        .iter()
        .find(|template| template["name"] == "we_are_back");
    let template = &template.context("no template")?["id"];
    let mut text = "Channel,Address,First Name\n".to_owned();
    for n in 0..args.recipients {
        let _ = writeln!(text, "Bulk,+49160{n:08},Name{n}");
    }
    let path = site.path().join("people.csv");
    std::fs::write(&path, text)?;
    let bytes = std::fs::metadata(&path)?.len();
    let expected = Expected::default();
    let file = CsvFile {
        path,
        bytes,
        expected,
    };
    let query = "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } userErrors { message } } }";
    let input = json!({ "consentConfirmed": true, "start": true });
    let made = client
        .upload(query, json!({ "input": input }), &file)
        .await?;
    let id = made["createImport"]["import"]["id"]
        .as_str()
        .context("no import")?;
    let state = imports::watch(client, id).await?;
    ensure!(state.created == args.recipients, "{state:?}");
    let query = "mutation ($input: CreateBroadcastInput!) { createBroadcast(input: $input) { broadcast { id } userErrors { field message } } }";
    let input = json!({ "title": "All", "everyone": true, "channelId": channel,
        "content": { "template": { "templateId": template, "variables": [] } } });
    let made = client.query(query, json!({ "input": input })).await?;
    Ok(made["createBroadcast"]["broadcast"]["id"].clone())
}
