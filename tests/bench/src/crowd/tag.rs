//! Tags of a crowd. Who has one hangs on the phone number, and so on nothing else that a filter may speak of.

use crate::client::Client;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Tags that many have, with the digits with which a number goes on behind +49151.
const FREQUENT: [(&str, &[&str]); 2] = [("newsletter", &["0", "1", "2"]), ("event", &["3", "4"])];
/// So many tags that one in 2,000 has.
const RARE: u64 = 8;

/// Every tag, and the digits.
fn all() -> Vec<(String, Vec<String>)> {
    let frequent = FREQUENT.map(|(name, digits)| {
        let digits = digits.iter().map(ToString::to_string).collect();
        (name.to_owned(), digits)
    });
    let rare = (0..RARE).map(|n| {
        let digits = (0..5).map(|m| format!("9{n}{m}0")).collect();
        (format!("guest {n}"), digits)
    });
    frequent.into_iter().chain(rare).collect()
}

/// Gives each tag to those who shall have it.
pub(super) async fn give(client: &Client) -> Result<()> {
    for (name, digits) in all() {
        let starts = digits.iter().map(|digits| format!("+49151{digits}"));
        let starts = starts.map(|start| json!({ "phone": { "startsWith": start } }));
        let filter = json!({ "or": starts.collect::<Vec<_>>() });
        crate::report::progress(format!("tag {name}"));
        give_one(client, &name, &filter).await?;
    }
    Ok(())
}

/// Gives a tag to all for whom a filter holds, in the background, and waits for the end.
async fn give_one(client: &Client, name: &str, filter: &Value) -> Result<()> {
    let query = "mutation($filter: ContactFilter!, $names: [String!]!) {
        tagContacts(input: { contacts: { matching: { filter: $filter } }, tagNames: $names }) {
            operation { id } userErrors { field code message } } }";
    let variables = json!({ "filter": filter, "names": [name] });
    let made = client.query(query, variables).await?;
    let id = &made["tagContacts"]["operation"]["id"];
    let query = "subscription($id: ID!) { operationProgress(id: $id) {
        status progress { done total } changedCount } }";
    let last = client.last(query, json!({ "id": id })).await?;
    let operation = &last["operationProgress"];
    let whole = operation["changedCount"] == operation["progress"]["total"];
    ensure!(
        operation["status"] == "COMPLETED" && whole,
        "tagging ended as {operation}"
    );
    Ok(())
}

/// The ids of all tags by their names.
pub(crate) async fn ids(client: &Client) -> Result<BTreeMap<String, String>> {
    let query = "{ tags(first: 500) { nodes { id name } } }";
    let data = client.query(query, Value::Null).await?;
    let nodes = data["tags"]["nodes"].as_array().context("no tags")?;
    let tag = |node: &Value| {
        let (id, name) = (node["id"].as_str()?, node["name"].as_str()?);
        Some((name.to_owned(), id.to_owned()))
    };
    Ok(nodes.iter().filter_map(tag).collect())
}

/// The names of tags that many have.
pub(crate) fn frequent() -> Vec<String> {
    FREQUENT.map(|(name, _)| name.to_owned()).to_vec()
}

/// The names of tags that one in 2,000 has.
pub(crate) fn rare() -> Vec<String> {
    (0..RARE).map(|n| format!("guest {n}")).collect()
}
