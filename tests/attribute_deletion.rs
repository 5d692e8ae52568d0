//! Attributes deleted: gone at once from everything that is seen, and soon from the contacts.

use crate::{
    attribute_kit::{count, delete, die_half_way, filled, give, make, many, outcome, slot, sorted},
    broadcast_kit::Shop,
    export_kit,
    harness::{Harness, both},
    import_kit::{self, contact},
};
use domain::operation::run;
use serde_json::{Value, json};

fn refused(payload: &Value) -> Vec<(Value, Value)> {
    assert_eq!(
        (&payload["deletedId"], &payload["operation"]),
        (&Value::Null, &Value::Null),
        "{payload:#}"
    );
    let errors = payload["userErrors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| (error["field"].clone(), error["code"].clone()))
        .collect()
}

fn at(field: &str, code: &str) -> Vec<(Value, Value)> {
    vec![(json!([field]), json!(code))]
}

/// Deletes an attribute that must go; returns the operation.
async fn gone(t: &Harness, id: &Value, expected: i64) -> Value {
    let mut payload = delete(t, &t.owner, id, Some(expected)).await;
    assert_eq!(
        (&payload["deletedId"], &payload["userErrors"]),
        (id, &json!([])),
        "{payload:#}"
    );
    payload["operation"].take()
}

/// Two with a plan, one without: their ids.
async fn people(t: &Harness) -> Vec<Value> {
    let mut ids = Vec::new();
    for (name, plan) in [
        ("Ada", json!("Platinum")),
        ("Bob", json!("Rhodium")),
        ("Cem", Value::Null),
    ] {
        let id = contact(t, json!({ "name": name })).await;
        give(t, &id, &[("plan", plan)]).await;
        ids.push(id);
    }
    ids
}

async fn finds(t: &Harness, search: &str) -> Value {
    count(t, json!({ "search": search })).await
}

/// Key, and the error's code and path, of what asks for the attribute by its key.
async fn asked_for(t: &Harness) -> Value {
    let query = "{ contacts(filter: { or: [{ attribute: { key: \"plan\", isSet: true } }] }) { totalCount { value } } }";
    t.graphql(&t.owner, query, json!({})).await["errors"][0]["extensions"].take()
}

both! {
    async fn it_is_gone_at_once_and_soon_its_values_are_too(t: &Harness) {
        let id = make(t, "plan", "TEXT", true).await;
        let used = slot(t, "plan").await;
        let ids = people(t).await;
        let save = "mutation { updateTableView(input: { columns: [{ column: \"name\" }, { column: \"attr.plan\" }], orderBy: [{ column: \"attr.plan\" }] }) { userErrors { code } } }";
        t.data(&t.owner, save, json!({})).await;
        let sum = "SELECT CAST(sum(version) AS bigint) FROM contact";
        let before = (t.number(sum).await, t.data(&t.owner, "{ contacts { nodes { updatedAt } } }", json!({})).await);
        let operation = gone(t, &id, 2).await;
        let seen = "query ($id: ID!) { attributes { key } columns { key } node(id: $id) { id } tableView { columns { column { key } } orderBy { column { key } } }
            contacts { nodes { attributes { json } } } }";
        let found = t.data(&t.owner, seen, json!({ "id": id })).await;
        assert_eq!((&found["attributes"], &found["node"]), (&json!([]), &Value::Null));
        assert!(found["columns"].as_array().unwrap().iter().all(|column| column["key"] != "attr.plan"));
        assert_eq!(found["tableView"], json!({ "columns": [{ "column": { "key": "name" } }], "orderBy": [] }));
        assert_eq!(found["contacts"]["nodes"], json!([{ "attributes": [] }, { "attributes": [] }, { "attributes": [] }]));
        assert_eq!(asked_for(t).await, json!({ "code": "BAD_USER_INPUT", "path": ["filter", "or", "0", "attribute", "key"] }));
        assert_eq!(sorted(t, "attr.plan", &["name"]).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        // Asked for again before the end, it is the same operation; and it cannot be stopped.
        assert_eq!(gone(t, &id, 0).await, operation);
        let cancel = "mutation ($id: ID!) { cancelOperation(input: { id: $id }) { userErrors { field code } } }";
        let refusal = t.data(&t.owner, cancel, json!({ "id": operation["id"] })).await;
        assert_eq!(refusal["cancelOperation"]["userErrors"], json!([{ "field": ["id"], "code": "INVALID" }]));
        // Its key is free, with another type; its slot is not yet.
        make(t, "Plan", "TEXT", true).await;
        assert_ne!(slot(t, "Plan").await, used);
        t.drained().await;
        assert_eq!(outcome(t, &operation).await, ("COMPLETED".to_owned(), 2));
        assert_eq!((finds(t, "platinum").await, finds(t, "ada").await), (json!(0), json!(1)));
        assert_eq!(filled(t, &used).await, 0);
        let left = "SELECT count(*) FROM contact WHERE CAST(attributes AS text) <> '{}' OR search LIKE '%platinum%'";
        assert_eq!(t.number(left).await, 0);
        assert_eq!(t.number("SELECT count(*) FROM attribute").await, 1);
        let after = (t.number(sum).await, t.data(&t.owner, "{ contacts { nodes { updatedAt } } }", json!({})).await);
        assert_eq!(before, after);
        assert_eq!(refused(&delete(t, &t.owner, &id, None).await), at("id", "NOT_FOUND"));
        make(t, "third", "TEXT", true).await;
        assert_eq!(slot(t, "third").await, used);
        give(t, &ids[0], &[("plan", json!("Gold"))]).await;
        assert_eq!(finds(t, "gold").await, 1);
    }

    async fn what_is_written_meanwhile_keeps_no_value(t: &Harness) {
        let id = make(t, "plan", "TEXT", true).await;
        let ids = people(t).await;
        let operation = gone(t, &id, 2).await;
        make(t, "plan", "NUMBER", true).await;
        give(t, &ids[0], &[("plan", json!(3))]).await;
        let newer = contact(t, json!({ "name": "Dee", "attributes": [{ "key": "plan", "value": 1 }] })).await;
        let remove = "mutation ($id: ID!) { deleteContact(input: { id: $id }) { deletedId } }";
        t.data(&t.owner, remove, json!({ "id": ids[1] })).await;
        t.drained().await;
        assert_eq!(outcome(t, &operation).await.0, "COMPLETED");
        assert_eq!(sorted(t, "attr.plan", &["name", "attr.plan"]).await, json!([["Dee", 1], ["Ada", 3], ["Cem", null]]));
        let entries = "SELECT count(*) FROM contact WHERE CAST(attributes AS text) LIKE '%Platinum%'";
        assert_eq!(t.number(entries).await, 0);
        assert!(newer.is_string());
    }

    async fn who_saw_another_number_deletes_nothing(t: &Harness) {
        let id = make(t, "plan", "TEXT", false).await;
        let unused = make(t, "unused", "OBJECT", false).await;
        people(t).await;
        assert_eq!(refused(&delete(t, &t.owner, &id, None).await), at("expectedCount", "REQUIRED"));
        assert_eq!(refused(&delete(t, &t.owner, &id, Some(3)).await), at("expectedCount", "CONFLICT"));
        assert_eq!(refused(&delete(t, &t.owner, &unused, Some(1)).await), at("expectedCount", "CONFLICT"));
        assert_eq!(refused(&delete(t, &t.stranger, &id, Some(2)).await), at("id", "NOT_FOUND"));
        assert_eq!(finds(t, "platinum").await, 1);
        let payload = delete(t, &t.owner, &unused, None).await;
        assert_eq!(payload["deletedId"], unused);
        t.drained().await;
        assert_eq!(outcome(t, &payload["operation"]).await, ("COMPLETED".to_owned(), 0));
        assert_eq!(t.number("SELECT count(*) FROM attribute").await, 1);
    }

    async fn what_names_it_keeps_it(t: &Harness) {
        let id = make(t, "plan", "TEXT", false).await;
        people(t).await;
        let filter = json!({ "not": { "or": [{ "attribute": { "key": "PLAN", "isSet": true } }] } });
        let segment = "mutation ($filter: ContactFilter!) { createSegment(input: { name: \"Planned\", rules: [{ filter: $filter }] }) { segment { id } } }";
        let segment = t.data(&t.owner, segment, json!({ "filter": filter })).await["createSegment"]["segment"]["id"].take();
        let inbox = "mutation ($filter: ContactFilter!) { createInbox(input: { name: \"Open\", shared: true, filter: $filter }) { inbox { id } } }";
        let inbox = t.data(&t.owner, inbox, json!({ "filter": filter })).await["createInbox"]["inbox"]["id"].take();
        let payload = delete(t, &t.owner, &id, Some(2)).await;
        assert_eq!(refused(&payload), [at("id", "IN_USE"), at("id", "IN_USE")].concat());
        let said = payload["userErrors"].to_string();
        assert!(said.contains("Planned") && said.contains("Open"), "{said}");
        let drop = "mutation ($segment: ID!, $inbox: ID!) { deleteSegment(input: { id: $segment }) { deletedId } deleteInbox(input: { id: $inbox }) { deletedId } }";
        t.data(&t.owner, drop, json!({ "segment": segment, "inbox": inbox })).await;
        let file = "email,attr.plan\na@example.com,Iridium\n";
        let waiting = import_kit::create(t, json!({}), file).await;
        let started = import_kit::create(t, json!({}), file).await;
        import_kit::start(t, &started["id"], json!({})).await;
        assert_eq!(refused(&delete(t, &t.owner, &id, Some(2)).await), at("id", "IN_USE"));
        import_kit::cancel(t, &started["id"]).await;
        let operation = gone(t, &id, 2).await;
        // An import that has not begun says what is missing, and takes a mapping anew.
        let refusal = import_kit::start(t, &waiting["id"], json!({})).await;
        assert_eq!(refusal["userErrors"][0]["field"], json!(["mapping", "attr.plan"]));
        assert_eq!(refusal["userErrors"][0]["code"], "HEADER_UNMAPPED");
        import_kit::start(t, &waiting["id"], json!({ "mapping": [{ "header": "attr.plan", "ignore": true }] })).await;
        t.drained().await;
        assert_eq!(outcome(t, &operation).await.0, "COMPLETED");
        assert_eq!(import_kit::import(t, &waiting["id"]).await["createdCount"], 1);
    }

    async fn what_a_text_is_filled_with_stays(t: &Harness) {
        let id = make(t, "plan", "TEXT", false).await;
        let shop = Shop::open(t).await;
        let ask = async |query: &str, variables: Value| {
            let data = t.data(&t.owner, query, variables).await;
            for payload in data.as_object().unwrap().values() {
                assert_eq!(payload["userErrors"], json!([]), "{query}");
            }
            data
        };
        let query = "mutation { createBlock(input: { name: \"Welcome\", messages: [\"Hi\", \"On {{ attr.PLAN }}\"] }) { block { id } userErrors { code } } }";
        let block = ask(query, json!({})).await["createBlock"]["block"]["id"].clone();
        let query = "mutation { createChannel(input: { kind: SMS, provider: HTTP, name: \"Own\" }) { channel { id } userErrors { code } } }";
        let own = ask(query, json!({})).await["createChannel"]["channel"]["id"].clone();
        let query = "mutation ($id: ID!, $name: String!, $body: String!) { createTemplate(input: { channelId: $id, name: $name, language: \"en\", body: $body }) { template { id } userErrors { code } } }";
        let template = ask(query, json!({ "id": own, "name": "named", "body": "On {{attr.plan}}" })).await["createTemplate"]["template"]["id"].clone();
        let numbered = ask(query, json!({ "id": own, "name": "numbered", "body": "On {{1}}" })).await["createTemplate"]["template"]["id"].clone();
        let query = "mutation ($id: ID!) { updateWorkspace(input: { supportText: \"{{user.name}} {{attr.plan}}\",
            supportTemplate: { templateId: $id, variables: [{ name: \"1\", value: \"{{attr.plan}}\" }] } }) { userErrors { code } } }";
        ask(query, json!({ "id": numbered })).await;
        let broadcast = shop.broadcast(json!({ "text": "On {{attr.plan}}" })).await;
        let send = shop.send(json!({ "id": broadcast, "scheduledAt": "2100-01-01T00:00:00Z" })).await;

        let uses = async || {
            let payload = delete(t, &t.owner, &id, None).await;
            assert!(payload["deletedId"].is_null() && payload["operation"].is_null(), "{payload:#}");
            let errors = payload["userErrors"].as_array().unwrap().clone();
            assert!(errors.iter().all(|error| error["code"] == "IN_USE" && error["field"] == json!(["id"])), "{errors:#?}");
            errors.iter().map(|error| error["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let change = |what: &str| format!("{what} names this attribute: change that first.");
        let sending = "A send of the broadcast \"Spring\" that has not ended names this attribute: cancel it, or wait for its end.";
        assert_eq!(uses().await, [
            change("The broadcast \"Spring\""),
            sending.to_owned(),
            change("The block \"Welcome\""),
            change("The template \"named\""),
            change("The text for operators (supportText)"),
            change("What fills the template for operators (supportTemplate)"),
        ]);
        // A send keeps what the broadcast said when it was asked for.
        let query = "mutation ($id: ID!, $block: ID!, $template: ID!) {
            updateBroadcast(input: { id: $id, content: { text: \"Hi\" } }) { userErrors { code } }
            deleteBlock(input: { id: $block }) { userErrors { code } }
            updateTemplate(input: { id: $template, body: \"Hi\" }) { userErrors { code } }
            updateWorkspace(input: { supportText: null, supportTemplate: null }) { userErrors { code } } }";
        ask(query, json!({ "id": broadcast, "block": block, "template": template })).await;
        assert_eq!(uses().await, [sending]);
        assert_eq!(shop.change("cancelBroadcastSend", &send).await["userErrors"], json!([]));
        gone(t, &id, 0).await;
        // The job of the year 2100.
        crate::harness::forget_jobs(t).await;
    }

    async fn an_export_that_names_it_says_so(t: &Harness) {
        let id = make(t, "plan", "TEXT", false).await;
        people(t).await;
        let input = json!({ "contacts": { "matching": {} }, "columns": ["name", "attr.plan"] });
        let asked = export_kit::ask(t, &t.owner, input).await;
        let export = asked["data"]["exportContacts"]["export"]["id"].clone();
        gone(t, &id, 2).await;
        t.drained().await;
        let query = "query ($id: ID!) { node(id: $id) { ... on Export { status failureMessage columns { key } } } }";
        let ended = t.data(&t.owner, query, json!({ "id": export })).await["node"].clone();
        assert_eq!((&ended["status"], &ended["columns"]), (&json!("FAILED"), &json!([{ "key": "name" }])), "{ended:#}");
        assert!(ended["failureMessage"].as_str().unwrap().contains("column of this export was deleted"));
    }

    async fn a_cleaning_that_died_half_way_runs_on(t: &Harness) {
        let id = make(t, "plan", "TEXT", true).await;
        let used = slot(t, "plan").await;
        many(t, "plan", (0..1_100).map(|n| json!(format!("Iridium {n}")))).await;
        let asked = gone(t, &id, 1_100).await;
        die_half_way(t, &asked).await;
        assert_eq!(filled(t, &used).await, 100);
        t.drained().await;
        assert_eq!(outcome(t, &asked).await, ("COMPLETED".to_owned(), 1_100));
        assert_eq!((finds(t, "iridium").await, filled(t, &used).await), (json!(0), 0));
    }

    async fn a_cleaning_that_was_given_up_begins_anew_when_it_is_asked_for(t: &Harness) {
        let id = make(t, "plan", "TEXT", true).await;
        people(t).await;
        let failed = gone(t, &id, 2).await;
        run::give_up(&t.db, failed["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
        let again = gone(t, &id, 2).await;
        assert_ne!(again["id"], failed["id"]);
        t.drained().await;
        assert_eq!(outcome(t, &again).await, ("COMPLETED".to_owned(), 2));
        assert_eq!(finds(t, "platinum").await, 0);
        assert_eq!(t.number("SELECT count(*) FROM attribute").await, 0);
    }
}
