//! Exports: what stands in them, for whom, and what is said of them meanwhile.

use crate::{
    export_kit::{ask, bytes, ended, export, file, made},
    harness::{Harness, both},
    import_kit::{attribute, channel, contact},
};
use serde_json::{Value, json};

/// Ada with nasty values, Bob with hardly any.
async fn two(t: &Harness) -> [Value; 2] {
    let shop = channel(t, "CUSTOM", "Shop").await;
    let main = channel(t, "WHATSAPP", "Main").await;
    for (key, kind) in [
        ("plan", "TEXT"),
        ("score", "NUMBER"),
        ("home", "LOCATION"),
        ("likes", "ARRAY"),
    ] {
        attribute(t, key, kind).await;
    }
    let ada = json!({
        "name": "Ada \"the first\", Countess", "firstName": "=HYPERLINK(\"http://x\")", "lastName": "'=1", "phone": "+4915112345678",
        "email": "ada@example.com", "username": "two\nlines", "account": "@home", "status": "INACTIVE", "tagNames": ["VIP", "b"],
        "channels": [{ "channelId": shop, "address": "-1+1" }, { "channelId": main, "address": "+4915112345678" }],
        "attributes": [{ "key": "plan", "value": "+1+1" }, { "key": "score", "value": -1.5 }, { "key": "likes", "value": ["a", 1] },
            { "key": "home", "value": { "latitude": -33.9, "longitude": 18.4 } }],
    });
    [
        contact(t, ada).await,
        contact(t, json!({ "name": "Bob" })).await,
    ]
}

