//! Exports through the API: starting, watching.

use crate::client::Client;
use anyhow::{Context, Result, ensure};
use serde_json::json;

/// A finished export.
pub(crate) struct Exported {
    pub(crate) rows: u64,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) url: String,
}

/// Exports all contacts, and waits for the end.
pub(crate) async fn run(client: &Client, columns: &[String]) -> Result<Exported> {
    let query = "mutation($columns: [String!]) {
        exportContacts(input: { contacts: { matching: {} }, columns: $columns, format: CSV }) {
            export { id } userErrors { field code message } } }";
    let made = client.query(query, json!({ "columns": columns })).await?;
    let id = &made["exportContacts"]["export"]["id"];
    let query = "subscription($id: ID!) { exportProgress(id: $id) {
        status progress { done total } rowCount file { url size } } }";
    let last = client.last(query, json!({ "id": id })).await?;
    let export = &last["exportProgress"];
    ensure!(
        export["status"] == "COMPLETED",
        "the export ended as {export}"
    );
    Ok(Exported {
        rows: export["rowCount"].as_u64().context("no rowCount")?,
        size: export["file"]["size"].as_f64().context("no size")? as u64,
        url: export["file"]["url"].as_str().context("no url")?.to_owned(),
    })
}
