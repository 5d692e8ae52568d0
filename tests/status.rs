//! What providers tell of messages of ours: early, late, twice, and by whatever name.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{Harness, both, mock, mock::Mock, until},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

/// A shop whose channel is a system that speaks HTTP, behind this address.
async fn http<'a>(t: &'a Harness, url: &str) -> Shop<'a> {
    let settings = json!({ "baseUrl": format!("{url}/http") });
    let credentials = json!({ "signingSecret": mock::SIGNING_SECRET });
    let of = json!({ "provider": "HTTP", "settings": settings, "credentials": credentials });
    Shop::with(t, of).await
}

/// The system tells of a message.
async fn tell(shop: &Shop<'_>, mut said: Value) {
    said["type"] = json!("status");
    let (body, at) = (said.to_string(), domain::clock::now().timestamp());
    let key = mock::SIGNING_SECRET.trim_start_matches("whsec_");
    let key = BASE64_STANDARD.decode(key).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("told.{at}.{body}").as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let request = reqwest::Client::new()
        .post(&shop.webhooks)
        .header("webhook-id", "told")
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", format!("v1,{signature}"));
    let answer = request.body(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

/// Tells of a message by the provider's name alone.
async fn tell_by_name(shop: &Shop<'_>, id: &Value, more: Value) {
    let mut event = json!({ "id": id, "timestamp": "1800000000" });
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    let body = json!({ "object": "x", "entry": [{ "changes": [{ "field": "messages", "value": { "statuses": [event] } }] }] });
    let request = reqwest::Client::new().post(&shop.webhooks);
    let answer = request.body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

fn stopped() -> Value {
    json!({ "status": "failed", "errors": [{ "code": 131_050, "title": "stop" }] })
}

async fn messages(t: &Harness, contact: &Value) -> Value {
    let query = "query ($id: ID!) { messages(contactId: $id) { nodes { text status } } }";
    let mut data = t.data(&t.owner, query, json!({ "id": contact })).await;
    data["messages"]["nodes"].take()
}

async fn is_out(t: &Harness, contact: &Value) -> bool {
    let query = "query ($id: ID!) { contact(id: $id) { optedOutAt } }";
    let data = t.data(&t.owner, query, json!({ "id": contact })).await;
    data["contact"]["optedOutAt"].is_string()
}

both! {
    async fn a_message_with_two_names_stands_in_the_history_once(t: &Harness) {
        let shop = http(t, mock::url()).await;
        let ann = shop.person(&number(1), json!({})).await;
        let id = shop.broadcast(json!({ "text": "Hi" })).await;
        let send = shop.send(json!({ "id": id })).await;
        shop.becomes(&send, "COMPLETED").await;
        let ledger = shop.ledger(&send).await;
        assert!(ledger[0]["providerMessageId"].as_str().unwrap().starts_with("wamid."), "its answer has a name of its own");
        // By our own name, then by that and a third.
        let ours = format!("{}.1", ledger[0]["id"].as_str().unwrap());
        tell(&shop, json!({ "id": ours, "status": "delivered" })).await;
        t.drained().await;
        assert_eq!(messages(t, &ann).await, json!([{ "text": "Hi", "status": "DELIVERED" }]));
        tell(&shop, json!({ "id": ours, "message_id": "other", "status": "read" })).await;
        t.drained().await;
        assert_eq!(messages(t, &ann).await, json!([{ "text": "Hi", "status": "READ" }]));
        // A call that was never made has no message.
        tell(&shop, json!({ "id": ours.replace(".1", ".7"), "status": "read" })).await;
        t.drained().await;
        assert_eq!(messages(t, &ann).await.as_array().unwrap().len(), 1);
    }

    async fn a_status_by_our_name_may_come_before_the_answer(t: &Harness) {
        let slow = Mock::start(t.folder(), &["--delay", "1500"]).await;
        let shop = http(t, &slow.url).await;
        let ann = shop.person(&number(1), json!({})).await;
        let id = shop.broadcast(json!({ "text": "Hi" })).await;
        let send = shop.send(json!({ "id": id })).await;
        t.work();
        until("the call", async || !slow.ledger().is_empty()).await;
        let called = slow.ledger()[0].clone();
        tell(&shop, json!({ "id": called["reference"], "status": "delivered" })).await;
        until("the status", async || shop.look(&send).await["counts"]["delivered"] == 1).await;
        shop.becomes(&send, "COMPLETED").await;
        t.drained().await;
        assert_eq!(messages(t, &ann).await, json!([{ "text": "Hi", "status": "DELIVERED" }]));
        // By now it is known by the answer's name too.
        tell(&shop, json!({ "message_id": called["id"], "status": "read" })).await;
        t.drained().await;
        assert_eq!(messages(t, &ann).await, json!([{ "text": "Hi", "status": "READ" }]));
        assert_eq!(shop.look(&send).await["counts"]["read"], 1);
    }

    async fn a_stop_that_is_told_twice_is_one(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        let ann = shop.person(&number(1), json!({})).await;
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        shop.becomes(&send, "COMPLETED").await;
        let ledger = shop.ledger(&send).await;
        shop.tell(&ledger[0], 1, "failed", stopped()).await;
        assert!(is_out(t, &ann).await);
        let query = "mutation ($id: ID!) { updateContact(input: { id: $id, contact: { optedOut: false } }) { userErrors { code } } }";
        t.data(&t.owner, query, json!({ "id": ann })).await;
        shop.tell(&ledger[0], 1, "failed", stopped()).await;
        assert!(!is_out(t, &ann).await);
    }

    async fn a_stop_that_comes_before_the_answer_is_heard(t: &Harness) {
        let slow = Mock::start(t.folder(), &["--delay", "1500"]).await;
        let shop = Shop::with(t, json!({ "settings": { "baseUrl": slow.url } })).await;
        let content = shop.plain().await;
        let ann = shop.person(&number(1), json!({})).await;
        let id = shop.broadcast(content.clone()).await;
        let bob = shop.person(&number(2), json!({})).await;
        let segment = json!({ "id": id, "recipients": "SELECTED", "contactIds": [ann] });
        let send = shop.send(segment).await;
        let query = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { code } } }";
        let input = json!({ "contactId": bob, "channelId": shop.channel, "content": content });
        t.data(&t.owner, query, json!({ "input": input })).await;
        t.work();
        until("both calls", async || slow.ledger().len() == 2).await;
        for called in slow.ledger() {
            tell_by_name(&shop, &called["id"], stopped()).await;
        }
        shop.becomes(&send, "COMPLETED").await;
        t.drained().await;
        assert_eq!(shop.look(&send).await["counts"]["failed"], 1);
        for contact in [&ann, &bob] {
            assert_eq!(messages(t, contact).await[0]["status"], "FAILED");
            assert!(is_out(t, contact).await);
        }
    }

    async fn a_status_that_comes_beside_its_answer_is_not_lost(t: &Harness) {
        const PEOPLE: usize = 60;
        let mock = Mock::start(t.folder(), &[]).await;
        let shop = Shop::with(t, json!({ "settings": { "baseUrl": mock.url } })).await;
        let content = shop.plain().await;
        for n in 0..PEOPLE {
            shop.person(&number(n), json!({})).await;
        }
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        t.work();
        // Each is told as soon as the provider has taken it, whether its answer is there or not.
        let mut told = 0;
        while told < PEOPLE {
            tokio::time::sleep(Duration::from_millis(2)).await;
            for called in mock.ledger().into_iter().skip(told) {
                tell_by_name(&shop, &called["id"], json!({ "status": "delivered" })).await;
                told += 1;
            }
        }
        shop.becomes(&send, "COMPLETED").await;
        t.drained().await;
        assert_eq!(shop.look(&send).await["counts"]["delivered"], PEOPLE);
    }
}
