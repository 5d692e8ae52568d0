//! Broadcasts through the API: a channel at the mock provider with people on it, a broadcast for everyone, and how far a send of it is.

use crate::{
    client::Client,
    csv_file::{CsvFile, Expected},
    import as imports,
    mock::Mock,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    path::Path,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// The channel's name, by which the file of people names it.
const CHANNEL: &str = "Bulk";

/// The number of the `n`th recipient, as providers write it: without `+`.
pub(crate) fn number(n: u64) -> String {
    format!("49160{n:08}")
}

/// An account that signs no webhooks, as `createChannel` takes it.
pub(crate) fn dialog_360(mock: &Mock) -> Value {
    json!({ "kind": "WHATSAPP", "provider": "DIALOG_360",
        "settings": { "baseUrl": mock.url }, "credentials": { "apiKey": "key" } })
}

/// One whose webhooks are signed with this secret.
pub(crate) fn whatsapp_cloud(mock: &Mock, app_secret: &str) -> Value {
    json!({ "kind": "WHATSAPP", "provider": "WHATSAPP_CLOUD",
        "settings": { "baseUrl": mock.url, "phoneNumberId": "1", "businessAccountId": "2" },
        "credentials": { "accessToken": "token", "appSecret": app_secret } })
}

/// A channel that was verified, and a template of it.
pub(crate) struct Shop {
    client: Client,
    channel: Value,
    template: Value,
    /// The path to which its webhooks come.
    pub(crate) webhooks: String,
}

impl Shop {
    /// Makes the channel of this account, with so many messages a second.
    pub(crate) async fn open(client: &Client, mut account: Value, rate: u32) -> Result<Self> {
        let query = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id webhookUrl } userErrors { message } } }";
        account["name"] = CHANNEL.into();
        account["rateLimit"] = rate.into();
        let made = client.query(query, json!({ "input": account })).await?;
        let made = &made["createChannel"]["channel"];
        let webhooks = made["webhookUrl"].as_str().context("no webhooks")?;
        let path = webhooks.find("/webhooks/").context("no path")?;
        let query = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status } userErrors { message } } syncTemplates(input: { id: $id }) { templates { id name } userErrors { message } } }";
        let synced = client.query(query, json!({ "id": made["id"] })).await?;
        let templates = synced["syncTemplates"]["templates"].as_array();
        let template = templates
            .context("no templates")?
            .iter()
            .find(|template| template["name"] == "we_are_back");
        Ok(Self {
            client: client.clone(),
            channel: made["id"].clone(),
            template: template.context("no template")?["id"].clone(),
            webhooks: webhooks[path..].to_owned(),
        })
    }

    /// Imports so many people by a file in `folder`; each has their [`number`] on the channel.
    pub(crate) async fn fill(&self, folder: &Path, people: u64) -> Result<()> {
        let mut text = "Channel,Address,First Name\n".to_owned();
        for n in 0..people {
            let _ = writeln!(text, "{CHANNEL},+{},Name{n}", number(n));
        }
        let path = folder.join("people.csv");
        std::fs::write(&path, text)?;
        let file = CsvFile {
            bytes: std::fs::metadata(&path)?.len(),
            path,
            expected: Expected::default(),
        };
        let query = "mutation ($input: CreateImportInput!) { createImport(input: $input) { import { id } userErrors { message } } }";
        let input = json!({ "input": { "consentConfirmed": true, "start": true } });
        let made = self.client.upload(query, input, &file).await?;
        let id = made["createImport"]["import"]["id"].as_str();
        let state = imports::watch(&self.client, id.context("no import")?).await?;
        ensure!(state.created == people, "{state:?}");
        Ok(std::fs::remove_file(file.path)?)
    }

    /// Makes a broadcast for everyone; its id.
    pub(crate) async fn broadcast(&self) -> Result<Value> {
        let query = "mutation ($input: CreateBroadcastInput!) { createBroadcast(input: $input) { broadcast { id } userErrors { field message } } }";
        let input = json!({ "title": "All", "everyone": true, "channelId": self.channel,
            "content": { "template": { "templateId": self.template, "variables": [] } } });
        let made = self.client.query(query, json!({ "input": input })).await?;
        Ok(made["createBroadcast"]["broadcast"]["id"].clone())
    }
}

/// Sends a broadcast; the send's id.
pub(crate) async fn send(client: &Client, broadcast: &Value) -> Result<Value> {
    let query = "mutation ($id: ID!) { sendBroadcast(input: { id: $id }) { broadcastSend { id } userErrors { message } } }";
    let sent = client.query(query, json!({ "id": broadcast })).await?;
    Ok(sent["sendBroadcast"]["broadcastSend"]["id"].clone())
}

/// Pauses, resumes or cancels a send, by the mutation's name.
pub(crate) async fn change(client: &Client, mutation: &str, send: &Value) -> Result<()> {
    let query = format!(
        "mutation ($id: ID!) {{ {mutation}(input: {{ id: $id }}) {{ broadcastSend {{ status }} userErrors {{ code message }} }} }}"
    );
    client.query(&query, json!({ "id": send })).await?;
    Ok(())
}

/// How far a send is.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) status: String,
    /// None until the recipients are fixed.
    pub(crate) total: Option<u64>,
    /// By what became of them.
    pub(crate) counts: Value,
}

impl State {
    /// Whether everybody was called.
    pub(crate) fn is_out(&self) -> bool {
        let left = |state: &str| self.counts[state].as_u64().unwrap_or(1);
        self.total.is_some() && left("pending") + left("sending") == 0
    }
}

/// How far it is now.
pub(crate) async fn state(client: &Client, send: &Value) -> Result<State> {
    let query =
        "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { status progress { total }
        counts { pending sending sent delivered read failed unknown skipped } } } }";
    let mut node = client.query(query, json!({ "id": send })).await?["node"].take();
    Ok(State {
        status: node["status"].as_str().context("no status")?.to_owned(),
        total: node["progress"]["total"].as_u64(),
        counts: node["counts"].take(),
    })
}

/// When a send had come how far, from the moment in which it was asked for.
pub(crate) struct Course {
    /// Its recipients were fixed.
    pub(crate) fixed: Duration,
    /// Everybody was called.
    pub(crate) out: Duration,
    /// It had ended, with its result file.
    pub(crate) whole: Duration,
    pub(crate) counts: Value,
}

impl Course {
    /// Messages a second, from the fixed recipients to the last one called.
    pub(crate) fn rate(&self, recipients: u64) -> f64 {
        recipients as f64 / (self.out - self.fixed).as_secs_f64()
    }
}

/// Sends a broadcast and looks at it until it has ended; calls `with` at each look.
pub(crate) async fn follow(
    client: &Client,
    broadcast: &Value,
    mut with: impl FnMut() -> Result<()>,
) -> Result<Course> {
    let begun = Instant::now();
    let id = send(client, broadcast).await?;
    let (mut fixed, mut out) = (None, None);
    loop {
        let now = state(client, &id).await?;
        with()?;
        if now.total.is_some() {
            fixed.get_or_insert_with(|| begun.elapsed());
        }
        if now.is_out() {
            out.get_or_insert_with(|| begun.elapsed());
        }
        ensure!(now.status != "PAUSED" && now.status != "FAILED", "{now:?}");
        if now.status == "COMPLETED" {
            let whole = begun.elapsed();
            return Ok(Course {
                fixed: fixed.unwrap_or(whole),
                out: out.unwrap_or(whole),
                whole,
                counts: now.counts,
            });
        }
        sleep(Duration::from_millis(50)).await;
    }
}
