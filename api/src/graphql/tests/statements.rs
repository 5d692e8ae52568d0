//! The number of statements does not depend on the number of rows.

use super::harness::{House, both};
use domain::{send, viewer::Viewer};
use serde_json::{Value, json};

const EVERYTHING: &str = "query ($first: Int!) {
    contacts(first: $first) {
        edges { node {
            id displayName
            channels { address channel { name } }
            assignee { name teams { name } } team { name members { name } } lastChannel { name }
            tags { name contactCount }
            lastConversation { number channel { name } contact { displayName } assignee { name } }
            conversations(first: 2) { nodes { number status contact { displayName } } pageInfo { hasNextPage } }
            segments { name createdByImport { id } contactCount { value } few: contactCount(limit: 1) { value exact } }
            attributes { text json attribute { key } }
            attribute(key: \"plan\") { text }
            cells(columns: [\"name\", \"channel\", \"address\", \"attr.plan\", \"createdAt\", \"assignee\", \"team\", \"tags\"]) { value text column { key } }
        } }
        pageInfo { hasNextPage }
        totalCount { value }
        rows(columns: [\"name\", \"channel\", \"attr.plan\", \"assignee\", \"team\", \"tags\"])
    }
    segments(first: $first) { nodes { name contactCount { value exact } } }
    tags(first: $first) { nodes { name contactCount } }
    members { teams { name } }
}";

const OPEN: &str = "mutation ($contact: ID!, $channel: ID!) {
    openConversation(input: { contactId: $contact, channelId: $channel }) { userErrors { code } }
}";

#[tokio::test]
async fn a_hundred_rows_cost_as_many_statements_as_one() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        house.attribute(&viewer, "plan", "TEXT").await;
        let member = house.member(&viewer, "ada", "MANAGER").await;
        let team = house.team(&viewer, "Support", std::slice::from_ref(&member)).await;
        let mut ids = Vec::new();
        for n in 0..120 {
            let address = format!("+49151{:08}", 11_110_000 + n);
            let fields = json!({
                "name": format!("Person {n}"),
                "channels": [{ "channelId": channel, "address": address }],
                "attributes": [{ "key": "plan", "value": "free" }],
                "assigneeId": member, "teamId": team, "tagNames": ["all", format!("{n}")],
            });
            let id = house.contact(&viewer, fields).await;
            let opened = house.ask(&viewer, OPEN, json!({ "contact": id, "channel": channel })).await;
            assert_eq!(opened["openConversation"]["userErrors"], json!([]));
            ids.push(id);
        }
        for n in 0..101 {
            house
                .segment(&viewer, &format!("Segment {n}"), &ids[n..])
                .await;
        }
        let mut costs = Vec::new();
        for first in [1, 100] {
            let before = house.db.statements();
            let data = house
                .ask(&viewer, EVERYTHING, json!({ "first": first }))
                .await;
            costs.push(house.db.statements() - before);
            let nodes = data["contacts"]["edges"].as_array().unwrap();
            assert_eq!(nodes.len(), first);
            assert_eq!(data["contacts"]["rows"].as_array().unwrap().len(), first);
            let newest = &nodes[0]["node"];
            assert_eq!(newest["channels"][0]["channel"]["name"], "WhatsApp");
            let tags = json!([{ "name": "119", "contactCount": 1 }, { "name": "all", "contactCount": 120 }]);
            assert_eq!(newest["tags"], tags);
            let expected = json!(["Person 119", "WhatsApp", "free", "ada", "Support", ["119", "all"]]);
            assert_eq!(data["contacts"]["rows"][0], expected);
            assert_eq!(newest["lastConversation"]["number"], 120);
            let segments = newest["segments"].as_array().unwrap();
            assert_eq!(segments.len(), 101);
            assert_eq!(segments[0]["name"], "Segment 0");
            assert_eq!(segments[100]["contactCount"]["value"], 20);
            assert_eq!(segments[0]["few"], json!({ "value": 1, "exact": false }));
            let counted = &data["segments"]["nodes"][0];
            assert_eq!(
                counted["contactCount"],
                json!({ "value": 20, "exact": true })
            );
        }
        assert_eq!(
            costs[0], costs[1],
            "statements for one row and for a hundred"
        );
        assert!(costs[0] <= 28, "{costs:?}");
    })
    .await;
}

