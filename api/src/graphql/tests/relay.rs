//! Paging is Relay's, on every connection: what a page holds is what the specification's own algorithm picks from the whole list.

use super::harness::{House, both, introspect};
use domain::{send, viewer::Viewer};
use entity::{
    import_error::{self, ImportErrorCode},
    operation_error::{self, BulkErrorCode},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Each connection: the field with its type, and a query in which `PAGE` is the connection's arguments and selection.
const CONNECTIONS: [(&str, &str); 15] = [
    ("Query.contacts", "{ contacts PAGE }"),
    ("Query.segments", "{ segments PAGE }"),
    ("Query.tags", "{ tags PAGE }"),
    ("Query.imports", "{ imports PAGE }"),
    ("Query.operations", "{ operations PAGE }"),
    ("Query.exports", "{ exports PAGE }"),
    ("Query.conversations", "{ conversations PAGE }"),
    (
        "Query.messages",
        "{ messages(contactId: CONTACT, ARGUMENTS) SELECTION }",
    ),
    ("Query.broadcasts", "{ broadcasts PAGE }"),
    (
        "Segment.contacts",
        "{ node(id: SEGMENT) { ... on Segment { contacts PAGE } } }",
    ),
    (
        "Contact.conversations",
        "{ node(id: CONTACT) { ... on Contact { conversations PAGE } } }",
    ),
    (
        "Broadcast.sends",
        "{ node(id: BROADCAST) { ... on Broadcast { sends PAGE } } }",
    ),
    (
        "BroadcastSend.deliveries",
        "{ node(id: SEND) { ... on BroadcastSend { deliveries PAGE } } }",
    ),
    (
        "Import.errors",
        "{ node(id: IMPORT) { ... on Import { errors PAGE } } }",
    ),
    (
        "BulkOperation.errors",
        "{ node(id: OPERATION) { ... on BulkOperation { errors PAGE } } }",
    ),
];

const SELECTION: &str = "{ edges { cursor node { __typename } } nodes { __typename } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";

/// Entries of each list.
const MANY: usize = 7;

#[tokio::test]
async fn every_connection_is_tried() {
    let query = "{ __schema { types { name fields { name args { name } type { name ofType { name } } } } } }";
    let data = introspect(query).await;
    let mut connections = BTreeSet::new();
    for kind in data["__schema"]["types"].as_array().unwrap() {
        for field in kind["fields"].as_array().into_iter().flatten() {
            let of = [&field["type"]["name"], &field["type"]["ofType"]["name"]];
            if of.iter().any(|name| {
                name.as_str()
                    .is_some_and(|name| name.ends_with("Connection"))
            }) {
                connections.insert(format!(
                    "{}.{}",
                    kind["name"].as_str().unwrap(),
                    field["name"].as_str().unwrap()
                ));
                let arguments: Vec<_> = field["args"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|argument| argument["name"].as_str().unwrap())
                    .collect();
                for argument in ["first", "after", "last", "before"] {
                    assert!(arguments.contains(&argument), "{field}");
                }
            }
        }
    }
    let tried = CONNECTIONS
        .iter()
        .map(|(field, _)| (*field).to_owned())
        .collect();
    assert_eq!(connections, tried);
}

#[tokio::test]
async fn a_page_is_what_the_reference_algorithm_picks() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let ids = fill(&house, &viewer).await;
        let mut dice = Dice(0x5eed_cafe_f00d_1234);
        for (field, query) in CONNECTIONS {
            let query = ids.iter().fold(query.to_owned(), |query, (name, id)| {
                query.replace(name, &format!("\"{id}\""))
            });
            let path = field.split('.').nth(1).unwrap();
            let ask = async |arguments: &str| page(&house, &viewer, &query, path, arguments).await;
            let all = cursors(&ask("first: 500").await);
            assert!(all.len() >= MANY, "{field}: {all:?}");
            assert_eq!(BTreeSet::from_iter(&all).len(), all.len(), "{field}");
            for _ in 0..40 {
                let wanted = Wanted::draw(&mut dice, all.len());
                let page = ask(&wanted.arguments(&all)).await;
                let (edges, more) = wanted.pick(&all);
                assert_eq!(cursors(&page), edges, "{field}: {wanted:?}");
                let info = &page["pageInfo"];
                // On the other side something is left where a cursor names it: the specification lets servers say so.
                let (side, other, named) = if wanted.backward {
                    ("hasPreviousPage", "hasNextPage", wanted.before)
                } else {
                    ("hasNextPage", "hasPreviousPage", wanted.after)
                };
                assert_eq!(info[side], more, "{field}: {wanted:?}");
                assert_eq!(info[other], named.is_some(), "{field}: {wanted:?}");
                assert_eq!(
                    info["startCursor"].as_str(),
                    edges.first().map(String::as_str),
                    "{field}: {wanted:?}"
                );
                assert_eq!(
                    info["endCursor"].as_str(),
                    edges.last().map(String::as_str),
                    "{field}: {wanted:?}"
                );
                assert_eq!(
                    page["nodes"].as_array().unwrap().len(),
                    edges.len(),
                    "{field}: {wanted:?}"
                );
            }
        }
    })
    .await;
}

