//! Broadcasts: to everyone meant, once, and an account of each.

use crate::{
    broadcast_kit::{Shop, number, trouble},
    harness::{both, until},
};
use serde_json::{Value, json};

fn counts(of: &Value) -> Value {
    let counts = of["counts"].as_object().unwrap().iter();
    counts
        .filter(|(_, count)| **count != 0)
        .map(|(name, count)| (name.clone(), count.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn statuses(ledger: &[Value]) -> Vec<&str> {
    ledger
        .iter()
        .map(|row| row["status"].as_str().unwrap())
        .collect()
}

async fn attribute(t: &crate::harness::Harness, key: &str) {
    let query = "mutation ($key: String!) { createAttribute(input: { key: $key, type: TEXT }) { attribute { key } userErrors { code } } }";
    t.data(&t.owner, query, json!({ "key": key })).await;
}

both! {
    async fn everyone_is_reached_or_has_a_reason(t: &Harness) {
        attribute(t, "plan").await;
        let shop = Shop::open(t).await;
        let plan = json!([{ "key": "plan", "value": "Gold" }]);
        let ann = shop.person(&number(1), json!({ "firstName": "Ann", "attributes": plan })).await;
        shop.person(&number(2), json!({ "attributes": plan })).await;
        shop.person(&number(3), json!({ "firstName": "Cy" })).await;
        shop.person(&number(4), json!({ "status": "INACTIVE", "attributes": plan })).await;
        shop.person(&number(5), json!({ "optedOut": true, "attributes": plan })).await;
        let query = "mutation { createContact(input: { contact: { firstName: \"Nowhere\" } }) { contact { id } } }";
        t.data(&t.owner, query, json!({})).await;
        let id = shop.broadcast(shop.offer().await).await;

        let query = "query ($id: ID!, $contact: ID!) { broadcast(id: $id) { audience { total reachable skipped { reason count } usedToday expectedEnd }
            preview(contactId: $contact) { message missingVariables skipReason }
            content { ... on TemplateContent { template { name } variables { name value fallback } } } } }";
        let shown = t.data(&t.owner, query, json!({ "id": id, "contact": ann })).await;
        let audience = &shown["broadcast"]["audience"];
        assert_eq!((&audience["total"], &audience["reachable"]), (&json!(6), &json!(2)), "{audience:#}");
        let mut reasons: Vec<&str> = audience["skipped"].as_array().unwrap().iter().map(|skip| skip["reason"].as_str().unwrap()).collect();
        reasons.sort_unstable();
        assert_eq!(reasons, ["INACTIVE", "NO_ADDRESS_ON_CHANNEL", "OPTED_OUT", "VARIABLE_MISSING"]);
        let message = "Hello Ann\nYour plan Gold is 20 % off.\nReply STOP to hear no more.";
        assert_eq!(shown["broadcast"]["preview"], json!({ "message": message, "missingVariables": [], "skipReason": null }));

        let send = shop.send(json!({ "id": id })).await;
        let done = shop.becomes(&send, "COMPLETED").await;
        assert_eq!(counts(&done), json!({ "sent": 2, "skipped": 4 }));
        let ledger = shop.ledger(&send).await;
        assert_eq!(ledger.len(), 6);
        assert!(ledger.iter().all(|row| (row["status"] == "SKIPPED") == row["skipReason"].is_string()), "{ledger:#?}");
        assert_eq!(ledger[0]["attempts"], 1);

        // What webhooks tell, in any order and twice, is applied once.
        for status in ["read", "delivered", "sent", "read"] {
            shop.tell(&ledger[0], 1, status, json!({})).await;
        }
        shop.tell(&ledger[1], 1, "failed", json!({ "errors": [{ "code": 131050, "title": "stop" }] })).await;
        let after = shop.look(&send).await;
        assert_eq!(counts(&after), json!({ "read": 1, "failed": 1, "skipped": 4 }));
        let query = "query ($id: ID!) { messages(contactId: $id) { nodes { text status direction kind authorName readAt } } contact(id: $id) { lastInteractionAt lastChannel { name } } }";
        let history = t.data(&t.owner, query, json!({ "id": ann })).await;
        let said = &history["messages"]["nodes"][0];
        assert_eq!((&said["text"], &said["status"], &said["kind"]), (&json!(message), &json!("READ"), &json!("template")));
        assert!(said["readAt"].is_string() && history["contact"]["lastInteractionAt"].is_string(), "{history:#}");
        let query = "{ contacts(filter: { optedOut: true }) { totalCount { value } } }";
        assert_eq!(t.data(&t.owner, query, json!({})).await["contacts"]["totalCount"]["value"], 2);

        // The result file has a line for everyone.
        let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { resultFile { url name } } } }";
        let file = t.data(&t.owner, query, json!({ "id": send })).await;
        let (status, bytes) = t.download(file["node"]["resultFile"]["url"].as_str().unwrap()).await;
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!((status.as_u16(), text.lines().count()), (200, 7), "{text}");
        assert!(text.contains("VARIABLE_MISSING") && text.contains(&number(1)), "{text}");
    }

    async fn every_kind_of_refusal_has_its_own_end(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        shop.person(&trouble("000429"), json!({})).await;
        shop.person(&trouble("131026"), json!({})).await;
        shop.person(&trouble("131050"), json!({})).await;
        shop.person(&trouble("000104"), json!({})).await;
        shop.person(&number(1), json!({})).await;
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        let done = shop.becomes(&send, "COMPLETED").await;
        assert_eq!(counts(&done), json!({ "sent": 2, "failed": 2, "unknown": 1 }));
        let ledger = shop.ledger(&send).await;
        assert_eq!(statuses(&ledger), ["SENT", "FAILED", "FAILED", "UNKNOWN", "SENT"]);
        assert_eq!(ledger[0]["attempts"], 2, "too fast is tried again");
        assert_eq!(ledger[1]["error"]["code"], "131026");
        let query = "{ contacts(filter: { optedOut: true }) { nodes { channels { address } } } }";
        let stopped = t.data(&t.owner, query, json!({})).await;
        assert_eq!(stopped["contacts"]["nodes"][0]["channels"][0]["address"], json!(trouble("131050")));
        // Settled by what the provider says of it later; nobody is sent anything twice.
        let refused = shop.change("retryFailedDeliveries", &send).await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID");
        shop.tell(&ledger[3], 1, "delivered", json!({ "id": "wamid.late" })).await;
        let after = shop.look(&send).await;
        assert_eq!(counts(&after), json!({ "sent": 2, "failed": 2, "delivered": 1 }));
        let query = "query ($id: ID!) { messages(contactId: $id) { nodes { status } } }";
        let history = t.data(&t.owner, query, json!({ "id": ledger[3]["contact"]["id"] })).await;
        assert_eq!(history["messages"]["nodes"], json!([{ "status": "DELIVERED" }]));
    }

    async fn what_a_person_must_mend_stops_the_whole_send(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        let out_of_money = shop.person(&trouble("131042"), json!({})).await;
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        let held = shop.becomes(&send, "PAUSED").await;
        assert!(held["failureMessage"].as_str().unwrap().contains("131042"), "{held:#}");
        assert_eq!(counts(&held), json!({ "pending": 1 }));
        let query = "{ channels { status lastError } }";
        assert_eq!(t.data(&t.owner, query, json!({})).await["channels"][0]["status"], "FAILING");
        // Resumed without mending it says so at once.
        shop.change("resumeBroadcastSend", &send).await;
        let held = shop.becomes(&send, "PAUSED").await;
        assert!(held["failureMessage"].as_str().unwrap().contains("not READY"), "{held:#}");
        // Mended: the one who cannot be reached is left out, since they are gone.
        let query = "mutation ($id: ID!) { deleteContact(input: { id: $id }) { userErrors { code } } }";
        t.data(&t.owner, query, json!({ "id": out_of_money })).await;
        let query = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status } } }";
        t.data(&t.owner, query, json!({ "id": shop.channel })).await;
        shop.change("resumeBroadcastSend", &send).await;
        let done = shop.becomes(&send, "COMPLETED").await;
        assert_eq!(counts(&done), json!({ "skipped": 1 }));
        assert_eq!(shop.ledger(&send).await[0]["skipReason"], "CONTACT_DELETED");
        t.drained().await;
    }

    async fn newly_added_are_those_to_whom_it_was_not_tried(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        let ann = shop.person(&number(1), json!({})).await;
        shop.person(&trouble("131026"), json!({})).await;
        let cy = shop.person(&number(3), json!({ "status": "INACTIVE" })).await;
        let id = shop.broadcast(content).await;
        let first = shop.send(json!({ "id": id })).await;
        shop.becomes(&first, "COMPLETED").await;
        let query = "mutation ($id: ID!) { updateContact(input: { id: $id, contact: { status: ACTIVE } }) { userErrors { code } } }";
        t.data(&t.owner, query, json!({ "id": cy })).await;
        let dora = shop.person(&number(4), json!({})).await;
        let query = "query ($id: ID!) { broadcast(id: $id) { audience(recipients: NEWLY_ADDED) { total reachable } } }";
        let shown = t.data(&t.owner, query, json!({ "id": id })).await;
        assert_eq!(shown["broadcast"]["audience"], json!({ "total": 2, "reachable": 2 }));
        let second = shop.send(json!({ "id": id, "recipients": "NEWLY_ADDED" })).await;
        shop.becomes(&second, "COMPLETED").await;
        let reached: Vec<Value> = shop.ledger(&second).await.into_iter().map(|row| row["contact"]["id"].clone()).collect();
        assert_eq!(reached, [cy, dora]);
        let third = shop.send(json!({ "id": id, "recipients": "SELECTED", "contactIds": [ann, ann] })).await;
        let done = shop.becomes(&third, "COMPLETED").await;
        assert_eq!(counts(&done), json!({ "sent": 1 }));
        t.drained().await;
    }

    async fn a_send_is_held_goes_on_and_ends_when_somebody_says_so(t: &Harness) {
        let shop = Shop::with(t, json!({ "rateLimit": 5 })).await;
        let content = shop.plain().await;
        for n in 0..30 {
            shop.person(&number(n), json!({})).await;
        }
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        let again = shop.ask_to_send(json!({ "id": id })).await;
        assert_eq!(again["userErrors"][0]["code"], "CONFLICT");
        t.work();
        until("the first to be sent", async || shop.look(&send).await["counts"]["sent"] != 0).await;
        assert_eq!(shop.change("pauseBroadcastSend", &send).await["broadcastSend"]["status"], "PAUSED");
        until("calls under way to end", async || shop.look(&send).await["counts"]["sending"] == 0).await;
        t.drained().await;
        let held = shop.look(&send).await;
        assert!(held["counts"]["pending"].as_i64() > Some(0), "{held:#}");
        assert_eq!(shop.change("pauseBroadcastSend", &send).await["userErrors"][0]["code"], "CONFLICT");
        shop.change("resumeBroadcastSend", &send).await;
        until("it to go on", async || shop.look(&send).await["counts"]["pending"].as_i64() < held["counts"]["pending"].as_i64()).await;
        shop.change("cancelBroadcastSend", &send).await;
        t.drained().await;
        let ended = shop.look(&send).await;
        let left = ended["counts"]["skipped"].as_i64().unwrap();
        assert_eq!(ended["status"], "CANCELLED");
        assert_eq!(counts(&ended), json!({ "sent": 30 - left, "skipped": left }));
        assert!(left > 0);
        let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { resultFile { size } deliveries(skipReason: [SEND_CANCELLED], first: 500) { nodes { id } } } } }";
        let file = t.data(&t.owner, query, json!({ "id": send })).await;
        assert!(file["node"]["resultFile"]["size"].as_f64() > Some(0.0), "{file:#}");
        assert_eq!(file["node"]["deliveries"]["nodes"].as_array().unwrap().len() as i64, left);
        let refused = shop.change("resumeBroadcastSend", &send).await;
        assert_eq!(refused["userErrors"][0]["code"], "CONFLICT");
    }

    async fn a_send_waits_at_the_daily_limit_and_says_so(t: &Harness) {
        let shop = Shop::with(t, json!({ "dailyLimit": 3 })).await;
        let content = shop.plain().await;
        for n in 0..5 {
            shop.person(&number(n), json!({})).await;
        }
        let id = shop.broadcast(content).await;
        let query = "query ($id: ID!) { broadcast(id: $id) { audience { reachable dailyLimit usedToday } } }";
        let shown = t.data(&t.owner, query, json!({ "id": id })).await;
        assert_eq!(shown["broadcast"]["audience"], json!({ "reachable": 5, "dailyLimit": 3, "usedToday": 0 }));
        let send = shop.send(json!({ "id": id })).await;
        t.work();
        until("it to wait", async || {
            let seen = shop.look(&send).await;
            seen["waitsFor"] == "DAILY_LIMIT" && seen["counts"]["sending"] == 0
        }).await;
        assert_eq!(counts(&shop.look(&send).await), json!({ "sent": 3, "pending": 2 }));
        let shown = t.data(&t.owner, query, json!({ "id": id })).await;
        assert_eq!(shown["broadcast"]["audience"]["usedToday"], 3);
        shop.change("cancelBroadcastSend", &send).await;
        until("its end", async || {
            let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { resultFile { size } } } }";
            let seen = t.data(&t.owner, query, json!({ "id": send })).await;
            seen["node"]["resultFile"].is_object()
        }).await;
        // The job of tomorrow finds nothing to do.
        crate::harness::forget_jobs(t).await;
    }

    async fn what_comes_too_late_is_not_sent(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        shop.person(&number(1), json!({})).await;
        let id = shop.broadcast(content).await;
        let soon = domain::clock::now() + chrono::TimeDelta::seconds(1);
        let input = json!({ "id": id, "notAfter": soon.to_rfc3339() });
        let past = shop.ask_to_send(json!({ "id": id, "notAfter": "2020-01-01T00:00:00Z" })).await;
        assert_eq!(past["userErrors"][0]["field"], json!(["notAfter"]));
        // Nobody works yet: a downtime.
        let send = shop.send(input).await;
        until("the moment to pass", async || domain::clock::now() > soon).await;
        let ended = shop.becomes(&send, "FAILED").await;
        assert!(ended["failureMessage"].as_str().unwrap().contains("Nothing of this send may go out after"), "{ended:#}");
        t.drained().await;
    }

    async fn what_is_scheduled_goes_to_those_who_fit_when_it_begins(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        shop.person(&number(1), json!({})).await;
        // Nobody is five seconds old when it is asked for.
        let old = json!({ "createdAt": { "notInLast": "PT5S" } });
        let made = shop.create(json!({ "title": "Old", "everyone": true, "content": content, "filter": old })).await;
        let later = domain::clock::now() + chrono::TimeDelta::seconds(6);
        let send = shop.send(json!({ "id": made["broadcast"]["id"], "scheduledAt": later.to_rfc3339() })).await;
        assert_eq!(shop.look(&send).await["status"], "SCHEDULED");
        let done = shop.becomes(&send, "COMPLETED").await;
        assert!(domain::clock::now() >= later);
        assert_eq!(counts(&done), json!({ "sent": 1 }));
        t.drained().await;
    }

    async fn a_block_goes_out_message_by_message_within_the_window(t: &Harness) {
        let shop = Shop::open(t).await;
        let query = "mutation { createBlock(input: { name: \"Welcome\", messages: [\"Hi {{user.first_name}}\", \"What can we do?\", \"Bye\"] }) { block { id } userErrors { code } } }";
        let made = t.data(&t.owner, query, json!({})).await;
        let block = &made["createBlock"]["block"]["id"];
        shop.person(&number(1), json!({ "firstName": "Silent" })).await;
        // Who writes opens the window.
        let wrote = json!({ "contacts": [{ "profile": { "name": "Ann" }, "wa_id": "4915119000002" }], "messages": [
            { "from": "4915119000002", "id": "in1", "timestamp": domain::clock::now().timestamp().to_string(), "type": "text", "text": { "body": "Hello" } }] });
        let body = json!({ "object": "x", "entry": [{ "changes": [{ "field": "messages", "value": wrote }] }] });
        reqwest::Client::new().post(&shop.webhooks).body(body.to_string()).send().await.unwrap();
        t.drained().await;
        let query = "mutation { a: createAttribute(input: { key: \"x\", type: TEXT }) { userErrors { code } } }";
        t.data(&t.owner, query, json!({})).await;
        let id = shop.broadcast(json!({ "blockId": block })).await;
        let query = "{ contacts { nodes { id displayName } } }";
        let people = t.data(&t.owner, query, json!({})).await;
        let ann = people["contacts"]["nodes"].as_array().unwrap().iter().find(|one| one["displayName"] == "Ann").unwrap()["id"].clone();
        let query = "mutation ($id: ID!) { updateContact(input: { id: $id, contact: { firstName: \"Ann\" } }) { userErrors { code } } }";
        t.data(&t.owner, query, json!({ "id": ann })).await;
        let send = shop.send(json!({ "id": id })).await;
        let done = shop.becomes(&send, "COMPLETED").await;
        assert_eq!(counts(&done), json!({ "sent": 1, "skipped": 1 }));
        let ledger = shop.ledger(&send).await;
        assert_eq!(ledger[0]["skipReason"], "OUTSIDE_SERVICE_WINDOW");
        let query = "query ($id: ID!) { messages(contactId: $id) { nodes { text } } conversations { nodes { id } } }";
        let history = t.data(&t.owner, query, json!({ "id": ann })).await;
        let texts: Vec<&str> = history["messages"]["nodes"].as_array().unwrap().iter().map(|node| node["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["Bye", "What can we do?", "Hi Ann", "Hello"]);
        let query = "query ($id: ID!) { messages(conversationId: $id) { nodes { text } } }";
        let talk = t.data(&t.owner, query, json!({ "id": history["conversations"]["nodes"][0]["id"] })).await;
        assert_eq!(talk["messages"]["nodes"].as_array().unwrap().len(), 4);
        let refused = t.data(&t.owner, "mutation ($id: ID!) { deleteBlock(input: { id: $id }) { userErrors { code } } }", json!({ "id": block })).await;
        assert_eq!(refused["deleteBlock"]["userErrors"][0]["code"], "IN_USE");
    }

    async fn what_does_not_fit_is_said_before_anybody_gets_it(t: &Harness) {
        let shop = Shop::open(t).await;
        let template = shop.template().await;
        let with = |variables: Value| json!({ "title": "T", "everyone": true, "content": { "template": { "templateId": template, "variables": variables } } });
        for (variables, field, code) in [
            (json!([]), json!(["content", "template", "variables"]), "REQUIRED"),
            (json!([{ "name": "9", "value": "x" }]), json!(["content", "template", "variables", "0", "name"]), "INVALID"),
            (json!([{ "name": "1", "value": "{{user.shoe_size}}" }]), json!(["content", "template", "variables", "0", "value"]), "INVALID"),
        ] {
            let refused = shop.create(with(variables)).await;
            assert_eq!(refused["userErrors"][0]["field"], field, "{refused:#}");
            assert_eq!(refused["userErrors"][0]["code"], code);
        }
        let text = json!({ "text": "Hi" });
        let none = shop.create(json!({ "title": "T", "content": text })).await;
        assert_eq!(none["userErrors"][0]["code"], "REQUIRED");
        // White space and what is unseen is nothing to send.
        let blank = shop.create(json!({ "title": "T", "everyone": true, "content": { "text": " \u{200b}" } })).await;
        assert_eq!((&blank["userErrors"][0]["field"], &blank["userErrors"][0]["code"]), (&json!(["content", "text"]), &json!("INVALID")));
        let both = shop.create(json!({ "title": "T", "everyone": true, "segmentIds": ["segment_1"], "content": text })).await;
        assert_eq!(both["userErrors"][0]["code"], "INVALID");
        let gone = shop.create(json!({ "title": "T", "segmentIds": ["segment_99"], "content": text })).await;
        assert_eq!(gone["userErrors"][0], json!({ "field": ["segmentIds", "0"], "code": "NOT_FOUND", "message": "There is no such segment." }));

        let query = "mutation { createSegment(input: { name: \"Gold\", rules: [{ filter: {} }] }) { segment { id } } }";
        let made = t.data(&t.owner, query, json!({})).await;
        let segment = &made["createSegment"]["segment"]["id"];
        let made = shop.create(json!({ "title": "To gold", "segmentIds": [segment, segment], "content": text })).await;
        let query = "mutation ($id: ID!) { deleteSegment(input: { id: $id }) { userErrors { code message } } }";
        let refused = t.data(&t.owner, query, json!({ "id": segment })).await;
        assert_eq!(refused["deleteSegment"]["userErrors"][0]["code"], "IN_USE");
        assert!(refused["deleteSegment"]["userErrors"][0]["message"].as_str().unwrap().contains("To gold"));
        let query = "mutation ($id: ID!) { deleteBroadcast(input: { id: $id }) { deletedId userErrors { code } } }";
        t.data(&t.owner, query, json!({ "id": made["broadcast"]["id"] })).await;
        let query = "mutation ($id: ID!) { deleteSegment(input: { id: $id }) { deletedId userErrors { code message } } }";
        let done = t.data(&t.owner, query, json!({ "id": segment })).await;
        assert_eq!(&done["deleteSegment"]["deletedId"], segment);
    }
}
