//! Many of everything that is listed.

use super::harness::House;
use domain::{send, viewer::Viewer};
use entity::{
    import_error::{self, ImportErrorCode},
    operation_error::{self, BulkErrorCode},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value as Json, json};

/// Entries of each list.
pub(super) const MANY: usize = 7;

/// A workspace with at least [`MANY`] of everything; ids of what lists hang on.
pub(super) async fn fill(house: &House, viewer: &Viewer) -> Vec<(&'static str, String)> {
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
    for contact in &contacts[..2] {
        talk(house, viewer, &channel, contact).await;
    }
    errors(house, &imports[0], &operations[0], &contacts[2..]).await;
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
    let (mut other, mut id) = (Json::Null, Json::Null);
    for _ in 0..MANY {
        other = id;
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
    let mut broadcasts = vec![other; 2];
    broadcasts.extend(vec![id.clone(); MANY - 1]);
    for id in &broadcasts {
        let sent = house.ask(viewer, later, json!({ "id": id })).await;
        assert_eq!(sent["sendBroadcast"]["userErrors"], json!([]));
    }
    (id.as_str().unwrap().to_owned(), first)
}
