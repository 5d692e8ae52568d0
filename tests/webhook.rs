//! Webhooks of providers: who may tell what, and what comes of it.

use crate::harness::{Harness, both, mock, until};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{RequestBuilder, StatusCode};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::{Value, json};
use sha2::Sha256;

const APP_SECRET: &str = "app-secret";

/// Makes a channel; its id, and where its webhooks come to.
async fn channel(
    t: &Harness,
    provider: &str,
    name: &str,
    settings: Value,
    credentials: Value,
) -> (Value, String) {
    let query = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id webhookUrl } userErrors { field code } } }";
    let input = json!({ "kind": "WHATSAPP", "provider": provider, "name": name, "settings": settings, "credentials": credentials });
    let mut data = t.data(&t.owner, query, json!({ "input": input })).await;
    assert_eq!(data["createChannel"]["userErrors"], json!([]));
    let made = data["createChannel"]["channel"].take();
    (
        made["id"].clone(),
        made["webhookUrl"].as_str().unwrap().to_owned(),
    )
}

/// One of a provider that signs nothing.
async fn unsigned(t: &Harness) -> (Value, String) {
    channel(
        t,
        "DIALOG_360",
        "Shop",
        json!({ "baseUrl": mock::url() }),
        json!({ "apiKey": "key" }),
    )
    .await
}

/// A text of somebody, as Meta tells it.
fn text(from: &str, id: &str, at: i64, text: &str) -> Value {
    json!({
        "contacts": [{ "profile": { "name": "Ann Profile" }, "wa_id": from }],
        "messages": [{ "from": from, "id": id, "timestamp": at.to_string(), "type": "text", "text": { "body": text } }]
    })
}

fn body(value: &Value) -> String {
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": value }] }] }).to_string()
}

fn post(url: &str, body: &str) -> RequestBuilder {
    reqwest::Client::new().post(url).body(body.to_owned())
}

/// Tells something, and waits until it is applied.
async fn tell(t: &Harness, url: &str, value: &Value) {
    let answer = post(url, &body(value)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{value}");
    t.drained().await;
}

const PEOPLE: &str = "{ contacts { nodes { id displayName phone version firstContactAt lastInteractionAt lastIncomingAt optedOutAt avatarUrl
    lastChannel { name } channels { address profileName firstContactAt lastContactAt lastIncomingAt } } }
    conversations { nodes { id number status openedAt closedAt url contact { displayName } } } }";

async fn people(t: &Harness) -> Value {
    t.data(&t.owner, PEOPLE, json!({})).await
}

async fn texts(t: &Harness, contact: &Value) -> Value {
    let query = "query ($id: ID!) { messages(contactId: $id) { nodes { text direction status at contact { id } } } }";
    let data = t.data(&t.owner, query, json!({ "id": contact })).await;
    let nodes = data["messages"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| node["text"].clone()).collect()
}

