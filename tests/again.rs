//! Every mutation, twice with the same key: the second time it answers the same and does nothing.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{Harness, both, contents::contents},
};
use domain::{clock, pending_object};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;

/// What comes with the mutation that takes one.
const FILE: &str = "Email\nada@example.com\n";

/// The mutations, so that later ones find what earlier ones made: `@name` stands for the id of what the step of this name made. Those that begin jobs come
/// before any job runs, so that there is something to cancel.
const SCRIPT: &str = r##"
updateWorkspace {"name": "Shop", "supportTemplate": "@template"}
verifyChannel {"id": "@shop"}
syncTemplates {"id": "@shop"}
web = createChannel {"kind": "WEB", "provider": "HTTP", "name": "Web"}
updateChannel {"id": "@web", "name": "Site"}
offer = createTemplate {"channelId": "@web", "name": "offer", "language": "en", "body": "Hi {{1}}"}
updateTemplate {"id": "@offer", "footer": "Bye"}
deleteTemplate {"id": "@offer"}
deleteChannel {"id": "@web"}
block = createBlock {"name": "Hello", "messages": ["Hi"]}
updateBlock {"id": "@block", "messages": ["Hi", "there"]}
deleteBlock {"id": "@block"}
member = createMember {"name": "Grace", "email": "grace@example.com", "role": "AGENT"}
updateMember {"id": "@member", "name": "Grace H."}
team = createTeam {"name": "Support", "memberIds": ["@member"]}
updateTeam {"id": "@team", "name": "Help"}
token = createApiToken {"name": "Script", "role": "AGENT"}
revokeApiToken {"id": "@token"}
plan = createAttribute {"key": "plan", "type": "TEXT"}
updateAttribute {"id": "@plan", "label": "Plan"}
ada = createContact {"contact": {"name": "Ada", "channels": "@first", "receivesSupportRequests": true, "attributes": [{"key": "plan", "value": "pro"}]}}
bob = createContact {"contact": {"name": "Bob", "channels": "@second"}}
cy = createContact {"contact": {"name": "Cy"}}
updateContact {"id": "@ada", "contact": {"name": "Ada L.", "assigneeId": "@member"}}
deleteContact {"id": "@cy"}
deleteAttribute {"id": "@plan", "expectedCount": 1}
gold = createTag {"name": "Gold"}
golden = createTag {"name": "Golden"}
useless = createTag {"name": "Useless"}
updateTag {"id": "@gold", "colour": "#ffcc00"}
mergeTags {"ids": ["@golden"], "intoId": "@gold"}
deleteTag {"id": "@useless"}
some = createSegment {"name": "Some", "contacts": {"ids": ["@ada"]}}
others = createSegment {"name": "Others", "contacts": {"ids": ["@ada"]}}
updateSegment {"id": "@some", "name": "Few"}
deleteSegment {"id": "@others"}
inbox = createInbox {"name": "Mine"}
updateTableView {"columns": [{"column": "name"}]}
updateInbox {"id": "@inbox", "name": "Ours", "shared": true}
deleteInbox {"id": "@inbox"}
talk = openConversation {"contactId": "@ada", "channelId": "@shop"}
assignConversation {"id": "@talk", "assigneeId": "@member"}
sendMessage {"contactId": "@ada", "channelId": "@shop", "content": {"template": "@template"}}
closeConversation {"id": "@talk"}
requestSupport {"contactId": "@bob", "channelId": "@shop"}
import = createImport {"consentConfirmed": true}
startImport {"id": "@import"}
cancelImport {"id": "@import"}
export = exportContacts {"contacts": {"matching": {}}}
cancelExport {"id": "@export"}
operation = tagContacts {"contacts": {"matching": {}}, "tagNames": ["Gold"]}
cancelOperation {"id": "@operation"}
untagContacts {"contacts": {"ids": ["@ada"]}, "tagNames": ["Gold"]}
addToSegment {"contacts": {"ids": ["@bob"]}, "segmentId": "@some"}
removeFromSegment {"contacts": {"ids": ["@ada"]}, "segmentId": "@some"}
spring = createBroadcast {"title": "Spring", "channelId": "@shop", "everyone": true, "content": {"template": "@template"}}
draft = createBroadcast {"title": "Draft", "channelId": "@shop", "everyone": true, "content": {"template": "@template"}}
updateBroadcast {"id": "@draft", "title": "Summer"}
deleteBroadcast {"id": "@draft"}
soon = sendBroadcast {"id": "@spring"}
pauseBroadcastSend {"id": "@soon"}
resumeBroadcastSend {"id": "@soon"}
cancelBroadcastSend {"id": "@soon"}
now = sendBroadcast {"id": "@spring"}
retryFailedDeliveries {"id": "@now"}
deleteTeam {"id": "@team"}
deleteMember {"id": "@member"}
"##;

/// Each step: its name, where what it makes is needed, its mutation, its input.
fn steps() -> impl Iterator<Item = (&'static str, &'static str, Value)> {
    SCRIPT.trim().lines().map(|line| {
        let (step, input) = line.split_once(" {").unwrap();
        let (name, mutation) = step.split_once(" = ").unwrap_or(("", step));
        let input = serde_json::from_str(&format!("{{{input}")).unwrap();
        (name, mutation, input)
    })
}

/// A mutation as the schema has it: its query, and the field of its payload that holds what it made.
struct Mutation {
    query: String,
    made: String,
}

