//! Channels: their accounts, what opens them, whether they work.

use super::harness::{House, SIGNING_SECRET, both, provider_url, with};
use domain::viewer::Viewer;
use entity::role::{Restriction, Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value as Json, json};

const CREATE: &str = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) {
    channel { id status settings { baseUrl phoneNumberId } webhookUrl rateLimit dailyLimit lastError } userErrors { field code message } } }";
const UPDATE: &str = "mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) {
    channel { status settings { baseUrl phoneNumberId } rateLimit dailyLimit } userErrors { field code message } } }";
const VERIFY: &str = "mutation ($id: ID!) { verifyChannel(input: {id: $id}) {
    channel { status lastError verifiedAt } userErrors { field code message } } }";
const DELETE: &str = "mutation ($id: ID!) { deleteChannel(input: {id: $id}) { deletedId userErrors { code message } } }";

async fn create(house: &House, owner: &Viewer, input: Json) -> Json {
    let data = house.ask(owner, CREATE, json!({ "input": input })).await;
    assert_eq!(data["createChannel"]["userErrors"], json!([]), "{input}");
    data["createChannel"]["channel"].clone()
}

async fn update(house: &House, owner: &Viewer, input: Json) -> Json {
    let data = house.ask(owner, UPDATE, json!({ "input": input })).await;
    data["updateChannel"].clone()
}

async fn verify(house: &House, owner: &Viewer, id: &Json) -> Json {
    house.ask(owner, VERIFY, json!({ "id": id })).await["verifyChannel"].take()
}

fn working() -> Json {
    json!({
        "kind": "SMS", "provider": "HTTP", "name": "Texts", "settings": { "baseUrl": provider_url() },
        "credentials": { "signingSecret": SIGNING_SECRET }
    })
}

#[tokio::test]
async fn only_the_provider_makes_a_channel_ready() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let made = create(&house, &owner, working()).await;
        assert_eq!(made["status"], "UNVERIFIED");
        assert_eq!((&made["rateLimit"], &made["dailyLimit"]), (&json!(100), &Json::Null));
        let verified = verify(&house, &owner, &made["id"]).await;
        assert_eq!((&verified["channel"]["status"], &verified["channel"]["lastError"]), (&json!("READY"), &Json::Null));
        assert!(verified["channel"]["verifiedAt"].is_string());
        // A name changes nothing about the account, another address does.
        let same = update(&house, &owner, json!({ "id": made["id"], "name": "Text messages", "rateLimit": 7, "dailyLimit": 250 })).await;
        assert_eq!(same["channel"]["status"], "READY", "{same}");
        assert_eq!((&same["channel"]["rateLimit"], &same["channel"]["dailyLimit"]), (&json!(7), &json!(250)));
        let nowhere = "http://127.0.0.1:1/";
        let moved = update(&house, &owner, json!({ "id": made["id"], "settings": { "baseUrl": nowhere }, "rateLimit": null })).await;
        assert_eq!((&moved["channel"]["status"], &moved["channel"]["rateLimit"]), (&json!("UNVERIFIED"), &json!(100)));
        let failing = verify(&house, &owner, &made["id"]).await;
        assert_eq!(failing["channel"]["status"], "FAILING");
        assert_eq!(failing["channel"]["lastError"], "UNREACHABLE: The provider could not be reached.");
        let off = update(&house, &owner, json!({ "id": made["id"], "disabled": true, "settings": { "baseUrl": provider_url() } })).await;
        assert_eq!(off["channel"]["status"], "DISABLED");
        let refused = verify(&house, &owner, &made["id"]).await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID");
        let on = update(&house, &owner, json!({ "id": made["id"], "disabled": false })).await;
        assert_eq!(on["channel"]["status"], "UNVERIFIED");
        assert_eq!(verify(&house, &owner, &made["id"]).await["channel"]["status"], "READY");
    })
    .await;
}

#[tokio::test]
async fn what_an_account_lacks_or_cannot_have_is_named() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let input = json!({ "kind": "WHATSAPP", "provider": "WHATSAPP_CLOUD", "name": "Main", "settings": { "phoneNumberId": " 123 " } });
        let made = create(&house, &owner, input).await;
        assert_eq!(made["settings"]["phoneNumberId"], "123");
        let refused = verify(&house, &owner, &made["id"]).await;
        let messages: Vec<_> = refused["userErrors"].as_array().unwrap().iter().map(|error| error["message"].as_str().unwrap()).collect();
        let missing = ["credentials.accessToken is missing: updateChannel sets it.", "credentials.appSecret is missing: updateChannel sets it."];
        assert_eq!(messages, missing);
        assert_eq!(refused["userErrors"][0]["code"], "INCOMPLETE");
        for (part, field, value) in [
            ("settings", "baseUrl", "no url"),
            ("settings", "baseUrl", "ftp://example.com"),
            ("settings", "baseUrl", "https://ann:word@example.com"),
            ("settings", "baseUrl", "https://example.com/?a=1"),
            ("settings", "phoneNumberId", "../me"),
            ("settings", "apiVersion", "v1/../../x"),
            ("settings", "accountId", "a/b"),
            ("credentials", "accessToken", "two\nlines"),
            ("credentials", "apiKey", "with spaces in it"),
            ("credentials", "signingSecret", "whsec_short"),
            ("credentials", "signingSecret", "no prefix"),
        ] {
            let refused = update(&house, &owner, json!({ "id": made["id"], part: { field: value } })).await;
            let error = &refused["userErrors"][0];
            assert_eq!((&error["field"], &error["code"]), (&json!([part, field]), &json!("INVALID")), "{value}: {refused}");
            assert!(!error["message"].as_str().unwrap().contains(value));
        }
        for (field, value) in [("rateLimit", 0), ("rateLimit", 10_001), ("dailyLimit", -1)] {
            let refused = update(&house, &owner, json!({ "id": made["id"], field: value })).await;
            assert_eq!(refused["userErrors"][0]["field"], json!([field]));
        }
        let cleared = update(&house, &owner, json!({ "id": made["id"], "settings": { "phoneNumberId": null } })).await;
        assert_eq!(cleared["channel"]["settings"]["phoneNumberId"], Json::Null);
    })
    .await;
}