both! {
    async fn who_writes_becomes_known(t: &Harness) {
        let (_, url) = unsigned(t).await;
        tell(t, &url, &text("4915112345678", "wamid.1", 1_790_000_000, "Hi")).await;
        let seen = people(t).await;
        let known = &seen["contacts"]["nodes"][0];
        let at = json!("2026-09-21T14:13:20Z");
        assert_eq!((&known["displayName"], &known["phone"], &known["version"]), (&json!("Ann Profile"), &json!("+4915112345678"), &json!(1)));
        for time in ["firstContactAt", "lastInteractionAt", "lastIncomingAt"] {
            assert_eq!(known[time], at, "{time}");
        }
        let address = json!([{ "address": "+4915112345678", "profileName": "Ann Profile", "firstContactAt": at, "lastContactAt": at, "lastIncomingAt": at }]);
        assert_eq!((&known["lastChannel"]["name"], &known["channels"]), (&json!("Shop"), &address));
        let conversation = &seen["conversations"]["nodes"][0];
        assert_eq!((&conversation["number"], &conversation["status"], &conversation["openedAt"]), (&json!(1), &json!("OPEN"), &at));

        // The same again, what came before, and more: once each, in one conversation, in the order in which it was said.
        for (id, at, said) in [("wamid.1", 1_790_000_000, "Hi"), ("wamid.0", 1_789_999_000, "Before"), ("wamid.2", 1_790_000_100, "More")] {
            tell(t, &url, &text("4915112345678", id, at, said)).await;
        }
        let seen = people(t).await;
        assert_eq!(seen["contacts"]["nodes"].as_array().unwrap().len(), 1);
        assert_eq!(seen["conversations"]["nodes"].as_array().unwrap().len(), 1);
        let known = &seen["contacts"]["nodes"][0];
        assert_eq!(texts(t, &known["id"]).await, json!(["More", "Hi", "Before"]));
        assert_eq!((&known["firstContactAt"], &known["lastIncomingAt"]), (&json!("2026-09-21T13:56:40Z"), &json!("2026-09-21T14:15:00Z")));
        assert_eq!(known["version"], 1);

        // Closed, the next message opens another; a name that is given comes before the profile's.
        let close = "mutation ($id: ID!) { closeConversation(input: { id: $id }) { conversation { status } userErrors { code } } }";
        let id = &seen["conversations"]["nodes"][0]["id"];
        let closed = t.data(&t.owner, close, json!({ "id": id })).await;
        assert_eq!(closed["closeConversation"]["conversation"]["status"], "CLOSED");
        let again = t.data(&t.owner, close, json!({ "id": id })).await;
        assert_eq!(again["closeConversation"]["userErrors"], json!([{ "code": "CONFLICT" }]));
        let name = "mutation ($id: ID!) { updateContact(input: { id: $id, contact: { name: \"Ann\" } }) { contact { displayName } }
            updateWorkspace(input: { conversationUrl: \"https://desk.example/{number}\" }) { userErrors { code } } }";
        let data = t.data(&t.owner, name, json!({ "id": known["id"] })).await;
        assert_eq!(data["updateContact"]["contact"]["displayName"], "Ann");
        tell(t, &url, &text("4915112345678", "wamid.3", 1_790_000_200, "Again")).await;
        let seen = people(t).await;
        let newest = &seen["conversations"]["nodes"][0];
        assert_eq!((&newest["number"], &newest["url"]), (&json!(2), &json!("https://desk.example/2")));
        assert_eq!(newest["contact"]["displayName"], "Ann");
    }

    async fn who_is_known_by_number_is_not_doubled(t: &Harness) {
        let (_, url) = unsigned(t).await;
        let make = "mutation ($contact: ContactFieldsInput!) { createContact(input: { contact: $contact }) { contact { id } } }";
        let data = t.data(&t.owner, make, json!({ "contact": { "name": "Ann", "phone": "+4915112345678" } })).await;
        let ann = &data["createContact"]["contact"]["id"];
        // In Brazil a number is written with a ninth digit, and without.
        let data = t.data(&t.owner, make, json!({ "contact": { "name": "Bia", "phone": "+5511987654321" } })).await;
        let bia = &data["createContact"]["contact"]["id"];
        tell(t, &url, &text("4915112345678", "wamid.1", 1_790_000_000, "Hi")).await;
        tell(t, &url, &text("551187654321", "wamid.2", 1_790_000_000, "Oi")).await;
        // Without a number: by the messenger's own id.
        let mut nameless = text("", "wamid.3", 1_790_000_000, "Psst");
        nameless["messages"][0]["from_user_id"] = json!("IN.abc123");
        nameless["contacts"][0] = json!({ "profile": { "name": "Cy" }, "user_id": "IN.abc123" });
        tell(t, &url, &nameless).await;
        let seen = people(t).await;
        let nodes = seen["contacts"]["nodes"].as_array().unwrap();
        let of = |id: &Value| nodes.iter().find(|node| node["id"] == *id).unwrap();
        assert_eq!(nodes.len(), 3);
        assert_eq!((&of(ann)["displayName"], &of(ann)["channels"][0]["address"]), (&json!("Ann"), &json!("+4915112345678")));
        assert_eq!((&of(bia)["phone"], &of(bia)["channels"][0]["address"]), (&json!("+5511987654321"), &json!("+551187654321")));
        let cy = nodes.iter().find(|node| node["displayName"] == "Cy").unwrap();
        assert_eq!((&cy["phone"], &cy["channels"][0]["address"]), (&Value::Null, &json!("IN.abc123")));
        // The number comes later: the same person.
        let mut both = text("919876543210", "wamid.4", 1_790_000_100, "It is me");
        both["messages"][0]["from_user_id"] = json!("IN.abc123");
        tell(t, &url, &both).await;
        assert_eq!(people(t).await["contacts"]["nodes"].as_array().unwrap().len(), 3);
        assert_eq!(texts(t, &cy["id"]).await, json!(["It is me", "Psst"]));
    }

    async fn many_messages_of_one_webhook_are_each_applied_once(t: &Harness) {
        let (_, url) = unsigned(t).await;
        let make = "mutation ($contact: ContactFieldsInput!) { createContact(input: { contact: $contact }) { contact { id } } }";
        // One is known by number, of one number there are two, who are both nobody on the channel.
        for (name, phone) in [("Ann", "+4915112345678"), ("Bob", "+4915112345679"), ("Bert", "+4915112345679")] {
            t.data(&t.owner, make, json!({ "contact": { "name": name, "phone": phone } })).await;
        }
        let (ann, bob, bia) = ("4915112345678", "4915112345679", "551187654321");
        let said = [
            (bia, "wamid.1", 1_790_000_000, "Oi"),
            ("5511987654321", "wamid.2", 1_790_000_200, "Sou eu"),
            (ann, "wamid.3", 1_790_000_100, "Late"),
            (ann, "wamid.4", 1_790_000_050, "Early"),
            (ann, "wamid.3", 1_790_000_100, "Late"),
            (bob, "wamid.5", 1_790_000_000, "Who am I?"),
            (bia, "wamid.6", 1_790_000_300, "STOP"),
        ];
        let messages = said.map(|(from, id, at, text)| {
            json!({ "from": from, "id": id, "timestamp": at.to_string(), "type": "text", "text": { "body": text } })
        });
        let told = json!({ "contacts": [{ "profile": { "name": "Bia" }, "wa_id": bia }, { "profile": { "name": "Ann P." }, "wa_id": ann }], "messages": messages });
        for _ in 0..2 {
            tell(t, &url, &told).await;
            let seen = people(t).await;
            let nodes = seen["contacts"]["nodes"].as_array().unwrap();
            assert_eq!(nodes.len(), 5, "{seen:#}");
            let on = |address: &str| {
                let is_theirs = |node: &&Value| node["channels"].as_array().unwrap().iter().any(|row| row["address"] == address);
                nodes.iter().find(is_theirs).unwrap()
            };
            let (ann, bob, bia) = (on("+4915112345678"), on("+4915112345679"), on("+551187654321"));
            assert_eq!((&ann["displayName"], &ann["version"]), (&json!("Ann"), &json!(1)), "{ann:#}");
            assert_eq!(ann["firstContactAt"], "2026-09-21T14:14:10Z");
            assert_eq!(ann["lastIncomingAt"], "2026-09-21T14:15:00Z");
            assert_eq!(ann["channels"], json!([{ "address": "+4915112345678", "profileName": "Ann P.",
                "firstContactAt": "2026-09-21T14:14:10Z", "lastContactAt": "2026-09-21T14:15:00Z", "lastIncomingAt": "2026-09-21T14:15:00Z" }]));
            assert_eq!((&bob["displayName"], &bob["phone"]), (&json!("+4915112345679"), &json!("+4915112345679")));
            // The same person by both ways to write the number.
            assert_eq!(bia["channels"].as_array().unwrap().len(), 2, "{bia:#}");
            assert_eq!((&bia["displayName"], &bia["optedOutAt"]), (&json!("Bia"), &json!("2026-09-21T14:18:20Z")));
            assert_eq!(texts(t, &ann["id"]).await, json!(["Late", "Early"]));
            assert_eq!(texts(t, &bob["id"]).await, json!(["Who am I?"]));
            assert_eq!(texts(t, &bia["id"]).await, json!(["STOP", "Sou eu", "Oi"]));
            let talks = seen["conversations"]["nodes"].as_array().unwrap();
            let mut numbers: Vec<_> = talks.iter().map(|talk| talk["number"].as_i64().unwrap()).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, [1, 2, 3]);
            let first = talks.iter().find(|talk| talk["number"] == 1).unwrap();
            assert_eq!((&first["contact"]["displayName"], &first["openedAt"]), (&json!("Bia"), &json!("2026-09-21T14:13:20Z")));
        }
    }

    async fn a_stop_is_the_whole_message_or_a_choice_in_the_messenger(t: &Harness) {
        let (_, url) = unsigned(t).await;
        for (n, (said, is_stop)) in [("please stop by", false), ("  STOP! ", true), ("Ábmelden", true), ("stopover", false)].into_iter().enumerate() {
            let from = format!("49151123456{n:02}");
            tell(t, &url, &text(&from, &format!("wamid.{n}"), 1_790_000_000, said)).await;
            let seen = people(t).await;
            assert_eq!(seen["contacts"]["nodes"][0]["optedOutAt"].is_string(), is_stop, "{said}");
        }
        let words = "mutation { updateWorkspace(input: { optOutWords: [\"Basta\"] }) { workspace { optOutWords } userErrors { code } } }";
        let data = t.data(&t.owner, words, json!({})).await;
        assert_eq!(data["updateWorkspace"]["workspace"]["optOutWords"], json!(["Basta"]));
        for (n, said, is_stop) in [(10, "stop", false), (11, "basta", true)] {
            tell(t, &url, &text(&format!("49151123456{n}"), &format!("wamid.{n}"), 1_790_000_000, said)).await;
            assert_eq!(people(t).await["contacts"]["nodes"][0]["optedOutAt"].is_string(), is_stop, "{said}");
        }
        // In the messenger: off, and on again. Who was not known becomes known by it.
        for (value, is_out) in [("stop", true), ("resume", false)] {
            let told = json!({ "user_preferences": [{ "wa_id": "4915112345699", "category": "marketing_messages", "value": value, "timestamp": 1_790_000_000 }] });
            tell(t, &url, &told).await;
            let seen = people(t).await;
            let known = &seen["contacts"]["nodes"][0];
            assert_eq!((&known["phone"], known["optedOutAt"].is_string()), (&json!("+4915112345699"), is_out));
        }
    }

    async fn of_two_choices_the_later_counts_whenever_it_is_told(t: &Harness) {
        let (_, url) = unsigned(t).await;
        let choose = async |value: &str, at: i64| {
            let told = json!({ "user_preferences": [{ "wa_id": "4915112345678", "value": value, "timestamp": at }] });
            tell(t, &url, &told).await;
            people(t).await["contacts"]["nodes"][0].clone()
        };
        for (value, at, is_out) in [
            ("stop", 1_790_000_100, true),
            ("resume", 1_790_000_000, true),
            ("resume", 1_790_000_200, false),
            ("stop", 1_790_000_100, false),
            ("stop", 1_790_000_300, true),
            ("stop", 1_790_000_500, true),
            ("resume", 1_790_000_400, true),
            ("resume", 1_790_000_500, false),
        ] {
            assert_eq!(choose(value, at).await["optedOutAt"].is_string(), is_out, "{value} {at}");
        }
        // A word is a choice too, and so is what a member does in their name.
        tell(t, &url, &text("4915112345678", "wamid.1", 1_790_000_450, "stop")).await;
        let known = people(t).await["contacts"]["nodes"][0].clone();
        assert_eq!(known["optedOutAt"], Value::Null);
        tell(t, &url, &text("4915112345678", "wamid.2", 1_790_000_600, "stop")).await;
        assert!(people(t).await["contacts"]["nodes"][0]["optedOutAt"].is_string());
        let on = "mutation ($id: ID!) { updateContact(input: { id: $id, contact: { optedOut: false } }) { userErrors { code } } }";
        t.data(&t.owner, on, json!({ "id": known["id"] })).await;
        assert_eq!(choose("stop", 1_790_000_700).await["optedOutAt"], Value::Null);
    }

    async fn channels_with_a_backlog_keep_no_other_waiting(t: &Harness) {
        const EACH: usize = 20;
        let mut urls = Vec::new();
        for name in ["A", "B", "C", "D", "E", "F"] {
            let settings = json!({ "baseUrl": mock::url() });
            let (id, url) = channel(t, "DIALOG_360", name, settings, json!({ "apiKey": "key" })).await;
            urls.push((id, url));
        }
        for n in 0..EACH {
            for (c, (_, url)) in urls.iter().enumerate() {
                let said = text(&format!("49151123456{c:02}"), &format!("wamid.{n}"), 1_790_000_000 + i64::try_from(n).unwrap(), &n.to_string());
                assert_eq!(post(url, &body(&said)).send().await.unwrap().status(), StatusCode::OK);
            }
        }
        // More jobs of one channel than there are workers.
        let channel_id = urls[0].0.as_str().unwrap().parse().unwrap();
        let tx = t.db.write().await.unwrap();
        for _ in 0..10 {
            domain::job::enqueue(&tx, &domain::job::ApplyWebhooks { channel_id }).await.unwrap();
        }
        tx.commit().await.unwrap();
        t.drained().await;
        let expected: Value = (0..EACH).rev().map(|n| json!(n.to_string())).collect();
        let seen = people(t).await;
        let nodes = seen["contacts"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), urls.len());
        for node in nodes {
            assert_eq!(texts(t, &node["id"]).await, expected);
        }
        // Whoever writes after all that is heard: no job that has left is taken for one that waits.
        tell(t, &urls[0].1, &text("4915112345600", "wamid.last", 1_790_001_000, "Last")).await;
        assert_eq!(people(t).await["contacts"]["nodes"].as_array().unwrap().len(), urls.len());
    }

    async fn only_the_provider_is_heard(t: &Harness) {
        let settings = json!({ "baseUrl": mock::url(), "phoneNumberId": "55" });
        let (_, url) = channel(t, "WHATSAPP_CLOUD", "Main", settings, json!({ "accessToken": "token", "appSecret": APP_SECRET })).await;
        let key = url.rsplit('/').next().unwrap();
        let told = body(&text("4915112345678", "wamid.1", 1_790_000_000, "Hi"));
        let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).unwrap();
        mac.update(told.as_bytes());
        let signature = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let signed = |body: &str| post(&url, body).header("X-Hub-Signature-256", format!("sha256={signature}"));
        for (request, status) in [
            (post(&url, &told), StatusCode::UNAUTHORIZED),
            (signed(&told.replace("Hi", "Ho")), StatusCode::UNAUTHORIZED),
            (post(&url.replace(key, "nobody"), &told), StatusCode::NOT_FOUND),
            (signed(&told), StatusCode::OK),
        ] {
            assert_eq!(request.send().await.unwrap().status(), status);
        }
        t.drained().await;
        assert_eq!(people(t).await["contacts"]["nodes"].as_array().unwrap().len(), 1);

        let shake = async |query: &str| reqwest::get(format!("{url}?{query}")).await.unwrap();
        let shaken = shake(&format!("hub.mode=subscribe&hub.verify_token={key}&hub.challenge=1158201444")).await;
        assert_eq!((shaken.status(), shaken.text().await.unwrap().as_str()), (StatusCode::OK, "1158201444"));
        assert_eq!(shake("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1").await.status(), StatusCode::FORBIDDEN);

        // What is no webhook is told so; what says nothing is taken; what is too large is not.
        let (_, url) = unsigned(t).await;
        for (said, status) in [
            ("{", StatusCode::BAD_REQUEST),
            ("[]", StatusCode::BAD_REQUEST),
            ("{\"entry\": []}", StatusCode::OK),
            (&body(&json!({ "messages": [{}], "something": 7 })), StatusCode::OK),
            (&"x".repeat((3 << 20) + 1), StatusCode::PAYLOAD_TOO_LARGE),
        ] {
            let answer = post(&url, said).send().await.unwrap();
            assert_eq!(answer.status(), status);
            if status != StatusCode::OK {
                let answer: Value = answer.json().await.unwrap();
                assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{answer:#}");
            }
        }
        // NUL, a text without end, a number of no plan: all of it is taken.
        let mut odd = text("1", "wamid.\u{0}", -5, &"a\u{0}".repeat(5_000));
        odd["contacts"][0]["profile"]["name"] = json!("\u{0}\u{200b}");
        tell(t, &url, &odd).await;
        let known = &people(t).await["contacts"]["nodes"][0];
        assert_eq!((&known["displayName"], &known["phone"]), (&json!("+1"), &Value::Null));
        assert_eq!(texts(t, &known["id"]).await[0].as_str().unwrap().len(), 4_096);
    }

    async fn nothing_comes_in_from_who_is_blocked(t: &Harness) {
        let (_, url) = unsigned(t).await;
        tell(t, &url, &text("4915112345678", "wamid.1", 1_790_000_000, "Hi")).await;
        let id = people(t).await["contacts"]["nodes"][0]["id"].clone();
        let block = "mutation ($id: ID!) { updateContact(input: { id: $id, contact: { blocked: true } }) { userErrors { code } } }";
        t.data(&t.owner, block, json!({ "id": id })).await;
        tell(t, &url, &text("4915112345678", "wamid.2", 1_790_000_100, "Hi?")).await;
        assert_eq!(texts(t, &id).await, json!(["Hi"]));
        assert_eq!(people(t).await["contacts"]["nodes"][0]["optedOutAt"], Value::Null);
        // But that they want no more is kept: it holds once they are blocked no longer.
        tell(t, &url, &text("4915112345678", "wamid.3", 1_790_000_200, "STOP")).await;
        assert_eq!(texts(t, &id).await, json!(["Hi"]));
        assert_eq!(people(t).await["contacts"]["nodes"][0]["optedOutAt"], "2026-09-21T14:16:40Z");
        let stranger = t.data(&t.stranger, "query ($id: ID!) { messages(contactId: $id) { nodes { id } } conversations { nodes { id } } }", json!({ "id": id })).await;
        assert_eq!(stranger, json!({ "messages": { "nodes": [] }, "conversations": { "nodes": [] } }));
    }

    async fn messages_are_looked_up_by_name_in_a_table_that_nobody_has_counted(t: &Harness) {
        let (_, url) = unsigned(t).await;
        tell(t, &url, &text("4915112345678", "wamid.1", 1_790_000_000, "Hi")).await;
        let more = "INSERT INTO message (workspace_id, contact_id, channel_id, direction, kind, status, provider_id, at, updated_at)
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
            SELECT workspace_id, contact_id, channel_id, 'OUTGOING', 'text', 'SENT', 'old.' || i, at, at FROM message CROSS JOIN n WHERE provider_id = 'wamid.1'";
        let tx = t.db.write().await.unwrap();
        tx.execute_unprepared(more).await.unwrap();
        tx.commit().await.unwrap();
        let delivered = |n| json!({ "id": format!("old.{n}"), "status": "delivered", "timestamp": "1790000000", "recipient_id": "4915112345678" });
        let statuses: Vec<Value> = (1..=300).map(delivered).collect();
        tell(t, &url, &json!({ "statuses": statuses })).await;
        assert_eq!(t.number("SELECT count(*) FROM message WHERE status = 'DELIVERED'").await, 300);
        if t.db.backend() == DbBackend::Postgres {
            // A connection tells what it has read some seconds later.
            let read = "SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes WHERE relname = 'message'";
            until("what was read", async || t.number(read).await >= 300).await;
            let read = t.number(read).await;
            assert!(read < 20_000, "{read} of 40,000");
        }
    }
}