/// All of them, by their names.
async fn mutations(t: &Harness) -> BTreeMap<String, Mutation> {
    let query = "{ __schema { mutationType { fields { name args { type { ofType { name } } }
        type { ofType { fields { name type { kind ofType { kind ofType { kind } } } } } } } } } }";
    let schema = t.data(&t.owner, query, json!({})).await;
    let fields = schema["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap();
    fields
        .iter()
        .map(|field| {
            let (name, input) = (text(&field["name"]), text(&field["args"][0]["type"]["ofType"]["name"]));
            let payload = field["type"]["ofType"]["fields"].as_array().unwrap();
            let fields = payload.iter().filter(|field| field["name"] != "userErrors");
            let selected: Vec<String> = fields
                .map(|field| match is_plain(&field["type"]) {
                    true => text(&field["name"]),
                    false => format!("{} {{ id }}", text(&field["name"])),
                })
                .collect();
            let query = format!(
                "mutation ($input: {input}!) {{ {name}(input: $input) {{ {} userErrors {{ field code message }} }} }}",
                selected.join(" ")
            );
            let made = text(&payload[0]["name"]);
            (name, Mutation { query, made })
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Whether a field of this type needs no selection.
fn is_plain(of: &Value) -> bool {
    match of["kind"].as_str() {
        Some("NON_NULL" | "LIST") => is_plain(&of["ofType"]),
        kind => matches!(kind, Some("SCALAR" | "ENUM")),
    }
}

/// With what they stand for instead of names.
fn filled(input: &Value, ids: &BTreeMap<&str, Value>) -> Value {
    match input {
        Value::String(text) => match text.strip_prefix('@') {
            Some(name) => ids[name].clone(),
            None => input.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, ids)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(
                fields
                    .map(|(name, value)| (name.clone(), filled(value, ids)))
                    .collect(),
            )
        }
        _ => input.clone(),
    }
}

async fn ask(t: &Harness, name: &str, query: &str, input: &Value) -> Value {
    let variables = json!({ "input": input });
    let mut answer = match name {
        "createImport" => t.upload(&t.owner, query, variables, "a.csv", FILE).await,
        _ => t.graphql(&t.owner, query, variables).await,
    };
    assert!(answer.get("errors").is_none(), "{name}: {answer:#}");
    answer["data"][name].take()
}

/// Sends what waits, and lets the provider say that the send's messages failed, so that they can be tried again.
async fn fail(shop: &Shop<'_>, send: &Value) {
    shop.becomes(send, "COMPLETED").await;
    for delivery in shop.ledger(send).await {
        let errors = json!({ "errors": [{ "code": 130_429, "title": "Too many" }] });
        shop.tell(&delivery, 1, "failed", errors).await;
    }
}

both! {
    async fn every_mutation_has_one_effect_however_often_it_comes(t: &Harness) {
        let shop = Shop::open(t).await;
        let at = |n| json!([{ "channelId": shop.channel, "address": number(n) }]);
        let template = shop.plain().await["template"].take();
        let mut ids: BTreeMap<_, _> = [("shop", shop.channel.clone()), ("template", template), ("first", at(1)), ("second", at(2))].into();
        let mutations = mutations(t).await;
        let mut untried: BTreeSet<&str> = mutations.keys().map(String::as_str).collect();
        let (mut asked, mut deleted) = (Vec::new(), BTreeSet::new());
        for (n, (name, mutation, input)) in steps().enumerate() {
            if mutation == "retryFailedDeliveries" {
                fail(&shop, &ids["now"]).await;
            }
            untried.remove(mutation);
            let mut input = filled(&input, &ids);
            if mutation.starts_with("delete") || mutation.starts_with("revoke") {
                deleted.insert(input["id"].to_string());
            }
            input["idempotencyKey"] = json!(format!("key {n}"));
            let Mutation { query, made } = &mutations[mutation];
            let answer = ask(t, mutation, query, &input).await;
            assert_eq!(answer["userErrors"], json!([]), "{mutation}: {answer:#}");
            ids.insert(name, answer[made]["id"].clone());
            asked.push((mutation, query, input, answer));
        }
        assert_eq!(untried, BTreeSet::new(), "mutations that this test does not try");
        deleted.insert(ids["golden"].to_string());
        t.drained().await;
        let before = contents(&t.db).await;
        assert!(before.values().filter(|rows| !rows.is_empty()).count() > 20, "{:?}", before.keys());
        for (mutation, query, input, first) in asked {
            let again = ask(t, mutation, query, &input).await;
            let mut expected = first;
            if expected.get("secret").is_some() {
                expected["secret"] = Value::Null;
            }
            let made = &mutations[mutation].made;
            let is_gone = again[made].is_null() && again["userErrors"][0]["code"] == "NOT_FOUND";
            if !(is_gone && deleted.contains(&expected[made]["id"].to_string())) {
                assert_eq!(again, expected, "{mutation}");
            }
        }
        t.drained().await;
        for (table, rows) in contents(&t.db).await {
            assert_eq!(before[&table], rows, "{table}");
        }
        // The result file of the send that was tried again.
        let tidied = pending_object::drop_abandoned(&t.db, &t.store, clock::now(), &CancellationToken::new()).await;
        assert_eq!(tidied.unwrap(), 1);
    }
}
