//! Conversations as contacts show them: the last one, a page of each, and how long a text reaches somebody.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{Harness, both},
    talk::writes_at,
};
use chrono::{DateTime, SecondsFormat, TimeDelta};
use serde_json::{Value, json};

const CLOSE: &str =
    "mutation ($id: ID!) { closeConversation(input: { id: $id }) { userErrors { code } } }";
const OPEN: &str = "mutation ($input: OpenConversationInput!) { openConversation(input: $input) { conversation { id number } userErrors { code } } }";

/// Opens a conversation with somebody; its id.
async fn open(shop: &Shop<'_>, contact: &Value) -> Value {
    let input = json!({ "contactId": contact, "channelId": shop.channel });
    let opened = shop.t.data(&shop.t.owner, OPEN, json!({ "input": input }));
    opened.await["openConversation"]["conversation"]["id"].take()
}

/// Opens and closes conversations with somebody.
async fn had(shop: &Shop<'_>, contact: &Value, count: usize) {
    for _ in 0..count {
        let id = open(shop, contact).await;
        let closed = shop.t.data(&shop.t.owner, CLOSE, json!({ "id": id })).await;
        assert_eq!(closed["closeConversation"]["userErrors"], json!([]));
    }
}

both! {
    async fn a_contact_shows_their_conversations(t: &Harness) {
        let shop = Shop::open(t).await;
        let ann = shop.person(&number(1), json!({ "firstName": "Ann" })).await;
        let bob = shop.person(&number(2), json!({ "firstName": "Bob" })).await;
        shop.person(&number(3), json!({ "firstName": "Cy" })).await;
        had(&shop, &ann, 2).await;
        open(&shop, &ann).await;
        had(&shop, &bob, 1).await;
        // What comes late tells of a conversation that was opened earlier: it is not the last one.
        let day_before = domain::clock::now() - TimeDelta::days(1);
        writes_at(&shop, &number(2), "Late", day_before).await;
        let query = "query ($after: String) { contacts { nodes { firstName
            lastConversation { number status contact { firstName } channel { name } }
            conversations(first: 2, after: $after) { edges { cursor node { number } } pageInfo { hasNextPage hasPreviousPage } } } } }";
        let shown = t.data(&t.owner, query, json!({})).await;
        let of = |shown: &Value, name: &str| {
            let found = shown["contacts"]["nodes"].as_array().unwrap().iter().find(|node| node["firstName"] == name);
            found.unwrap().clone()
        };
        let numbers = |contact: &Value| -> Vec<i64> {
            contact["conversations"]["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["number"].as_i64().unwrap()).collect()
        };
        let [ann, bob, cy] = ["Ann", "Bob", "Cy"].map(|name| of(&shown, name));
        assert_eq!(ann["lastConversation"], json!({ "number": 3, "status": "OPEN", "contact": { "firstName": "Ann" }, "channel": { "name": "Shop" } }));
        assert_eq!((&bob["lastConversation"]["number"], &bob["lastConversation"]["status"]), (&json!(4), &json!("CLOSED")));
        assert_eq!(cy["lastConversation"], Value::Null);
        assert_eq!((numbers(&ann), numbers(&bob), numbers(&cy)), (vec![3, 2], vec![4, 5], vec![]));
        assert_eq!(ann["conversations"]["pageInfo"], json!({ "hasNextPage": true, "hasPreviousPage": false }));
        assert_eq!(bob["conversations"]["pageInfo"]["hasNextPage"], false);
        // The same order as that of the workspace's list, whose cursors are good here.
        let list = t.data(&t.owner, "{ conversations { edges { cursor node { number } } } }", json!({})).await;
        let list = list["conversations"]["edges"].as_array().unwrap();
        assert_eq!(list.iter().map(|edge| edge["node"]["number"].as_i64().unwrap()).collect::<Vec<_>>(), [4, 3, 2, 1, 5]);
        for cursor in [&ann["conversations"]["edges"][1]["cursor"], &list[2]["cursor"]] {
            let shown = t.data(&t.owner, query, json!({ "after": cursor })).await;
            let ann = of(&shown, "Ann");
            assert_eq!(numbers(&ann), [1]);
            assert_eq!(ann["conversations"]["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": true }));
        }
        let wrong = t.graphql(&t.owner, query, json!({ "after": "nonsense" })).await;
        assert_eq!(wrong["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }

    async fn conversations_of_a_page_cost_the_same_for_many_contacts(t: &Harness) {
        let shop = Shop::open(t).await;
        for n in 0..12 {
            let id = shop.person(&number(n), json!({})).await;
            had(&shop, &id, 1 + n % 3).await;
        }
        t.drained().await;
        let query = "query ($first: Int!) { contacts(first: $first) { nodes {
            lastConversation { number contact { displayName } channel { name } assignee { name } url }
            conversations(first: 5) { nodes { number contact { displayName } } } } } }";
        let mut costs = Vec::new();
        for first in [1, 12] {
            // Once a minute a token's use is noted, too.
            let mut least = u64::MAX;
            let mut shown = Value::Null;
            for _ in 0..3 {
                let before = t.db.statements();
                shown = t.data(&t.owner, query, json!({ "first": first })).await;
                least = least.min(t.db.statements() - before);
            }
            costs.push(least);
            let nodes = shown["contacts"]["nodes"].as_array().unwrap();
            assert_eq!(nodes.len(), first);
            assert!(nodes.iter().all(|node| node["lastConversation"]["number"] == node["conversations"]["nodes"][0]["number"]), "{nodes:#?}");
        }
        assert_eq!(costs[0], costs[1], "statements for one contact and for twelve");
    }

    async fn a_contact_shows_until_when_texts_reach_them(t: &Harness) {
        let shop = Shop::open(t).await;
        let ann = shop.person(&number(1), json!({})).await;
        let text = json!({ "contactId": ann, "channelId": shop.channel, "content": { "text": "Hi" } });
        let send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { field } } }";
        let takes = async || t.data(&t.owner, send, json!({ "input": text })).await["sendMessage"]["message"]["id"].is_string();
        assert_eq!((windows(t, &ann).await, takes().await), (vec![Value::Null], false), "they never wrote");
        let now = domain::clock::now();
        writes_at(&shop, &number(1), "Long ago", now - TimeDelta::hours(25)).await;
        assert_eq!((windows(t, &ann).await, takes().await), (vec![Value::Null], false));
        let wrote = DateTime::from_timestamp((now - TimeDelta::hours(1)).timestamp(), 0).unwrap();
        writes_at(&shop, &number(1), "An hour ago", wrote).await;
        let end = json!((wrote + TimeDelta::hours(24)).to_rfc3339_opts(SecondsFormat::Secs, true));
        assert_eq!((windows(t, &ann).await, takes().await), (vec![end.clone()], true));
        // An address that is new has no message of its own, and is the same person's.
        let two = [number(1), number(2)].map(|address| json!({ "channelId": shop.channel, "address": address }));
        let update = "mutation ($input: UpdateContactInput!) { updateContact(input: $input) { userErrors { code } } }";
        let updated = t.data(&t.owner, update, json!({ "input": { "id": ann, "contact": { "channels": two } } })).await;
        assert_eq!(updated["updateContact"]["userErrors"], json!([]));
        assert_eq!(windows(t, &ann).await, [end.clone(), end]);
        t.drained().await;
    }

    async fn a_channel_without_a_window_has_no_end_of_it(t: &Harness) {
        let make = "mutation { createChannel(input: { kind: CUSTOM, provider: HTTP, name: \"Desk\" }) { channel { id hasServiceWindow } userErrors { code } } }";
        let made = t.data(&t.owner, make, json!({})).await;
        let channel = &made["createChannel"]["channel"];
        assert_eq!(channel["hasServiceWindow"], false, "{made:#}");
        let create = "mutation ($channel: ID!) { createContact(input: { contact: { channels: [{ channelId: $channel, address: \"ann\" }] } }) { contact { id } } }";
        let ann = t.data(&t.owner, create, json!({ "channel": channel["id"] })).await["createContact"]["contact"]["id"].take();
        assert_eq!(windows(t, &ann).await, [Value::Null]);
    }
}

/// Until when texts reach somebody, at each of their addresses; as the contact and as the addresses by themselves tell it.
async fn windows(t: &Harness, contact: &Value) -> Vec<Value> {
    let query = "query ($id: ID!) { contact(id: $id) { channels { id serviceWindowEndsAt channel { hasServiceWindow } } } }";
    let mut data = t.data(&t.owner, query, json!({ "id": contact })).await;
    let shown: Vec<Value> = serde_json::from_value(data["contact"]["channels"].take()).unwrap();
    let ids: Vec<&Value> = shown.iter().map(|address| &address["id"]).collect();
    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ContactChannel { id serviceWindowEndsAt channel { hasServiceWindow } } } }";
    let nodes = t.data(&t.owner, query, json!({ "ids": ids })).await;
    assert_eq!(nodes["nodes"], json!(shown));
    let ends = shown.iter().map(|address| &address["serviceWindowEndsAt"]);
    ends.cloned().collect()
}
