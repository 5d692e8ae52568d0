//! Imports through the API: what they need beforehand, taking a file in, starting, watching.

use crate::{
    client::Client,
    csv_file::{CsvFile, Expected},
    person::{ATTRIBUTES, CHANNEL},
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Makes the channel and the custom columns that the files of [`crate::source`] speak of.
pub(crate) async fn set_up(client: &Client) -> Result<()> {
    make_channel(client, "SMS", CHANNEL).await?;
    for (key, kind, filterable) in ATTRIBUTES {
        make_attribute(client, key, kind, filterable).await?;
    }
    Ok(())
}

/// Makes a channel that files can name.
pub(crate) async fn make_channel(client: &Client, kind: &str, name: &str) -> Result<()> {
    let query = "mutation($input: CreateChannelInput!) { createChannel(input: $input) {
        channel { id } userErrors { field code message } } }";
    let input = json!({ "kind": kind, "provider": "HTTP", "name": name });
    client.query(query, json!({ "input": input })).await?;
    Ok(())
}

/// Makes a custom column, with an index where it is `filterable`.
pub(crate) async fn make_attribute(
    client: &Client,
    key: &str,
    kind: &str,
    filterable: bool,
) -> Result<()> {
    let query = "mutation($input: CreateAttributeInput!) { createAttribute(input: $input) {
        attribute { id } userErrors { field code message } } }";
    let input = json!({ "key": key, "type": kind, "filterable": filterable });
    client.query(query, json!({ "input": input })).await?;
    Ok(())
}

/// Takes a file in; returns the import's id.
pub(crate) async fn create(
    client: &Client,
    file: &CsvFile,
    segment: Option<&str>,
) -> Result<String> {
    let query = "mutation($input: CreateImportInput!) { createImport(input: $input) {
        import { id status failureMessage inspection { rowCount } } userErrors { field code message } } }";
    let input = json!({
        "kind": "CONTACTS", "country": "DE", "matchBy": ["EMAIL"], "segmentName": segment, "consentConfirmed": true,
    });
    let made = client.upload(query, json!({ "input": input }), file);
    let made = made.await?["createImport"]["import"].take();
    ensure!(made["status"] == "INSPECTED", "the file is refused: {made}");
    let rows = made["inspection"]["rowCount"].as_u64();
    ensure!(
        rows == Some(file.expected.rows),
        "rows are miscounted: {made}"
    );
    Ok(made["id"].as_str().context("no id")?.to_owned())
}

/// Starts it.
pub(crate) async fn start(client: &Client, id: &str) -> Result<()> {
    let query = "mutation($input: StartImportInput!) { startImport(input: $input) {
        import { id } userErrors { field code message } } }";
    let input = json!({ "id": id });
    client.query(query, json!({ "input": input })).await?;
    Ok(())
}

/// Takes a file in and starts it.
pub(crate) async fn begin(client: &Client, file: &CsvFile) -> Result<String> {
    let id = create(client, file, None).await?;
    start(client, &id).await?;
    Ok(id)
}

/// How far an import is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) status: String,
    pub(crate) done: u64,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) failed: u64,
    pub(crate) duplicate: u64,
    pub(crate) discarded: u64,
    pub(crate) failure: String,
}

const FIELDS: &str = "id status progress { done } failureMessage
    createdCount updatedCount unchangedCount failedCount duplicateCount discardedCount";

impl State {
    fn read(import: &Value) -> Result<Self> {
        let count = |name: &str| import[name].as_u64().with_context(|| name.to_owned());
        Ok(Self {
            status: import["status"].as_str().context("no status")?.to_owned(),
            done: import["progress"]["done"].as_u64().context("no progress")?,
            created: count("createdCount")?,
            updated: count("updatedCount")?,
            unchanged: count("unchangedCount")?,
            failed: count("failedCount")?,
            duplicate: count("duplicateCount")?,
            discarded: count("discardedCount")?,
            failure: import["failureMessage"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        })
    }

    /// Whether nothing will happen any more.
    pub(crate) fn is_final(&self) -> bool {
        !["INSPECTED", "QUEUED", "RUNNING"].contains(&self.status.as_str())
    }

    /// Checks that it completed with the counts that its file must have.
    pub(crate) fn check(&self, expected: &Expected, went_in: u64) -> Result<()> {
        let right = self.status == "COMPLETED"
            && went_in == expected.good
            && self.created + self.updated + self.unchanged == expected.good
            && self.failed == expected.failed
            && self.duplicate == expected.duplicate
            && self.discarded == 0;
        ensure!(right, "{self:?}, but the file is {expected}");
        Ok(())
    }
}

/// How far it is now.
pub(crate) async fn state(client: &Client, id: &str) -> Result<State> {
    let query = format!("query($id: ID!) {{ import(id: $id) {{ {FIELDS} }} }}");
    let data = client.query(&query, json!({ "id": id })).await?;
    State::read(&data["import"])
}

/// Watches it to its end, as a dashboard does, by one subscription.
pub(crate) async fn watch(client: &Client, id: &str) -> Result<State> {
    let query = format!("subscription($id: ID!) {{ importProgress(id: $id) {{ {FIELDS} }} }}");
    let last = client.last(&query, json!({ "id": id })).await?;
    let last = State::read(&last["importProgress"])?;
    ensure!(
        last.is_final(),
        "the subscription ended before the import: {last:?}"
    );
    Ok(last)
}

/// Asks ten times a second until it ends; calls `with` for each answer.
pub(crate) async fn poll(
    client: &Client,
    id: &str,
    patience: Duration,
    mut with: impl FnMut(&State),
) -> Result<State> {
    let begun = Instant::now();
    loop {
        let state = state(client, id).await?;
        with(&state);
        if state.is_final() {
            return Ok(state);
        }
        if begun.elapsed() > patience {
            bail!("the import does not end: {state:?}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The result file and that of the failed rows.
pub(crate) async fn files(client: &Client, id: &str) -> Result<[Vec<u8>; 2]> {
    let query = "query($id: ID!) { import(id: $id) { resultFile { url } failedRowsFile { url } } }";
    let data = client.query(query, json!({ "id": id })).await?;
    let mut files = [Vec::new(), Vec::new()];
    for (file, name) in files.iter_mut().zip(["resultFile", "failedRowsFile"]) {
        if let Some(url) = data["import"][name]["url"].as_str() {
            *file = client.download(url).await?;
        }
    }
    Ok(files)
}