/// A token with restrictions.
async fn restricted(t: &Harness, restriction: &str) -> String {
    let query = "mutation ($of: [Restriction!]!) { createApiToken(input: { name: \"R\", role: MANAGER, restrictions: $of }) { secret userErrors { message } } }";
    let made = t
        .data(&t.owner, query, json!({ "of": [restriction] }))
        .await;
    made["createApiToken"]["secret"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

both! {
    async fn a_file_has_the_columns_and_the_order_that_were_asked_for(t: &Harness) {
        let [ada, _] = two(t).await;
        let columns = ["id", "name", "firstName", "lastName", "username", "account", "phone", "email", "status", "channel", "address", "tags",
            "attr.plan", "attr.score", "attr.likes", "attr.home"];
        let input = json!({ "contacts": { "matching": { "status": ["ACTIVE", "INACTIVE"], "expectedCount": 2 } }, "columns": columns,
            "orderBy": [{ "column": "name", "direction": "DESC" }] });
        let export = made(t, input).await;
        let bob = contact_id(t, "Bob").await;
        let ada = ada.as_str().unwrap();
        let expected = [
            "id,Name,First name,Last name,User name,Account,Phone,E-mail,Status,Channel,Channel address,Tags,plan,score,likes,home".to_owned(),
            format!("{bob},Bob,,,,,,,ACTIVE,,,,,,,"),
            format!("{ada},\"Ada \"\"the first\"\", Countess\",\"'=HYPERLINK(\"\"http://x\"\")\",''=1,\"two\nlines\",'@home,+4915112345678,ada@example.com,INACTIVE,Shop,'-1+1,\"[\"\"b\"\",\"\"VIP\"\"]\",'+1+1,-1.5,\"[\"\"a\"\",1]\",\"-33.9,18.4\""),
        ];
        let expected: String = expected.iter().map(|line| format!("{line}\r\n")).collect();
        assert_eq!(file(t, &export).await, expected);
        assert_eq!(export["rowCount"], 2);
        assert_eq!(export["progress"], json!({ "done": 2, "total": 2 }));
        assert_eq!(export["file"]["mediaType"], "text/csv");
        assert_eq!(export["sha256"].as_str().unwrap().len(), 64);
        let keys: Vec<&Value> = export["columns"].as_array().unwrap().iter().map(|column| &column["key"]).collect();
        assert_eq!(json!(keys), json!(columns));
        let name = export["file"]["name"].as_str().unwrap();
        assert!(name.starts_with("contacts-2") && name.ends_with(".csv"), "{name}");
    }

    async fn excel_is_told_the_encoding_and_an_empty_file_has_a_header(t: &Harness) {
        two(t).await;
        let nobody = json!({ "contacts": { "matching": { "search": "nobody at all" } }, "columns": ["email"], "format": "CSV_EXCEL" });
        let export = made(t, nobody).await;
        assert_eq!(bytes(t, &export).await, b"\xef\xbb\xbfE-mail\r\n");
        assert_eq!((&export["rowCount"], &export["progress"]["total"]), (&json!(0), &json!(0)));
    }

    async fn those_named_are_in_it_and_those_unticked_are_not(t: &Harness) {
        let [ada, bob] = two(t).await;
        let input = |contacts: Value| json!({ "contacts": contacts, "columns": ["name"] });
        let of = async |contacts: Value| file(t, &made(t, input(contacts)).await).await;
        assert_eq!(of(json!({ "ids": [bob] })).await, "Name\r\nBob\r\n");
        let except = json!({ "matching": { "status": ["ACTIVE", "INACTIVE"], "except": [ada], "expectedCount": 1 } });
        assert_eq!(of(except).await, "Name\r\nBob\r\n");
        assert_eq!(of(json!({ "matching": { "filter": { "tags": { "isEmpty": false } }, "status": ["INACTIVE"] } })).await.lines().count(), 2);
        let answer = ask(t, &t.owner, input(json!({ "matching": { "expectedCount": 5 } }))).await;
        let error = &answer["data"]["exportContacts"]["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("CONFLICT"), &json!(["contacts", "matching", "expectedCount"])));
        // One more comes between the question and the beginning: who was told another number gets no file.
        let answer = ask(t, &t.owner, input(json!({ "matching": { "filter": { "name": { "eq": "Late" } }, "expectedCount": 0 } }))).await;
        contact(t, json!({ "name": "Late" })).await;
        let failed = ended(t, &answer["data"]["exportContacts"]["export"]["id"]).await;
        // Where the worker was quicker there was nobody to surprise it.
        assert!(failed["status"] == "FAILED" && failed["failureMessage"].as_str().unwrap().contains("1 contacts matched") || failed["rowCount"] == 0, "{failed:#}");
    }

    async fn slips_are_named_at_their_place(t: &Harness) {
        two(t).await;
        let all = json!({ "matching": {} });
        for (columns, field, said) in [
            (json!([]), json!(["columns"]), "INVALID"),
            (json!(["name", "attr.none"]), json!(["columns", "1"]), "NOT_FOUND"),
            (json!(["name", "attr.plan", "attr.PLAN"]), json!(["columns", "2"]), "INVALID"),
        ] {
            let answer = ask(t, &t.owner, json!({ "contacts": all, "columns": columns })).await;
            let error = &answer["data"]["exportContacts"]["userErrors"][0];
            assert_eq!((&error["field"], &error["code"]), (&field, &json!(said)), "{answer:#}");
        }
        let unsortable = json!({ "contacts": all, "orderBy": [{ "column": "attr.likes" }] });
        assert_eq!(*code(&ask(t, &t.owner, unsortable).await), "BAD_USER_INPUT");
    }

    async fn nobody_gets_what_is_hidden_from_them(t: &Harness) {
        two(t).await;
        let all = json!({ "contacts": { "matching": { "status": ["INACTIVE"] } }, "columns": ["name", "phone", "email", "address"] });
        let whole = made(t, all.clone()).await;
        for token in [&t.agent, &restricted(t, "NO_EXPORT").await] {
            assert_eq!(*code(&ask(t, token, all.clone()).await), "FORBIDDEN");
            assert_eq!(*code(&t.graphql(token, "{ exports { nodes { id } } }", json!({})).await), "FORBIDDEN");
            assert_eq!(export(t, token, &whole["id"]).await, Value::Null);
        }
        let masked = restricted(t, "MASK_PHONE_AND_EMAIL").await;
        assert_eq!(export(t, &masked, &whole["id"]).await, Value::Null);
        let answer = ask(t, &masked, all.clone()).await;
        let own = ended(t, &answer["data"]["exportContacts"]["export"]["id"]).await;
        assert_eq!(file(t, &own).await, "Name,Phone,E-mail,Channel address\r\n\"Ada \"\"the first\"\", Countess\",,,hidden\r\n");
        let list = t.data(&masked, "{ exports { nodes { id } } }", json!({})).await;
        assert_eq!(list["exports"]["nodes"], json!([{ "id": own["id"] }]));
        let narrowed = restricted(t, "ONLY_ASSIGNED_CONTACTS").await;
        let answer = ask(t, &narrowed, all).await;
        let own = ended(t, &answer["data"]["exportContacts"]["export"]["id"]).await;
        assert_eq!(own["rowCount"], 0);
        let list = t.data(&narrowed, "{ exports { nodes { id } } }", json!({})).await;
        assert_eq!(list["exports"]["nodes"], json!([]));
        let list = t.data(&t.stranger, "{ exports { nodes { id } } }", json!({})).await;
        assert_eq!(list["exports"]["nodes"], json!([]));
    }

    async fn it_is_watched_to_its_end_and_can_be_stopped(t: &Harness) {
        two(t).await;
        let input = json!({ "contacts": { "matching": {} } });
        let watch = "subscription ($id: ID!) { exportProgress(id: $id) { status rowCount progress { done total } file { size } } }";
        let cancel = "mutation ($id: ID!) { cancelExport(input: { id: $id }) { export { status } userErrors { field code } } }";
        let first = ask(t, &t.owner, input.clone()).await["data"]["exportContacts"]["export"]["id"].take();
        let second = ask(t, &t.owner, input).await["data"]["exportContacts"]["export"]["id"].take();
        let mut watching = t.subscribe(&t.owner, watch, json!({ "id": first })).await;
        assert_eq!(watching.next().await.unwrap()["data"]["exportProgress"]["status"], "QUEUED");
        let stopped = t.data(&t.owner, cancel, json!({ "id": second })).await;
        assert_eq!(stopped["cancelExport"]["export"]["status"], "CANCELLED");
        let again = t.data(&t.owner, cancel, json!({ "id": second })).await;
        assert_eq!(again["cancelExport"]["userErrors"], json!([{ "field": ["id"], "code": "CONFLICT" }]));
        t.drained().await;
        let heard = watching.until(|event| event["data"]["exportProgress"]["status"] == "COMPLETED").await;
        let last = &heard.last().unwrap()["data"]["exportProgress"];
        assert_eq!((&last["rowCount"], &last["progress"]), (&json!(1), &json!({ "done": 1, "total": 1 })));
        assert_eq!(watching.next().await, None);
        assert_eq!(export(t, &t.owner, &second).await["file"], Value::Null);
    }
}

async fn contact_id(t: &Harness, name: &str) -> String {
    let query =
        "query ($name: String!) { contacts(filter: { name: { eq: $name } }) { nodes { id } } }";
    let found = t.data(&t.owner, query, json!({ "name": name })).await;
    found["contacts"]["nodes"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}
