//! Templates and blocks: made where the provider lists none.

use super::harness::{both, with};
use entity::role::{Restriction, Role};
use serde_json::{Value as Json, json};

const CREATE: &str = "mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) {
    template { id name language category body header footer variables status channel { name } } userErrors { field code } } }";

#[tokio::test]
async fn a_template_is_made_changed_and_deleted() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let channel = house.channel(&owner, "Shop").await;
        let input = json!({
            "channelId": channel, "name": "offer", "language": "en_US", "header": "Dear {{1}}", "body": "Your plan {{plan}} is {{ percent }} % off, {{plan}}."
        });
        let data = house.ask(&owner, CREATE, json!({ "input": input })).await;
        let made = &data["createTemplate"]["template"];
        assert_eq!(made["variables"], json!(["header.1", "plan", "percent"]));
        assert_eq!((&made["status"], &made["category"]), (&json!("DRAFT"), &json!("UTILITY")));
        assert_eq!(made["channel"]["name"], "Shop");
        for (field, value, code) in [
            ("name", "offer", "TAKEN"),
            ("name", " ", "INVALID"),
            ("body", "", "INVALID"),
            ("header", "two\nlines", "INVALID"),
            ("footer", "with {{1}}", "INVALID"),
            ("channelId", "channel_999", "NOT_FOUND"),
        ] {
            let mut wrong = input.clone();
            wrong[field] = value.into();
            if field != "name" {
                wrong["name"] = "other".into();
            }
            let data = house.ask(&owner, CREATE, json!({ "input": wrong })).await;
            assert_eq!(data["createTemplate"]["userErrors"], json!([{ "field": [field], "code": code }]), "{value}");
        }
        let update = "mutation ($id: ID!) { updateTemplate(input: {id: $id, header: null, status: APPROVED, body: \"Hi\"}) { template { header body status variables } } }";
        let data = house.ask(&owner, update, json!({ "id": made["id"] })).await;
        let changed = json!({ "header": null, "body": "Hi", "status": "APPROVED", "variables": [] });
        assert_eq!(data["updateTemplate"]["template"], changed);
        let list = "query ($status: [TemplateStatus!], $search: String) { templates(status: $status, search: $search) { name } }";
        for (variables, expected) in [
            (json!({}), json!([{ "name": "offer" }])),
            (json!({ "status": ["APPROVED"], "search": "FF" }), json!([{ "name": "offer" }])),
            (json!({ "status": ["DRAFT"] }), json!([])),
            (json!({ "status": [] }), json!([])),
            (json!({ "search": "news" }), json!([])),
        ] {
            let data = house.ask(&owner, list, variables.clone()).await;
            assert_eq!(data["templates"], expected, "{variables}");
        }
        let delete = "mutation ($id: ID!) { deleteTemplate(input: {id: $id}) { deletedId } }";
        let data = house.ask(&owner, delete, json!({ "id": made["id"] })).await;
        assert_eq!(data["deleteTemplate"]["deletedId"], made["id"]);
        let data = house.ask(&owner, "query ($id: ID!) { templates { id } node(id: $id) { id } }", json!({ "id": made["id"] })).await;
        assert_eq!(data, json!({ "templates": [], "node": { "id": made["id"] } }));
        let data = house.ask(&owner, CREATE, json!({ "input": input })).await;
        assert_eq!(data["createTemplate"]["userErrors"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_template_that_operators_get_is_not_deleted() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let channel = house.channel(&owner, "Shop").await;
        let input = json!({ "channelId": channel, "name": "help", "language": "en", "body": "{{1}} asks", "status": "APPROVED" });
        let data = house.ask(&owner, CREATE, json!({ "input": input })).await;
        let id = &data["createTemplate"]["template"]["id"];
        let set = "mutation ($template: TemplateContentInput) { updateWorkspace(input: {supportTemplate: $template}) { userErrors { field code message } } }";
        let template = json!({ "templateId": id, "variables": [{ "name": "1", "value": "{{user.name}}" }] });
        let data = house.ask(&owner, set, json!({ "template": template })).await;
        assert_eq!(data["updateWorkspace"]["userErrors"], json!([]));
        let delete = "mutation ($id: ID!) { deleteTemplate(input: {id: $id}) { deletedId userErrors { field code message } } }";
        let data = house.ask(&owner, delete, json!({ "id": id })).await;
        let error = &data["deleteTemplate"]["userErrors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(["id"]), &json!("IN_USE")));
        assert!(error["message"].as_str().unwrap().contains("supportTemplate"), "{error}");
        house.ask(&owner, set, json!({ "template": null })).await;
        let data = house.ask(&owner, delete, json!({ "id": id })).await;
        assert_eq!(data["deleteTemplate"], json!({ "deletedId": id, "userErrors": [] }));
    })
    .await;
}

