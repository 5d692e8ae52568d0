//! The bot's endpoint: told where a conversation stands once a block is out.

use crate::{
    broadcast_kit::{Shop, number, trouble},
    harness::{Harness, both, mock},
    talk::writes,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const SET: &str = "mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { workspace { bot { url waiting givenUp lastError } } userErrors { field code message } } }";

/// Sets a bot behind a name of its own; the name.
async fn bot(t: &Harness, kind: &str) -> String {
    let own = t
        .folder()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let name = format!("{kind}-{own}");
    let input = json!({ "botUrl": format!("{}/bot/{name}", mock::url()), "botSigningSecret": mock::SIGNING_SECRET });
    let set = t.data(&t.owner, SET, json!({ "input": input })).await;
    assert_eq!(set["updateWorkspace"]["userErrors"], json!([]));
    name
}

/// What the bot was told, each with a signature that holds.
async fn told(name: &str) -> Vec<(u64, Value)> {
    let answer = reqwest::get(format!("{}/mock/bot/{name}", mock::url())).await;
    let told: Vec<Value> = answer.unwrap().json().await.unwrap();
    let read = |event: &Value| {
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        let key = BASE64_STANDARD
            .decode(mock::SIGNING_SECRET.trim_start_matches("whsec_"))
            .unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{}.{}.{}", text("id"), text("timestamp"), text("body")).as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        assert_eq!(text("signature"), format!("v1,{signature}"));
        let body: Value = serde_json::from_str(&text("body")).unwrap();
        assert_eq!(body["id"], event["id"]);
        (event["answer"].as_u64().unwrap(), body)
    };
    told.iter().map(read).collect()
}

async fn state(t: &Harness) -> Value {
    let query = "{ workspace { bot { url waiting givenUp lastError } } }";
    t.data(&t.owner, query, json!({})).await["workspace"]["bot"].take()
}

async fn block(t: &Harness, name: &str, messages: &[&str]) -> Value {
    let query = "mutation ($input: CreateBlockInput!) { createBlock(input: $input) { block { id } userErrors { code } } }";
    let input = json!({ "name": name, "messages": messages });
    t.data(&t.owner, query, json!({ "input": input })).await["createBlock"]["block"]["id"].take()
}

both! {
    async fn the_bot_is_told_where_a_conversation_stands(t: &Harness) {
        let shop = Shop::open(t).await;
        let name = bot(t, "late").await;
        let block = block(t, "Welcome", &["Hi {{user.first_name}}", "What can we do?"]).await;
        let ann = shop.person(&number(1), json!({ "firstName": "Ann" })).await;
        shop.person(&number(2), json!({ "firstName": "Silent" })).await;
        writes(&shop, &number(1), "Hello").await;
        let id = shop.broadcast(json!({ "blockId": block })).await;
        let send = shop.send(json!({ "id": id })).await;
        shop.becomes(&send, "COMPLETED").await;
        t.drained().await;
        let heard = told(&name).await;
        // Not taken the first time, and again with the same id.
        assert_eq!(heard.iter().map(|(answer, _)| *answer).collect::<Vec<_>>(), [503, 204]);
        assert_eq!(heard[0].1, heard[1].1);
        let ledger = shop.ledger(&send).await;
        let delivery = ledger.iter().find(|row| row["status"] == "SENT").unwrap();
        let mut event = heard[0].1.clone();
        assert!(event["at"].take().as_str().unwrap().ends_with('Z'));
        let conversation = event["conversation"].take();
        assert_eq!(conversation["number"], 1);
        assert_eq!(event, json!({
            "type": "block", "id": format!("block.{}", delivery["id"].as_str().unwrap()), "at": null, "conversation": null,
            "contact": { "id": ann, "name": "Ann", "botActive": true }, "channel": { "id": shop.channel, "name": "Shop" }, "address": number(1),
            "block": { "id": block, "name": "Welcome" }, "sendId": send
        }));
        let now = state(t).await;
        assert_eq!((&now["waiting"], &now["givenUp"], &now["lastError"]), (&json!(0), &json!(0), &Value::Null));
    }

    async fn a_block_to_one_person_is_told_once_its_last_message_is_out(t: &Harness) {
        let shop = Shop::open(t).await;
        let name = bot(t, "one").await;
        let block = block(t, "Menu", &["Hi", "Choose"]).await;
        let ann = shop.person(&number(1), json!({ "firstName": "Ann" })).await;
        // A message that may have been taken: the webhook settles it.
        let lost = shop.person(&trouble("000104"), json!({})).await;
        writes(&shop, &number(1), "Hello").await;
        writes(&shop, &trouble("000104"), "Hello").await;
        let query = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { field code message } } }";
        let one = self::block(t, "One", &["Hi"]).await;
        for (contact, block) in [(&ann, &block), (&lost, &one)] {
            let input = json!({ "contactId": contact, "channelId": shop.channel, "content": { "blockId": block } });
            let sent = t.data(&t.owner, query, json!({ "input": input })).await;
            assert_eq!(sent["sendMessage"]["userErrors"], json!([]));
        }
        t.drained().await;
        let heard = told(&name).await;
        assert_eq!(heard.len(), 1, "{heard:#?}");
        assert_eq!((&heard[0].1["contact"]["id"], &heard[0].1["block"]["name"], &heard[0].1["sendId"]), (&ann, &json!("Menu"), &Value::Null));
        let query = "query ($id: ID!) { messages(contactId: $id, first: 1) { nodes { id status } } }";
        let unknown = t.data(&t.owner, query, json!({ "id": lost })).await["messages"]["nodes"][0].take();
        assert_eq!(unknown["status"], "UNKNOWN");
        let reference = format!("{}.1", unknown["id"].as_str().unwrap());
        let event = |status: &str| json!({ "id": "x", "status": status, "timestamp": "1800000000", "biz_opaque_callback_data": reference });
        shop.tell_all(json!([event("sent"), event("delivered"), event("delivered")])).await;
        let heard = told(&name).await;
        assert_eq!(heard.len(), 2, "{heard:#?}");
        assert_eq!(heard[1].1["contact"]["id"], lost);
    }

    async fn where_the_bot_is_only_owners_say_and_see(t: &Harness) {
        let set = async |input: Value| t.data(&t.owner, SET, json!({ "input": input })).await["updateWorkspace"].take();
        let secret = mock::SIGNING_SECRET;
        for (input, field, code) in [
            (json!({ "botUrl": "https://bot.example/hook" }), "botSigningSecret", "REQUIRED"),
            (json!({ "botUrl": "https://bot.example/hook", "botSigningSecret": "whsec_short" }), "botSigningSecret", "INVALID"),
            (json!({ "botUrl": "ftp://bot.example", "botSigningSecret": secret }), "botUrl", "INVALID"),
            (json!({ "botUrl": "nowhere", "botSigningSecret": secret }), "botUrl", "INVALID"),
        ] {
            let refused = set(input).await;
            let error = &refused["userErrors"][0];
            assert_eq!((&error["field"], &error["code"]), (&json!([field]), &json!(code)), "{refused:#}");
        }
        let name = bot(t, "seen").await;
        assert!(state(t).await["url"].as_str().unwrap().ends_with(&name));
        let seen = t.data(&t.manager, "{ workspace { bot { url } } }", json!({})).await;
        assert_eq!(seen["workspace"]["bot"], Value::Null);
        let refused = set(json!({ "botSigningSecret": null })).await;
        assert_eq!(refused["userErrors"][0]["code"], "REQUIRED");
        let gone = set(json!({ "botUrl": null, "botSigningSecret": null })).await;
        assert_eq!((&gone["workspace"]["bot"], &gone["userErrors"]), (&Value::Null, &json!([])));
    }
}