#[tokio::test]
async fn what_opens_an_account_is_in_no_answer_and_in_no_row() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let made = create(&house, &owner, working()).await;
        let url = made["webhookUrl"].as_str().unwrap().to_owned();
        let key = url.strip_prefix("http://localhost/webhooks/").unwrap();
        assert_eq!(key.len(), 43);
        let statement = Statement::from_string(
            house.db.backend(),
            "SELECT settings, credentials, webhook_hash FROM channel",
        );
        let row = house
            .db
            .read()
            .query_one_raw(statement)
            .await
            .unwrap()
            .unwrap();
        let sealed: String = row.try_get("", "credentials").unwrap();
        let hash: String = row.try_get("", "webhook_hash").unwrap();
        for secret in [SIGNING_SECRET, key] {
            assert!(!sealed.contains(secret) && !hash.contains(secret));
        }
        // A change of something else keeps both.
        update(&house, &owner, json!({ "id": made["id"], "name": "Other" })).await;
        let data = house
            .ask(&owner, "{ channels { webhookUrl } }", json!({}))
            .await;
        assert_eq!(data["channels"][0]["webhookUrl"], url);
        assert_eq!(
            verify(&house, &owner, &made["id"]).await["channel"]["status"],
            "READY"
        );
        for other in [
            with(&owner, Role::Manager, &[]),
            with(&owner, Role::Owner, &[Restriction::NoWorkspaceSettings]),
        ] {
            let data = house
                .ask(
                    &other,
                    "{ channels { webhookUrl settings { baseUrl } } }",
                    json!({}),
                )
                .await;
            assert_eq!(
                data["channels"],
                json!([{ "webhookUrl": null, "settings": null }])
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_channel_is_deleted_and_history_still_names_it() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let made = create(&house, &owner, working()).await;
        let id = &made["id"];
        let fields = json!({ "name": "Ada", "channels": [{ "channelId": id, "address": "+4915112345678" }] });
        let contact = house.contact(&owner, fields.clone()).await;
        let inbox = "mutation ($filter: ContactFilter!) { createInbox(input: {name: \"Texts\", shared: true, filter: $filter}) { inbox { id } userErrors { code } } }";
        let data = house.ask(&owner, inbox, json!({ "filter": { "channels": { "anyOf": [id] } } })).await;
        assert_eq!(data["createInbox"]["userErrors"], json!([]));
        let refused = house.ask(&owner, DELETE, json!({ "id": id })).await;
        assert_eq!(refused["deleteChannel"]["userErrors"][0]["code"], "IN_USE");
        let remove = "mutation ($id: ID!) { deleteInbox(input: {id: $id}) { userErrors { code } } }";
        house.ask(&owner, remove, json!({ "id": data["createInbox"]["inbox"]["id"] })).await;
        let deleted = house.ask(&owner, DELETE, json!({ "id": id })).await;
        assert_eq!(deleted["deleteChannel"], json!({ "deletedId": id, "userErrors": [] }));

        let data = house.ask(&owner, "query ($id: ID!) { channels { id } contact(id: $id) { channels { address channel { name status webhookUrl } } } }", json!({ "id": contact })).await;
        assert_eq!(data["channels"], json!([]));
        let gone = json!({ "name": "Texts", "status": "DELETED", "webhookUrl": null });
        assert_eq!(data["contact"]["channels"], json!([{ "address": "+4915112345678", "channel": gone }]));
        for query in [VERIFY, DELETE] {
            let data = house.ask(&owner, query, json!({ "id": id })).await;
            let payload = data.as_object().unwrap().values().next().unwrap();
            assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND");
        }
        // Nobody gets an address on it any more, and its name is free.
        let query = "mutation ($contact: ContactFieldsInput!) { createContact(input: {contact: $contact}) { userErrors { code } } }";
        let refused = house.ask(&owner, query, json!({ "contact": fields })).await;
        assert_eq!(refused["createContact"]["userErrors"][0]["code"], "NOT_FOUND");
        create(&house, &owner, working()).await;
    })
    .await;
}
