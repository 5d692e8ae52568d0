//! Messages to one person, support, and those who watch.

use crate::{
    broadcast_kit::{Shop, number, trouble},
    harness::{Harness, both, mock::Mock, until},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

const SEND: &str = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id status } userErrors { field code message } } }";

async fn send(shop: &Shop<'_>, contact: &Value, content: Value) -> Value {
    let input = json!({ "contactId": contact, "channelId": shop.channel, "content": content });
    shop.t
        .data(&shop.t.owner, SEND, json!({ "input": input }))
        .await["sendMessage"]
        .take()
}

async fn history(t: &Harness, contact: &Value) -> Vec<Value> {
    let query = "query ($id: ID!) { messages(contactId: $id) { nodes { id text status kind authorName error { code } template { name } broadcast { title } direction } } }";
    let mut data = t.data(&t.owner, query, json!({ "id": contact })).await;
    serde_json::from_value(data["messages"]["nodes"].take()).unwrap()
}

/// Somebody writes to the shop.
pub(crate) async fn writes(shop: &Shop<'_>, number: &str, text: &str) {
    writes_at(shop, number, text, domain::clock::now()).await;
}

/// Somebody wrote to the shop then, and it is told only now.
pub(crate) async fn writes_at(shop: &Shop<'_>, number: &str, text: &str, at: DateTime<Utc>) {
    let from = number.trim_start_matches('+');
    let id = format!("in.{from}.{text}");
    let at = at.timestamp().to_string();
    let said = json!({ "contacts": [{ "profile": { "name": "Profile" }, "wa_id": from }], "messages": [
        { "from": from, "id": id, "timestamp": at, "type": "text", "text": { "body": text } }] });
    let body = json!({ "object": "x", "entry": [{ "changes": [{ "field": "messages", "value": said }] }] });
    let answer = reqwest::Client::new()
        .post(&shop.webhooks)
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    shop.t.drained().await;
}