/// One connection's page, wherever in the answer it stands.
async fn page(house: &House, viewer: &Viewer, query: &str, field: &str, arguments: &str) -> Json {
    let query = query
        .replace("PAGE", &format!("({arguments}) {SELECTION}"))
        .replace("ARGUMENTS", arguments)
        .replace("SELECTION", SELECTION);
    let data = house.ask(viewer, &query, json!({})).await;
    match data.get("node") {
        Some(node) => node[field].clone(),
        None => data[field].clone(),
    }
}

fn cursors(page: &Json) -> Vec<String> {
    let edges = page["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| edge["cursor"].as_str().unwrap().to_owned())
        .collect()
}

/// Numbers that look random, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// What is asked for: positions in the whole list.
#[derive(Debug)]
struct Wanted {
    backward: bool,
    size: usize,
    after: Option<usize>,
    before: Option<usize>,
}

impl Wanted {
    fn draw(dice: &mut Dice, length: usize) -> Self {
        Self {
            backward: dice.below(2) == 1,
            size: 1 + dice.below(length + 2),
            after: (dice.below(2) == 1).then(|| dice.below(length)),
            before: (dice.below(2) == 1).then(|| dice.below(length)),
        }
    }

    fn arguments(&self, all: &[String]) -> String {
        let side = if self.backward { "last" } else { "first" };
        let cursor = |name: &str, at: Option<usize>| {
            at.map(|at| format!(", {name}: \"{}\"", all[at]))
                .unwrap_or_default()
        };
        format!(
            "{side}: {}{}{}",
            self.size,
            cursor("after", self.after),
            cursor("before", self.before)
        )
    }

    /// `EdgesToReturn` of the cursor connections specification; and whether something is left on the side that is read to.
    fn pick(&self, all: &[String]) -> (Vec<String>, bool) {
        let begin = self.after.map_or(0, |after| after + 1);
        let end = self.before.unwrap_or(all.len());
        let edges: Vec<String> = all.get(begin..end.max(begin)).unwrap_or_default().to_vec();
        let more = edges.len() > self.size;
        let edges = match (more, self.backward) {
            (false, _) => edges,
            (true, false) => edges[..self.size].to_vec(),
            (true, true) => edges[edges.len() - self.size..].to_vec(),
        };
        (edges, more)
    }
}

/// A workspace with at least [`MANY`] of everything; ids of what lists hang on.
async fn fill(house: &House, viewer: &Viewer) -> Vec<(&'static str, String)> {
    let channel = house.channel(viewer, "WhatsApp").await;
    house.make_ready(viewer, &channel).await;
    let mut contacts = Vec::new();
    for n in 0..MANY {
        let address = format!("+491511234567{n}");
        let fields = json!({ "name": format!("No. {n}"), "channels": [{ "channelId": channel, "address": address }] });
        contacts.push(house.contact(viewer, fields).await);
        house.tag(viewer, &format!("tag {n}")).await;
    }
    let ids = |ids: &[String]| ids.last().unwrap().clone();
    let (mut segments, mut imports, mut operations) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..MANY {
        segments.push(
            house
                .segment(viewer, &format!("segment {n}"), &contacts)
                .await,
        );
        imports.push(house.import(viewer, &channel).await);
        let many = "mutation { tagContacts(input: {contacts: {matching: {}}, tagNames: [\"vip\"]}) { operation { id } } exportContacts(input: {contacts: {matching: {}}}) { export { id } } }";
        let made = house.ask(viewer, many, json!({})).await;
        operations.push(
            made["tagContacts"]["operation"]["id"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    talk(house, viewer, &channel, &contacts[0]).await;
    errors(house, &ids(&imports), &ids(&operations), &contacts).await;
    let (broadcast, send) = broadcasts(house, viewer, &channel).await;
    vec![
        ("CONTACT", contacts[0].clone()),
        ("SEGMENT", ids(&segments)),
        ("BROADCAST", broadcast),
        ("SEND", send),
        ("IMPORT", ids(&imports)),
        ("OPERATION", ids(&operations)),
    ]
}

/// Conversations with one contact, one after the other, and messages in them.
async fn talk(house: &House, viewer: &Viewer, channel: &str, contact: &str) {
    let open = "mutation ($contact: ID!, $channel: ID!) { openConversation(input: {contactId: $contact, channelId: $channel}) { conversation { id } userErrors { code } } }";
    let close =
        "mutation ($id: ID!) { closeConversation(input: {id: $id}) { userErrors { code } } }";
    let write = "mutation ($contact: ID!, $channel: ID!) { sendMessage(input: {contactId: $contact, channelId: $channel, content: {text: \"Hi\"}}) { message { id } userErrors { code message } } }";
    let who = json!({ "contact": contact, "channel": channel });
    for _ in 0..MANY {
        let opened = house.ask(viewer, open, who.clone()).await;
        let id = &opened["openConversation"]["conversation"]["id"];
        let sent = house.ask(viewer, write, who.clone()).await;
        assert_eq!(sent["sendMessage"]["userErrors"], json!([]));
        house.ask(viewer, close, json!({ "id": id })).await;
    }
}

/// Errors of rows and of contacts, as jobs write them.
async fn errors(house: &House, import: &str, operation: &str, contacts: &[String]) {
    let tx = house.db.write().await.unwrap();
    for (n, contact) in contacts.iter().enumerate() {
        let row = import_error::Model {
            import_id: import.parse().unwrap(),
            row: n as i64 / 2 + 1,
            seq: n as i32,
            line: n as i64 + 2,
            header: None,
            value: None,
            code: ImportErrorCode::PhoneInvalid,
            message: "No.".to_owned(),
            dropped: false,
        };
        row.into_active_model()
            .reset_all()
            .insert(&*tx)
            .await
            .unwrap();
        let row = operation_error::Model {
            operation_id: operation.parse().unwrap(),
            contact_id: contact.parse().unwrap(),
            code: BulkErrorCode::LimitExceeded,
            message: "No.".to_owned(),
        };
        row.into_active_model()
            .reset_all()
            .insert(&*tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// Broadcasts, the last with many sends, the first of them begun.
async fn broadcasts(house: &House, viewer: &Viewer, channel: &str) -> (String, String) {
    let make = "mutation ($id: ID!) { createBroadcast(input: {title: \"Spring\", channelId: $id, everyone: true, content: {text: \"Hi\"}}) { broadcast { id } } }";
    let mut id = Json::Null;
    for _ in 0..MANY {
        let mut made = house.ask(viewer, make, json!({ "id": channel })).await;
        id = made["createBroadcast"]["broadcast"]["id"].take();
    }
    let now = "mutation ($id: ID!) { sendBroadcast(input: {id: $id}) { broadcastSend { id } userErrors { code } } }";
    let sent = house.ask(viewer, now, json!({ "id": id })).await;
    let first = sent["sendBroadcast"]["broadcastSend"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    send::begin(&house.db, viewer, first.parse().unwrap(), "run", 1)
        .await
        .unwrap();
    let later = "mutation ($id: ID!) { sendBroadcast(input: {id: $id, recipients: NEWLY_ADDED, scheduledAt: \"2100-01-01T00:00:00Z\"}) { broadcastSend { id } userErrors { code } } }";
    for _ in 1..MANY {
        let sent = house.ask(viewer, later, json!({ "id": id })).await;
        assert_eq!(sent["sendBroadcast"]["userErrors"], json!([]));
    }
    (id.as_str().unwrap().to_owned(), first)
}
