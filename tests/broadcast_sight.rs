//! What a send tells those from whom contacts or addresses are hidden.

use crate::{
    broadcast_kit::{Shop, number, trouble},
    harness::{Harness, both},
    viewer::{member, restricted},
};
use serde_json::{Value, json};

/// All that a send says of people.
async fn told(t: &Harness, token: &str, send: &Value) -> Value {
    let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { resultFile { url } deliveries { nodes {
        address status providerMessageId error { code message }
        contact { displayName phone email channels { address } lastConversation { number } } } } } } }";
    t.data(token, query, json!({ "id": send })).await["node"].take()
}

both! {
    async fn a_send_tells_no_address_and_no_contact_that_is_hidden(t: &Harness) {
        let shop = Shop::open(t).await;
        let manager = member(t, &t.manager).await;
        let ann = shop.person(&number(1), json!({ "firstName": "Ann", "assigneeId": manager })).await;
        let bob = shop.person(&number(2), json!({ "phone": number(2) })).await;
        shop.person(&trouble("131026"), json!({ "email": "cy@one.example" })).await;
        // What fills the message is what is hidden.
        let template = shop.template().await;
        let content = json!({ "template": { "templateId": template, "variables": [
            { "name": "header.1", "value": "{{user.phone_no}}", "fallback": "friend" },
            { "name": "1", "value": "{{user.name}}" },
            { "name": "2", "value": "20" }
        ] } });
        let broadcast = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": broadcast })).await;
        shop.becomes(&send, "COMPLETED").await;

        let all = told(t, &t.owner, &send).await;
        assert_eq!(all["deliveries"]["nodes"].as_array().unwrap().len(), 3);
        assert!(all["resultFile"].is_object() && all.to_string().contains(&number(2)), "{all:#}");

        let masked = restricted(t, &manager, "MANAGER", json!(["MASK_PHONE_AND_EMAIL"])).await;
        let shown = told(t, &masked, &send).await;
        let nodes = shown["deliveries"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 3);
        assert!(nodes.iter().all(|node| node["address"] == "hidden" && node["providerMessageId"].is_null()), "{nodes:#?}");
        assert_eq!((&shown["resultFile"], &nodes[0]["contact"]["displayName"]), (&Value::Null, &json!("Ann")));
        let query = "query ($id: ID!, $broadcast: ID!) { messages(contactId: $id) { nodes { text error { message } } }
            broadcast(id: $broadcast) { preview(contactId: $id) { message } } }";
        let asked = json!({ "id": bob, "broadcast": broadcast });
        let read = t.data(&masked, query, asked.clone()).await;
        let text = read["messages"]["nodes"][0]["text"].as_str().unwrap();
        assert!(text.starts_with("Hello hidden\nYour plan hidden"), "{text}");
        for secret in [number(1), number(2), trouble("131026"), "cy@one.example".to_owned()] {
            let digits = secret.trim_start_matches('+');
            assert!(!format!("{shown}{read}").contains(digits), "{digits} {shown:#} {read:#}");
        }
        let open = t.data(&t.owner, query, asked.clone()).await;
        assert!(open["messages"]["nodes"][0]["text"].as_str().unwrap().contains(&number(2)));

        let narrowed = restricted(t, &manager, "MANAGER", json!(["ONLY_ASSIGNED_CONTACTS"])).await;
        let shown = told(t, &narrowed, &send).await;
        let nodes = shown["deliveries"]["nodes"].as_array().unwrap();
        assert_eq!((nodes.len(), &nodes[0]["contact"]["displayName"], &nodes[0]["address"]), (1, &json!("Ann"), &json!(number(1))));
        assert_eq!(shown["resultFile"], Value::Null);
        let foreign = t.graphql(&narrowed, query, asked).await;
        let nowhere = t.graphql(&narrowed, query, json!({ "id": "contact_987654", "broadcast": broadcast })).await;
        assert_eq!(foreign, nowhere, "one whom they do not see answers as one who never existed");
        let read = t.data(&narrowed, "query ($id: ID!) { messages(contactId: $id) { nodes { id } } }", json!({ "id": ann })).await;
        assert_eq!(read["messages"]["nodes"].as_array().unwrap().len(), 1);
    }

    async fn the_words_of_the_provider_tell_no_address(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        shop.person(&trouble("131042"), json!({})).await;
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        shop.becomes(&send, "PAUSED").await;
        let query = "query ($id: ID!) { channels { lastError } node(id: $id) { ... on BroadcastSend { failureMessage } } }";
        let asked = json!({ "id": send });
        let open = t.data(&t.owner, query, asked.clone()).await;
        let manager = member(t, &t.manager).await;
        let masked = restricted(t, &manager, "MANAGER", json!(["MASK_PHONE_AND_EMAIL"])).await;
        let shown = t.data(&masked, query, asked).await;
        let number = trouble("131042");
        let number = number.trim_start_matches('+');
        for words in ["/channels/0/lastError", "/node/failureMessage"] {
            let of = |told: &Value| told.pointer(words).unwrap().as_str().unwrap().to_owned();
            let hidden = of(&open).replace(number, "hidden");
            assert_ne!(of(&open), hidden, "{words}");
            assert_eq!(of(&shown), hidden, "{words}");
            assert!(hidden.contains("(131042)"), "the code stays: {hidden}");
        }
        shop.change("cancelBroadcastSend", &send).await;
        t.drained().await;
    }
}