both! {
    async fn a_message_goes_to_one_person_and_its_end_is_known(t: &Harness) {
        let shop = Shop::open(t).await;
        let ann = shop.person(&number(1), json!({ "firstName": "Ann" })).await;
        let text = json!({ "text": "Hi {{user.first_name}}" });
        let early = send(&shop, &ann, text.clone()).await;
        assert_eq!(early["userErrors"][0]["field"], json!(["content"]), "{early:#}");
        writes(&shop, &number(1), "Hello").await;
        let sent = send(&shop, &ann, text).await;
        assert_eq!(sent["message"]["status"], "PENDING", "{sent:#}");
        t.drained().await;
        let seen = history(t, &ann).await;
        assert_eq!((&seen[0]["text"], &seen[0]["status"], &seen[0]["authorName"]), (&json!("Hi Ann"), &json!("SENT"), &json!("Owner")), "{seen:#?}");
        // By our own name for it.
        let reference = format!("{}.1", seen[0]["id"].as_str().unwrap());
        let event = |status: &str| json!({ "id": "other", "status": status, "timestamp": "1800000000", "biz_opaque_callback_data": reference });
        shop.tell_all(json!([event("read"), event("sent"), event("read")])).await;
        assert_eq!(history(t, &ann).await[0]["status"], "READ");
        let query = "{ conversations { nodes { number status contact { id } } } }";
        let talks = t.data(&t.owner, query, json!({})).await;
        assert_eq!(talks["conversations"]["nodes"], json!([{ "number": 1, "status": "OPEN", "contact": { "id": ann } }]));
    }

    async fn a_message_that_fails_says_why(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        let gone = shop.person(&trouble("131026"), json!({})).await;
        let reset = shop.person(&trouble("000104"), json!({})).await;
        let quick = shop.person(&trouble("000429"), json!({})).await;
        let blocked = shop.person(&number(1), json!({ "blocked": true })).await;
        for contact in [&gone, &reset, &quick] {
            assert_eq!(send(&shop, contact, content.clone()).await["userErrors"], json!([]));
        }
        assert_eq!(send(&shop, &blocked, content.clone()).await["userErrors"][0]["field"], json!(["contactId"]));
        t.drained().await;
        let one = |seen: Vec<Value>| seen[0].clone();
        let (gone, reset, quick) = (one(history(t, &gone).await), one(history(t, &reset).await), one(history(t, &quick).await));
        assert_eq!((&gone["status"], &gone["error"]["code"]), (&json!("FAILED"), &json!("131026")));
        assert_eq!((&reset["status"], &reset["error"]["code"]), (&json!("UNKNOWN"), &json!("NO_ANSWER")));
        assert_eq!((&quick["status"], &quick["template"]["name"]), (&json!("SENT"), &json!("we_are_back")));
    }

    async fn a_person_whose_messages_hang_holds_up_nobody(t: &Harness) {
        let slow = Mock::start(t.folder(), &["--delay", "2500"]).await;
        let shop = Shop::with(t, json!({ "settings": { "baseUrl": slow.url } })).await;
        let content = shop.plain().await;
        let ann = shop.person(&number(1), json!({})).await;
        let bob = shop.person(&number(2), json!({})).await;
        // More of them than there are workers.
        for _ in 0..20 {
            send(&shop, &ann, content.clone()).await;
        }
        send(&shop, &bob, content).await;
        t.work();
        until("the other's to be sent", async || history(t, &bob).await[0]["status"] == "SENT").await;
        let waits = |row: &Value| row["status"] == "PENDING";
        assert!(history(t, &ann).await.iter().filter(|row| waits(row)).count() > 10);
        let query = "mutation ($id: ID!) { deleteContact(input: { id: $id }) { userErrors { code } } }";
        t.data(&t.owner, query, json!({ "id": ann })).await;
        t.drained().await;
    }

    async fn messages_that_come_while_another_goes_out_follow_it(t: &Harness) {
        let slow = Mock::start(t.folder(), &["--delay", "300"]).await;
        let shop = Shop::with(t, json!({ "settings": { "baseUrl": slow.url } })).await;
        let content = shop.plain().await;
        let ann = shop.person(&number(1), json!({})).await;
        t.work();
        for _ in 0..8 {
            send(&shop, &ann, content.clone()).await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        t.drained().await;
        let seen = history(t, &ann).await;
        assert_eq!(seen.iter().filter(|row| row["status"] == "SENT").count(), 8, "{seen:#?}");
        assert_eq!(slow.ledger().len(), 8, "each once");
    }

    async fn a_status_that_comes_before_its_message_is_not_lost(t: &Harness) {
        let shop = Shop::open(t).await;
        // A provider that gives us nothing back names the message alone, and may do so before it has answered.
        shop.tell_all(json!([{ "id": "wamid.early", "status": "delivered", "timestamp": "1800000000" }])).await;
        let rows = early(t).await;
        assert_eq!(rows, 1);
    }

    async fn whoever_watches_sees_messages_and_conversations(t: &Harness) {
        let shop = Shop::open(t).await;
        let ann = shop.person(&number(1), json!({ "firstName": "Ann" })).await;
        t.drained().await;
        let before = t.db.hub().listeners();
        let mut messages = t.subscribe(&t.owner, "subscription { messageChanged { text status contact { displayName } } }", json!({})).await;
        let query = "subscription ($id: ID) { conversationChanged(contactId: $id) { number status } }";
        let mut talks = t.subscribe(&t.owner, query, json!({ "id": ann })).await;
        // What happens once they listen they hear.
        until("both to listen", async || t.db.hub().listeners() >= before + 2).await;
        // A look at what was there before comes first.
        until("a moment to pass", async || { let now = t.db.statements(); tokio::time::sleep(std::time::Duration::from_millis(50)).await; t.db.statements() == now }).await;
        writes(&shop, &number(1), "Hello").await;
        let heard = messages.until(|event| event["data"]["messageChanged"]["status"] == "RECEIVED").await;
        assert_eq!(heard.last().unwrap()["data"]["messageChanged"]["text"], "Hello");
        let heard = talks.until(|event| event["data"]["conversationChanged"]["status"] == "OPEN").await;
        assert_eq!(heard.last().unwrap()["data"]["conversationChanged"]["number"], 1);
        send(&shop, &ann, json!({ "text": "Hi" })).await;
        messages.until(|event| event["data"]["messageChanged"]["text"] == "Hi" && event["data"]["messageChanged"]["status"] == "SENT").await;
        t.drained().await;
    }

    async fn support_is_asked_for_and_the_bot_is_silent(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        let query = "mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) { workspace { supportWords supportText supportTemplate { template { name } } } userErrors { field code message } } }";
        let input = json!({ "conversationUrl": "https://desk.example/{number}", "supportWords": ["Human please"], "supportText": "{{user.first_name}} waits: {{conversation.url}}",
            "supportTemplate": content["template"] });
        let set = t.data(&t.owner, query, json!({ "input": input })).await;
        assert_eq!(set["updateWorkspace"]["workspace"]["supportTemplate"]["template"]["name"], "we_are_back", "{set:#}");
        let wrong = t.data(&t.owner, query, json!({ "input": { "supportText": "{{user.shoe}}" } })).await;
        assert_eq!(wrong["updateWorkspace"]["userErrors"][0]["field"], json!(["supportText"]));
        let near = shop.person(&number(1), json!({ "receivesSupportRequests": true })).await;
        let far = shop.person(&number(2), json!({ "receivesSupportRequests": true })).await;
        let ann = shop.person(&number(3), json!({ "firstName": "Ann {{attr.secret}}" })).await;
        writes(&shop, &number(1), "I am here").await;
        writes(&shop, &number(3), "human please!").await;
        let query = "query ($id: ID!) { contact(id: $id) { botActive } }";
        assert_eq!(t.data(&t.owner, query, json!({ "id": ann })).await["contact"]["botActive"], false);
        let told = &history(t, &near).await[0];
        assert_eq!((&told["text"], &told["status"]), (&json!("Ann { {attr.secret}} waits: https://desk.example/2"), &json!("SENT")));
        let told = &history(t, &far).await[0];
        assert_eq!((&told["kind"], &told["status"]), (&json!("template"), &json!("SENT")), "no text reaches them");
        // Again while the bot is silent: nobody is told twice.
        writes(&shop, &number(3), "Human please").await;
        assert_eq!(history(t, &far).await.len(), 1);
        let query = "mutation ($input: RequestSupportInput!) { requestSupport(input: $input) { conversation { number url } userErrors { code } } }";
        let input = json!({ "contactId": ann, "channelId": shop.channel });
        let asked = t.data(&t.owner, query, json!({ "input": input })).await;
        assert_eq!(asked["requestSupport"]["conversation"], json!({ "number": 2, "url": "https://desk.example/2" }));
        t.drained().await;
        assert_eq!(history(t, &far).await.len(), 2);
    }
}

/// Statuses that wait for their messages.
async fn early(t: &Harness) -> i64 {
    use sea_orm::{ConnectionTrait, Statement};
    let sql = "SELECT count(*) AS number FROM early_status";
    let row =
        t.db.read()
            .query_one_raw(Statement::from_string(t.db.backend(), sql))
            .await;
    row.unwrap().unwrap().try_get("", "number").unwrap()
}
