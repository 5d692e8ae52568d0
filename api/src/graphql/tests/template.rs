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
            "channelId": channel, "name": "Spring_Öffer", "language": "en_US", "header": "Dear {{1}}", "body": "Your plan {{plan}} is {{ percent }} % off, {{plan}}."
        });
        let data = house.ask(&owner, CREATE, json!({ "input": input })).await;
        let made = &data["createTemplate"]["template"];
        assert_eq!(made["variables"], json!(["header.1", "plan", "percent"]));
        assert_eq!((&made["status"], &made["category"]), (&json!("DRAFT"), &json!("UTILITY")));
        assert_eq!(made["channel"]["name"], "Shop");
        for (field, value, code) in [
            ("name", "Spring_Öffer", "TAKEN"),
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
            (json!({}), json!([{ "name": "Spring_Öffer" }])),
            (json!({ "status": ["APPROVED"], "search": "FF" }), json!([{ "name": "Spring_Öffer" }])),
            (json!({ "search": "spring" }), json!([{ "name": "Spring_Öffer" }])),
            (json!({ "search": "OFFER" }), json!([{ "name": "Spring_Öffer" }])),
            (json!({ "search": "g_o" }), json!([{ "name": "Spring_Öffer" }])),
            (json!({ "search": "g%o" }), json!([])),
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
        assert_eq!(data, json!({ "templates": [], "node": null }));
        let data = house.ask(&owner, CREATE, json!({ "input": input })).await;
        assert_eq!(data["createTemplate"]["userErrors"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn templates_of_a_deleted_channel_are_gone_with_it() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let mut ids = Vec::new();
        let (shop, other) = (house.channel(&owner, "Shop").await, house.channel(&owner, "Other").await);
        for channel in [&shop, &other] {
            let input = json!({ "channelId": channel, "name": "offer", "language": "en", "body": "Hi", "status": "APPROVED" });
            let mut data = house.ask(&owner, CREATE, json!({ "input": input })).await;
            ids.push(data["createTemplate"]["template"]["id"].take());
        }
        let delete = "mutation ($id: ID!) { deleteChannel(input: {id: $id}) { deletedId } }";
        let data = house.ask(&owner, delete, json!({ "id": shop })).await;
        assert_eq!(data["deleteChannel"]["deletedId"], json!(shop));

        let list = "query ($id: ID, $ids: [ID!]!) { templates { id } its: templates(channelId: $id) { id } nodes(ids: $ids) { id } }";
        let data = house.ask(&owner, list, json!({ "id": shop, "ids": ids })).await;
        let left = json!([{ "id": ids[1] }]);
        assert_eq!(data, json!({ "templates": left, "its": [], "nodes": [null, { "id": ids[1] }] }));
        let not_found = |path: Json| json!([{ "field": path, "code": "NOT_FOUND" }]);
        let update = "mutation ($id: ID!) { updateTemplate(input: {id: $id, body: \"x\"}) { userErrors { field code } }
            deleteTemplate(input: {id: $id}) { userErrors { field code } }
            updateWorkspace(input: {supportTemplate: {templateId: $id, variables: []}}) { userErrors { field code } } }";
        let data = house.ask(&owner, update, json!({ "id": ids[0] })).await;
        assert_eq!(data["updateTemplate"]["userErrors"], not_found(json!(["id"])));
        assert_eq!(data["deleteTemplate"]["userErrors"], not_found(json!(["id"])));
        assert_eq!(data["updateWorkspace"]["userErrors"], not_found(json!(["supportTemplate", "templateId"])));
        let create = "mutation ($channel: ID!, $template: ID!) { createBroadcast(input: {title: \"x\", channelId: $channel, everyone: true,
            content: {template: {templateId: $template, variables: []}}}) { userErrors { field code } } }";
        let data = house.ask(&owner, create, json!({ "channel": other, "template": ids[0] })).await;
        assert_eq!(data["createBroadcast"]["userErrors"], not_found(json!(["content", "template", "templateId"])));
    })
    .await;
}

#[tokio::test]
async fn agents_find_templates_and_blocks_by_id_as_they_list_them() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let channel = house.channel(&owner, "Shop").await;
        let input = json!({ "channelId": channel, "name": "offer", "language": "en", "body": "Hi" });
        let template = house.ask(&owner, CREATE, json!({ "input": input })).await["createTemplate"]["template"]["id"].take();
        let create = "mutation ($name: String!) { createBlock(input: {name: $name, messages: [\"Hi\"]}) { block { id } } }";
        let mut blocks = Vec::new();
        for name in ["Hello", "Bye"] {
            let mut data = house.ask(&owner, create, json!({ "name": name })).await;
            blocks.push(data["createBlock"]["block"]["id"].take());
        }
        let delete = "mutation ($id: ID!) { deleteBlock(input: {id: $id}) { deletedId } }";
        house.ask(&owner, delete, json!({ "id": blocks[1] })).await;
        let ids = json!([template, blocks[0], blocks[1]]);
        let query = "query ($ids: [ID!]!) { templates { id } blocks { id } nodes(ids: $ids) { __typename id } }";
        let expected = json!({
            "templates": [{ "id": template }],
            "blocks": [{ "id": blocks[0] }],
            "nodes": [{ "__typename": "Template", "id": template }, { "__typename": "Block", "id": blocks[0] }, null],
        });
        for role in [Role::Owner, Role::Agent] {
            let data = house.ask(&with(&owner, role, &[]), query, json!({ "ids": ids })).await;
            assert_eq!(data, expected);
        }
        let stranger = house.owner("theirs").await;
        let data = house.ask(&stranger, query, json!({ "ids": ids })).await;
        assert_eq!(data, json!({ "templates": [], "blocks": [], "nodes": [null, null, null] }));
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