#[tokio::test]
async fn nodes_cost_a_statement_a_kind() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let mut ids = Vec::new();
        for n in 0..20 {
            ids.push(
                house
                    .contact(&viewer, json!({ "name": format!("{n}") }))
                    .await,
            );
        }
        let query =
            "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Contact { channels { id } } } }";
        let before = house.db.statements();
        let data = house.ask(&viewer, query, json!({ "ids": ids })).await;
        assert_eq!(house.db.statements() - before, 2);
        let found = data["nodes"].as_array().unwrap().iter();
        let found: Vec<_> = found.map(|node| node["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids);
        let many = vec!["contact_1"; 501];
        let answer = house.answer(&viewer, query, json!({ "ids": many })).await;
        assert_eq!(
            answer["errors"][0]["extensions"],
            json!({ "code": "BAD_USER_INPUT", "path": ["ids"] })
        );
    })
    .await;
}

#[tokio::test]
async fn imports_read_what_they_name_at_once() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        house.make_ready(&viewer, &channel).await;
        let start = "mutation ($id: ID!) { startImport(input: {id: $id}) { userErrors { code } } }";
        for _ in 0..5 {
            let id = house.import(&viewer, &channel).await;
            let data = house.ask(&viewer, start, json!({ "id": id })).await;
            assert_eq!(data["startImport"]["userErrors"], json!([]));
        }
        let query = "query ($first: Int!) { imports(first: $first) { nodes {
            fileName status channel { name } segment { name contactCount { value } } createdBy { name }
        } } }";
        let of_a_list = |node: &Value| assert_eq!(node["segment"]["name"], "From a list");
        cost_the_same(&house, &viewer, query, "imports", of_a_list).await;
    })
    .await;
}

#[tokio::test]
async fn broadcasts_read_what_they_name_at_once() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        house.make_ready(&viewer, &channel).await;
        let make = "mutation ($channel: ID!, $segment: ID!) { createBroadcast(input: {title: \"x\", channelId: $channel, segmentIds: [$segment], content: {text: \"Hi\"}}) { broadcast { id } userErrors { message } } }";
        let send = "mutation ($id: ID!) { sendBroadcast(input: {id: $id, scheduledAt: \"2100-01-01T00:00:00Z\"}) { broadcastSend { id } userErrors { message } } }";
        for n in 0..5 {
            let segment = house.segment(&viewer, &format!("Segment {n}"), &[]).await;
            let made = house.ask(&viewer, make, json!({ "channel": channel, "segment": segment })).await;
            let id = &made["createBroadcast"]["broadcast"]["id"];
            let sent = house.ask(&viewer, send, json!({ "id": id })).await;
            assert_eq!(sent["sendBroadcast"]["userErrors"], json!([]));
        }
        let query = "query ($first: Int!) { broadcasts(first: $first) { nodes {
            title channel { name } segments { name } content { ... on TextContent { text } } createdBy { name }
        } } }";
        let newest = json!([{ "name": "Segment 4" }]);
        let shows = |node: &Value| assert_eq!(node["segments"], newest);
        cost_the_same(&house, &viewer, query, "broadcasts", shows).await;
    })
    .await;
}

