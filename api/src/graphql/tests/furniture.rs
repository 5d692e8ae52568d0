//! One thing of each kind that has an id.

use super::harness::House;
use domain::{send, viewer::Viewer};
use serde_json::{Value as Json, json};

/// The kinds of ids, and the types they lead to.
pub(super) const KINDS: [(&str, &str); 21] = [
    ("workspace", "Workspace"),
    ("contact", "Contact"),
    ("address", "ContactChannel"),
    ("segment", "Segment"),
    ("inbox", "Inbox"),
    ("channel", "Channel"),
    ("attribute", "Attribute"),
    ("token", "ApiToken"),
    ("member", "Member"),
    ("tag", "Tag"),
    ("team", "Team"),
    ("import", "Import"),
    ("operation", "BulkOperation"),
    ("export", "Export"),
    ("template", "Template"),
    ("block", "Block"),
    ("conversation", "Conversation"),
    ("message", "Message"),
    ("broadcast", "Broadcast"),
    ("send", "BroadcastSend"),
    ("delivery", "Delivery"),
];

/// What a viewer finds behind the ids of one thing of each kind.
pub(super) async fn nodes(house: &House, viewer: &Viewer, of: &Json) -> Vec<Json> {
    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let ids: Vec<_> = KINDS.iter().map(|(kind, _)| of[*kind].clone()).collect();
    let data = house.ask(viewer, query, json!({ "ids": ids })).await;
    data["nodes"].as_array().unwrap().clone()
}

/// One thing of each kind, by the kind's name.
pub(super) async fn furnish(house: &House, viewer: &Viewer) -> Json {
    let channel = house.channel(viewer, "WhatsApp").await;
    house.make_ready(viewer, &channel).await;
    let fields = json!({ "name": "Ada", "channels": [{ "channelId": channel, "address": "+4915112345678" }], "tagNames": ["vip"] });
    let contact = house.contact(viewer, fields).await;
    let member = house.member(viewer, "Grace", "AGENT").await;
    let team = house
        .team(viewer, "Support", std::slice::from_ref(&member))
        .await;
    let assign = "mutation ($id: ID!, $member: ID!, $team: ID!) {
        updateContact(input: {id: $id, contact: {assigneeId: $member, teamId: $team}}) { userErrors { code } }
    }";
    let assigned = json!({ "id": contact, "member": member, "team": team });
    let data = house.ask(viewer, assign, assigned).await;
    assert_eq!(data["updateContact"]["userErrors"], json!([]));
    let made = house
        .ask(
            viewer,
            "mutation { createApiToken(input: {name: \"x\", role: OWNER}) { apiToken { id } } }",
            json!({}),
        )
        .await;
    let query =
        "query ($id: ID!) { contact(id: $id) { channels { id } tags { id } } workspace { id } }";
    let found = house.ask(viewer, query, json!({ "id": contact })).await;
    let talker = json!({ "phone": "+4915112345670", "assigneeId": member });
    let talker = house.contact(viewer, talker).await;
    let (conversation, message) = talk(house, viewer, &talker).await;
    let (broadcast, send) = broadcast(house, viewer, &channel).await;
    json!({
        "broadcast": broadcast,
        "delivery": delivery(house, viewer, &channel).await,
        "send": send,
        "conversation": conversation,
        "message": message,
        "talker": talker,
        "import": house.import(viewer, &channel).await,
        "template": template(house, viewer, &channel).await,
        "block": block(house, viewer).await,
        "channel": channel,
        "operation": operation(house, viewer).await,
        "export": export(house, viewer).await,
        "inbox": inbox(house, viewer).await,
        "segment": house.segment(viewer, "all", std::slice::from_ref(&contact)).await,
        "attribute": house.attribute(viewer, "plan", "TEXT").await,
        "contact": contact.clone(),
        "token": made["createApiToken"]["apiToken"]["id"],
        "tag": found["contact"]["tags"][0]["id"],
        "another tag": house.tag(viewer, "new").await,
        "member": member,
        "team": team,
        "address": found["contact"]["channels"][0]["id"],
        "workspace": found["workspace"]["id"],
    })
}

