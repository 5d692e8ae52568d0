//! Segments and inboxes to ask for; those that an earlier run has made are taken.

use super::choice::{attribute, plan};
use crate::{
    client::Client,
    crowd::{FREQUENT_PLANS, MESSENGER, word},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// So many of each.
const EACH: u64 = 6;

fn label(n: u64) -> String {
    format!("Bench {n}")
}

/// Segments of two rules: a frequent plan with a high score, or one of three cities.
pub(super) async fn segments(client: &Client) -> Result<Vec<String>> {
    let query = "{ segments(first: 500) { nodes { id name } } }";
    let data = client.query(query, Value::Null).await?;
    let there = &data["segments"]["nodes"];
    let mutation = "mutation($input: CreateSegmentInput!) { createSegment(input: $input) {
        segment { id } userErrors { field code message } } }";
    let mut ids = Vec::new();
    for n in 0..EACH {
        if let Some(id) = named(there, &label(n)) {
            ids.push(id);
            continue;
        }
        let high = json!({ "gte": 9_000 + 150 * n });
        let plan = plan(FREQUENT_PLANS[n as usize % FREQUENT_PLANS.len()]);
        let cities: Vec<String> = (3 * n..3 * n + 3).map(word::city).collect();
        let rules = json!([
            { "filter": { "and": [plan, attribute("score", "number", high)] } },
            { "filter": attribute("city", "text", json!({ "in": cities })) },
        ]);
        let input = json!({ "name": label(n), "rules": rules });
        let made = client.query(mutation, json!({ "input": input })).await?;
        ids.push(id(&made["createSegment"]["segment"])?);
    }
    Ok(ids)
}

/// Inboxes of a frequent plan and one word in the search box.
pub(super) async fn inboxes(client: &Client) -> Result<Vec<String>> {
    let data = client.query("{ inboxes { id name } }", Value::Null).await?;
    let there = &data["inboxes"];
    let mutation = "mutation($input: CreateInboxInput!) { createInbox(input: $input) {
        inbox { id } userErrors { field code message } } }";
    let mut ids = Vec::new();
    for n in 0..EACH {
        if let Some(id) = named(there, &label(n)) {
            ids.push(id);
            continue;
        }
        let filter = plan(FREQUENT_PLANS[n as usize % FREQUENT_PLANS.len()]);
        let search = ["anna", "ben", "elif", "mira", "noah", "zoe"][n as usize % 6];
        let input = json!({ "name": label(n), "filter": filter, "search": search, "shared": true });
        let made = client.query(mutation, json!({ "input": input })).await?;
        ids.push(id(&made["createInbox"]["inbox"])?);
    }
    Ok(ids)
}

/// The channel that not everybody is on.
pub(super) async fn messenger(client: &Client) -> Result<String> {
    let data = client
        .query("{ channels { id name } }", Value::Null)
        .await?;
    named(&data["channels"], MESSENGER).context("no such channel")
}

fn named(nodes: &Value, name: &str) -> Option<String> {
    let node = nodes.as_array()?.iter().find(|node| node["name"] == name)?;
    id(node).ok()
}

fn id(node: &Value) -> Result<String> {
    Ok(node["id"].as_str().context("no id")?.to_owned())
}
