//! Whether all that was told is there, once: by queries alone.

use super::plan::Plan;
use crate::client::Client;
use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Histories that are read at the same time.
const READERS: usize = 4;

/// What is not as it must be.
#[derive(Default)]
pub(super) struct Verdict {
    /// Messages that are not there, and states that are lower than what was told.
    pub(super) lost: usize,
    /// Messages that are there again, and contacts.
    pub(super) doubled: usize,
    /// Whatever else.
    pub(super) wrong: usize,
    /// Each of it in words.
    pub(super) said: Vec<String>,
}

impl Verdict {
    /// Compares what was told with what is there.
    pub(super) async fn reach(client: &Client, plan: &Plan) -> Result<Self> {
        let mut verdict = Self::default();
        let contacts = contacts(client).await?;
        for (address, ids) in contacts.iter().filter(|(_, ids)| ids.len() > 1) {
            verdict.doubled += 1;
            verdict.said.push(format!("{address} is of {ids:?}"));
        }
        if contacts.len() != plan.people {
            verdict.err(format!("{} contacts of {}", contacts.len(), plan.people));
        }
        let histories = stream::iter(&contacts).map(async |(address, ids)| {
            let id = ids.first().context("nobody")?;
            anyhow::Ok((address, history(client, id).await?))
        });
        let mut histories = histories.buffer_unordered(READERS);
        while let Some((address, nodes)) = histories.try_next().await? {
            verdict.look(plan, address, &nodes);
        }
        for address in plan
            .written
            .keys()
            .filter(|key| !contacts.contains_key(*key))
        {
            verdict.lost += 1;
            verdict.said.push(format!("{address} is nobody"));
        }
        verdict.deliveries(plan, &deliveries(client).await?);
        Ok(verdict)
    }

    /// How much is not as it must be.
    pub(super) fn failures(&self) -> usize {
        self.lost + self.doubled + self.wrong
    }

    fn err(&mut self, what: String) {
        self.wrong += 1;
        self.said.push(what);
    }

    /// Looks at the history of one contact.
    fn look(&mut self, plan: &Plan, address: &str, nodes: &[Value]) {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        let (came, went): (Vec<_>, Vec<_>) = nodes
            .iter()
            .partition(|node| node["direction"] == "INCOMING");
        for node in came {
            *times
                .entry(node["text"].as_str().unwrap_or_default())
                .or_default() += 1;
        }
        for message in plan.written.get(address).into_iter().flatten() {
            match times.remove(format!("Message {message}").as_str()) {
                Some(1) => {}
                Some(times) => {
                    self.doubled += times - 1;
                    self.said
                        .push(format!("message {message} of {address}: {times} times"));
                }
                None => {
                    self.lost += 1;
                    self.said
                        .push(format!("message {message} of {address} is not there"));
                }
            }
        }
        if !times.is_empty() {
            self.err(format!("{address} never wrote {times:?}"));
        }
        let told = plan.ends.get(address).copied();
        let has: Vec<&str> = went
            .iter()
            .filter_map(|node| node["status"].as_str())
            .collect();
        if has != told.into_iter().collect::<Vec<_>>() {
            self.err(format!(
                "{address}: the history has {has:?}, told was {told:?}"
            ));
        }
    }

    /// Looks at the ledger of the broadcast's send, and at its sums.
    fn deliveries(&mut self, plan: &Plan, (counts, nodes): &(Value, Vec<Value>)) {
        let mut sums: BTreeMap<String, u64> = BTreeMap::new();
        for node in nodes {
            let address = node["address"].as_str().unwrap_or_default();
            let status = node["status"].as_str().unwrap_or_default();
            *sums.entry(status.to_lowercase()).or_default() += 1;
            let told = plan.ends.get(address);
            if told != Some(&status) {
                self.lost += 1;
                self.said
                    .push(format!("{address} is {status}, told was {told:?}"));
            }
        }
        if nodes.len() != plan.ends.len() {
            self.err(format!("{} deliveries of {}", nodes.len(), plan.ends.len()));
        }
        for (status, count) in counts.as_object().into_iter().flatten() {
            let sum = sums.get(status).copied().unwrap_or_default();
            if *count != sum {
                self.err(format!("counts say {count} {status}, and there are {sum}"));
            }
        }
    }
}

/// The ids of all contacts, by address.
pub(super) async fn contacts(client: &Client) -> Result<BTreeMap<String, Vec<String>>> {
    let query = "query ($after: String) { contacts(first: 500, after: $after) {
        nodes { id channels { address } } pageInfo { endCursor hasNextPage } } }";
    let mut contacts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for node in pages(client, query, "/contacts").await? {
        let id = node["id"].as_str().context("no id")?;
        for channel in node["channels"].as_array().into_iter().flatten() {
            let address = channel["address"].as_str().context("no address")?;
            let ids = contacts.entry(address.to_owned()).or_default();
            ids.push(id.to_owned());
        }
    }
    Ok(contacts)
}

/// All messages with a contact.
async fn history(client: &Client, contact: &str) -> Result<Vec<Value>> {
    let query = "query ($id: ID!) { messages(contactId: $id, first: 500) { nodes { text direction status } } }";
    let mut data = client.query(query, json!({ "id": contact })).await?;
    Ok(serde_json::from_value(data["messages"]["nodes"].take())?)
}

/// The counts of the one send there is, and its ledger.
async fn deliveries(client: &Client) -> Result<(Value, Vec<Value>)> {
    let query = "{ broadcasts { nodes { sends { nodes { id counts { pending sending sent delivered read failed skipped unknown } } } } } }";
    let mut found = client.query(query, json!({})).await?;
    let mut send = found["broadcasts"]["nodes"][0]["sends"]["nodes"][0].take();
    let id = send["id"].as_str().context("no send")?;
    let query = format!(
        "query ($after: String) {{ node(id: \"{id}\") {{ ... on BroadcastSend {{ deliveries(first: 500, after: $after) {{
        nodes {{ address status }} pageInfo {{ endCursor hasNextPage }} }} }} }} }}"
    );
    let nodes = pages(client, &query, "/node/deliveries").await?;
    Ok((send["counts"].take(), nodes))
}

/// All nodes of a list that is read page by page; where it stands in the answer.
async fn pages(client: &Client, query: &str, place: &str) -> Result<Vec<Value>> {
    let (mut after, mut all) = (Value::Null, Vec::new());
    loop {
        let mut data = client.query(query, json!({ "after": after })).await?;
        let page = data.pointer_mut(place).context("no page")?;
        all.extend(serde_json::from_value::<Vec<Value>>(page["nodes"].take())?);
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(all);
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}