/// What a contact wrote, over a channel of its own.
async fn talk(house: &House, viewer: &Viewer, talker: &str) -> (Json, Json) {
    let make = "mutation { createChannel(input: {kind: WHATSAPP, provider: DIALOG_360, name: \"Chat\"}) { channel { webhookUrl } } }";
    let data = house.ask(viewer, make, json!({})).await;
    let url = data["createChannel"]["channel"]["webhookUrl"]
        .as_str()
        .unwrap();
    let said = json!({ "messages": [{ "from": "4915112345670", "id": "wamid.1", "type": "text", "text": { "body": "Hi" } }] });
    house.hear(url, &said).await;
    let seen = house
        .ask(viewer, "{ conversations { nodes { id } } }", json!({}))
        .await;
    let conversation = &seen["conversations"]["nodes"][0];
    let list = "query ($id: ID!) { messages(contactId: $id) { nodes { id } } }";
    let messages = house.ask(viewer, list, json!({ "id": talker })).await;
    (
        conversation["id"].clone(),
        messages["messages"]["nodes"][0]["id"].clone(),
    )
}

/// A broadcast, and a send of it that waits for its time.
async fn broadcast(house: &House, viewer: &Viewer, channel: &str) -> (Json, Json) {
    let make = "mutation ($id: ID!) { createBroadcast(input: {title: \"Spring\", channelId: $id, everyone: true, content: {text: \"Hi\"}}) { broadcast { id } } }";
    let made = house.ask(viewer, make, json!({ "id": channel })).await;
    let id = made["createBroadcast"]["broadcast"]["id"].clone();
    let send = "mutation ($id: ID!) { sendBroadcast(input: {id: $id, recipients: NEWLY_ADDED, scheduledAt: \"2100-01-01T00:00:00Z\"}) { broadcastSend { id } userErrors { message } } }";
    let sent = house.ask(viewer, send, json!({ "id": id })).await;
    (id, sent["sendBroadcast"]["broadcastSend"]["id"].clone())
}

/// One of a send that has begun.
async fn delivery(house: &House, viewer: &Viewer, channel: &str) -> Json {
    let make = "mutation ($id: ID!) { createBroadcast(input: {title: \"Now\", channelId: $id, everyone: true, content: {text: \"Hi\"}}) { broadcast { id } } }";
    let made = house.ask(viewer, make, json!({ "id": channel })).await;
    let broadcast = json!({ "id": made["createBroadcast"]["broadcast"]["id"] });
    let send = "mutation ($id: ID!) { sendBroadcast(input: {id: $id}) { broadcastSend { id } } }";
    let sent = house.ask(viewer, send, broadcast).await;
    let id = sent["sendBroadcast"]["broadcastSend"]["id"].clone();
    let begun = id.as_str().unwrap().parse().unwrap();
    send::begin(&house.db, viewer, begun, "run", 1)
        .await
        .unwrap();
    let list = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { deliveries(first: 1) { nodes { id } } } } }";
    let seen = house.ask(viewer, list, json!({ "id": id })).await;
    seen["node"]["deliveries"]["nodes"][0]["id"].clone()
}

async fn template(house: &House, viewer: &Viewer, channel: &str) -> Json {
    let query = "mutation ($id: ID!) { createTemplate(input: {channelId: $id, name: \"offer\", language: \"en\", body: \"Hi {{1}}\"}) { template { id } } }";
    let data = house.ask(viewer, query, json!({ "id": channel })).await;
    data["createTemplate"]["template"]["id"].clone()
}

async fn block(house: &House, viewer: &Viewer) -> Json {
    let query =
        "mutation { createBlock(input: {name: \"Hello\", messages: [\"Hi\"]}) { block { id } } }";
    let data = house.ask(viewer, query, json!({})).await;
    data["createBlock"]["block"]["id"].clone()
}

async fn operation(house: &House, viewer: &Viewer) -> Json {
    let query = "mutation { tagContacts(input: {contacts: {matching: {}}, tagNames: [\"vip\"]}) { operation { id } } }";
    let mut data = house.ask(viewer, query, json!({})).await;
    data["tagContacts"]["operation"]["id"].take()
}

async fn export(house: &House, viewer: &Viewer) -> Json {
    let query = "mutation { exportContacts(input: {contacts: {matching: {}}}) { export { id } } }";
    let mut data = house.ask(viewer, query, json!({})).await;
    data["exportContacts"]["export"]["id"].take()
}

async fn inbox(house: &House, viewer: &Viewer) -> Json {
    let query = "mutation { createInbox(input: {name: \"Some\", shared: true}) { inbox { id } } }";
    let mut data = house.ask(viewer, query, json!({})).await;
    data["createInbox"]["inbox"]["id"].take()
}