#[tokio::test]
async fn the_providers_templates_are_not_made_here() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let create = "mutation { createChannel(input: {kind: WHATSAPP, provider: DIALOG_360, name: \"Main\"}) { channel { id } } }";
        let id = house.ask(&owner, create, json!({})).await["createChannel"]["channel"]["id"].take();
        let input = json!({ "channelId": id, "name": "offer", "language": "en", "body": "Hi" });
        let data = house.ask(&owner, CREATE, json!({ "input": input })).await;
        assert_eq!(data["createTemplate"]["userErrors"], json!([{ "field": ["channelId"], "code": "INVALID" }]));
        let other = house.channel(&owner, "Shop").await;
        let sync = "mutation ($id: ID!) { syncTemplates(input: {id: $id}) { templates { id } userErrors { field code } } }";
        let data = house.ask(&owner, sync, json!({ "id": other })).await;
        assert_eq!(data["syncTemplates"], json!({ "templates": [], "userErrors": [{ "field": ["id"], "code": "INVALID" }] }));
        let manager = with(&owner, Role::Owner, &[Restriction::NoWorkspaceSettings]);
        let answer = house.answer(&manager, sync, json!({ "id": other })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    })
    .await;
}

#[tokio::test]
async fn a_block_is_made_changed_and_deleted() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let create = "mutation ($name: String!, $messages: [String!]!) { createBlock(input: {name: $name, messages: $messages}) {
            block { id name messages } userErrors { field code } } }";
        let make = async |name: &str, messages: Json| {
            let mut data = house.ask(&owner, create, json!({ "name": name, "messages": messages })).await;
            data["createBlock"].take()
        };
        let made = make("Hello", json!(["Hi", "How are you?"])).await;
        assert_eq!(made["block"]["messages"], json!(["Hi", "How are you?"]));
        for (name, messages, field, code) in [
            ("HELLO", json!(["Hi"]), json!(["name"]), "TAKEN"),
            ("x", json!([]), json!(["messages"]), "INVALID"),
            ("x", json!(["Hi", " "]), json!(["messages", "1"]), "INVALID"),
            ("x", json!(["a".repeat(4_097)]), json!(["messages", "0"]), "INVALID"),
        ] {
            let refused = make(name, messages).await;
            assert_eq!(refused["userErrors"], json!([{ "field": field, "code": code }]));
        }
        let update = "mutation ($id: ID!) { updateBlock(input: {id: $id, name: \"Welcome\"}) { block { name messages } } }";
        let data = house.ask(&owner, update, json!({ "id": made["block"]["id"] })).await;
        assert_eq!(data["updateBlock"]["block"], json!({ "name": "Welcome", "messages": ["Hi", "How are you?"] }));
        let delete = "mutation ($id: ID!) { deleteBlock(input: {id: $id}) { deletedId } }";
        house.ask(&owner, delete, json!({ "id": made["block"]["id"] })).await;
        let data = house.ask(&owner, "{ blocks { name } }", json!({})).await;
        assert_eq!(data["blocks"], json!([]));
        assert_eq!(make("welcome", json!(["Hi"])).await["userErrors"], json!([]));
    })
    .await;
}