/// Five broadcasts with a send each, whose recipients are fixed: the two contacts.
async fn sent(house: &House, viewer: &Viewer) {
    let channel = house.channel(viewer, "WhatsApp").await;
    house.make_ready(viewer, &channel).await;
    let mut people = Vec::new();
    for name in ["Ada", "Bob"] {
        let address = format!("+49151{:08}", 11_110_000 + people.len());
        let on = json!([{ "channelId": channel, "address": address }]);
        let fields = json!({ "name": name, "channels": on });
        people.push(house.contact(viewer, fields).await);
    }
    let segment = house.segment(viewer, "Both", &people).await;
    let make = "mutation ($channel: ID!, $segment: ID!, $title: String!) { createBroadcast(input: {title: $title, channelId: $channel, segmentIds: [$segment], content: {text: \"Hi\"}}) { broadcast { id } } }";
    let start = "mutation ($id: ID!) { sendBroadcast(input: {id: $id}) { broadcastSend { id } userErrors { message } } }";
    for n in 0..5 {
        let asked = json!({ "channel": channel, "segment": segment, "title": format!("No. {n}") });
        let made = house.ask(viewer, make, asked).await;
        let id = &made["createBroadcast"]["broadcast"]["id"];
        let data = house.ask(viewer, start, json!({ "id": id })).await;
        assert_eq!(data["sendBroadcast"]["userErrors"], json!([]));
        let id = data["sendBroadcast"]["broadcastSend"]["id"].as_str();
        let id = id.unwrap().parse().unwrap();
        send::begin(&house.db, viewer, id, "run", 1).await.unwrap();
    }
}

#[tokio::test]
async fn sends_and_deliveries_are_read_for_a_whole_list() {
    both(async |house| {
        let viewer = house.owner("one").await;
        sent(&house, &viewer).await;
        let query = "query ($first: Int!) { broadcasts(first: $first) { nodes { title sends(first: 1) { nodes {
            broadcast { title } progress { total }
            deliveries(first: 1) { nodes { contact { displayName } } pageInfo { hasNextPage } }
            failed: deliveries(status: [FAILED]) { nodes { id } }
        } } } } }";
        let own = json!({ "nodes": [{
            "broadcast": { "title": "No. 4" },
            "progress": { "total": 2 },
            "deliveries": { "nodes": [{ "contact": { "displayName": "Ada" } }], "pageInfo": { "hasNextPage": true } },
            "failed": { "nodes": [] },
        }] });
        cost_the_same(&house, &viewer, query, "broadcasts", |node| assert_eq!(node["sends"], own)).await;
    })
    .await;
}

#[tokio::test]
async fn each_send_has_its_own_page_of_deliveries() {
    both(async |house| {
        let viewer = house.owner("one").await;
        sent(&house, &viewer).await;
        let query = "query ($after: String) { broadcasts(first: 5) { nodes { sends { nodes {
            deliveries(first: 1, after: $after) { nodes { contact { displayName } } pageInfo { hasNextPage endCursor } }
        } } } } }";
        let pages = async |after: Value| {
            let data = house.ask(&viewer, query, json!({ "after": after })).await;
            let nodes = data["broadcasts"]["nodes"].as_array().unwrap().iter();
            let pages = nodes.map(|node| node["sends"]["nodes"][0]["deliveries"].clone());
            pages.collect::<Vec<_>>()
        };
        let first = pages(Value::Null).await;
        for page in &first {
            assert_eq!(page["nodes"], json!([{ "contact": { "displayName": "Ada" } }]));
            assert_eq!(page["pageInfo"]["hasNextPage"], true);
        }
        // Behind a delivery of the newest send the older ones have none.
        let second = pages(first[0]["pageInfo"]["endCursor"].clone()).await;
        assert_eq!(second[0]["nodes"], json!([{ "contact": { "displayName": "Bob" } }]));
        assert_eq!(second[0]["pageInfo"]["hasNextPage"], false);
        assert!(second[1..].iter().all(|page| page["nodes"] == json!([])), "{second:#?}");
        let wrong = house.answer(&viewer, query, json!({ "after": "x" })).await;
        assert_eq!(wrong["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    })
    .await;
}

/// Asks for a page of one and for one of five, which cost the same; `first` looks at the first node of each.
async fn cost_the_same(
    house: &House,
    viewer: &Viewer,
    query: &str,
    list: &str,
    first: impl Fn(&Value),
) {
    let mut costs = Vec::new();
    for size in [1, 5] {
        let before = house.db.statements();
        let data = house.ask(viewer, query, json!({ "first": size })).await;
        costs.push(house.db.statements() - before);
        let nodes = data[list]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), size);
        first(&nodes[0]);
    }
    assert_eq!(costs[0], costs[1]);
}
