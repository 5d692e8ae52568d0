//! Sends that end before their time, that come at once, and that somebody has a say over.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{both, until},
    import_kit,
    talk::writes,
    viewer::{member, restricted},
};
use serde_json::{Value, json};
use std::fmt::Write as _;

async fn block(shop: &Shop<'_>, messages: Value) -> Value {
    let query = "mutation ($messages: [String!]!) { createBlock(input: { name: \"Welcome\", messages: $messages }) { block { id } userErrors { code } } }";
    let asked = json!({ "messages": messages });
    shop.t.data(&shop.t.owner, query, asked).await["createBlock"]["block"]["id"].take()
}

both! {
    async fn who_cancels_a_large_send_waits_for_nobody_and_nobody_is_lost(t: &Harness) {
        // More than one transaction leaves out.
        const PEOPLE: i64 = 10_020;
        let shop = Shop::with(t, json!({ "rateLimit": 1 })).await;
        let mut file = "Channel,Address\n".to_owned();
        for n in 0..PEOPLE {
            let _ = writeln!(file, "Shop,{}", number(usize::try_from(n).unwrap()));
        }
        import_kit::run(t, json!({}), file).await;
        let id = shop.broadcast(shop.plain().await).await;
        let first = shop.send(json!({ "id": id })).await;
        shop.becomes(&first, "RUNNING").await;
        until("a message", async || shop.look(&first).await["counts"]["sent"] != 0).await;
        let cancelled = shop.change("cancelBroadcastSend", &first).await;
        assert_eq!(cancelled["broadcastSend"]["status"], "CANCELLED", "{cancelled:#}");
        // Until all are noted it waits for who is new.
        let second = shop.send(json!({ "id": id, "recipients": "NEWLY_ADDED" })).await;
        let again = shop.change("retryFailedDeliveries", &first).await;
        assert_ne!(again["userErrors"], json!([]), "{again:#}");
        shop.becomes(&second, "RUNNING").await;
        let ended = shop.look(&first).await;
        let (skipped, sent) = (ended["counts"]["skipped"].as_i64().unwrap(), ended["counts"]["sent"].as_i64().unwrap());
        assert_eq!((skipped + sent, ended["counts"]["pending"].as_i64()), (PEOPLE, Some(0)), "{ended:#}");
        assert_eq!(shop.look(&second).await["progress"]["total"], skipped, "{ended:#}");
        shop.change("cancelBroadcastSend", &second).await;
        t.drained().await;
        for (send, total) in [(&first, PEOPLE), (&second, skipped)] {
            assert_eq!(shop.look(send).await["counts"]["pending"], 0);
            let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { resultFile { url } } } }";
            let data = t.data(&t.owner, query, json!({ "id": send })).await;
            let (_, file) = t.download(data["node"]["resultFile"]["url"].as_str().unwrap()).await;
            let lines = i64::try_from(String::from_utf8(file).unwrap().lines().count()).unwrap();
            assert_eq!(lines, total + 1);
        }
    }

    async fn a_send_to_those_who_are_new_waits_for_the_one_before_it(t: &Harness) {
        let shop = Shop::open(t).await;
        let content = shop.plain().await;
        for n in 0..20 {
            shop.person(&number(n), json!({})).await;
        }
        let id = shop.broadcast(content).await;
        // All are asked for before anybody works: a second click, and a third.
        let new = json!({ "id": id, "recipients": "NEWLY_ADDED" });
        let first = shop.send(json!({ "id": id })).await;
        let (second, third) = (shop.send(new.clone()).await, shop.send(new).await);
        let done = shop.becomes(&first, "COMPLETED").await;
        assert_eq!(done["counts"]["sent"], 20, "{done:#}");
        for later in [second, third] {
            let done = shop.becomes(&later, "COMPLETED").await;
            assert_eq!(done["progress"]["total"], 0, "{done:#}");
        }
        t.drained().await;
    }

    async fn who_got_the_first_message_of_a_block_was_reached(t: &Harness) {
        let shop = Shop::with(t, json!({ "rateLimit": 1 })).await;
        for n in 0..3 {
            writes(&shop, &number(n), "Hello").await;
        }
        let block = block(&shop, json!(["Hi", "How are you?"])).await;
        let id = shop.broadcast(json!({ "blockId": block })).await;
        let send = shop.send(json!({ "id": id })).await;
        t.work();
        until("the first message to be out", async || {
            let ledger = shop.ledger(&send).await;
            ledger.first().is_some_and(|row| row["attempts"] == 1 && row["status"] == "PENDING")
        }).await;
        // What goes out does not change while it does.
        let query = "mutation ($id: ID!, $messages: [String!], $name: String) { updateBlock(input: { id: $id, messages: $messages, name: $name }) { block { name } userErrors { field code message } } }";
        let shorter = json!({ "id": block, "messages": ["Hi"] });
        let refused = t.data(&t.owner, query, shorter.clone()).await;
        assert_eq!(refused["updateBlock"]["userErrors"][0]["code"], "IN_USE", "{refused:#}");
        let renamed = t.data(&t.owner, query, json!({ "id": block, "name": "Hello" })).await;
        assert_eq!(renamed["updateBlock"]["block"]["name"], "Hello", "{renamed:#}");
        shop.change("cancelBroadcastSend", &send).await;
        t.drained().await;
        let ledger = shop.ledger(&send).await;
        assert_eq!((&ledger[0]["status"], &ledger[0]["skipReason"]), (&json!("SENT"), &json!("SEND_CANCELLED")), "{ledger:#?}");
        assert_eq!((&ledger[2]["status"], &ledger[2]["attempts"]), (&json!("SKIPPED"), &json!(0)), "{ledger:#?}");
        let reached = ledger.iter().filter(|row| row["status"] == "SENT").count();
        let query = "query ($id: ID!) { broadcast(id: $id) { audience(recipients: NEWLY_ADDED) { total } } }";
        let left = t.data(&t.owner, query, json!({ "id": id })).await;
        assert_eq!(left["broadcast"]["audience"]["total"], 3 - reached);
        let shortened = t.data(&t.owner, "mutation ($id: ID!, $messages: [String!]) { updateBlock(input: { id: $id, messages: $messages }) { block { messages } } }", shorter).await;
        assert_eq!(shortened["updateBlock"]["block"]["messages"], json!(["Hi"]));
    }

    async fn a_send_that_waits_for_tomorrow_ends_when_its_time_is_over(t: &Harness) {
        let shop = Shop::with(t, json!({ "dailyLimit": 1 })).await;
        let content = shop.plain().await;
        for n in 0..2 {
            shop.person(&number(n), json!({})).await;
        }
        let id = shop.broadcast(content).await;
        let soon = domain::clock::now() + chrono::TimeDelta::seconds(4);
        let send = shop.send(json!({ "id": id, "notAfter": soon.to_rfc3339() })).await;
        t.work();
        until("it to wait", async || shop.look(&send).await["waitsFor"] == "DAILY_LIMIT").await;
        let ended = shop.becomes(&send, "FAILED").await;
        assert!(domain::clock::now() >= soon);
        assert_eq!((&ended["counts"]["sent"], &ended["counts"]["skipped"]), (&json!(1), &json!(1)), "{ended:#}");
        t.drained().await;
    }

    async fn who_sees_some_contacts_has_no_say_over_what_others_send(t: &Harness) {
        let shop = Shop::with(t, json!({ "rateLimit": 1 })).await;
        let content = shop.plain().await;
        for n in 0..5 {
            shop.person(&number(n), json!({})).await;
        }
        let id = shop.broadcast(content).await;
        let send = shop.send(json!({ "id": id })).await;
        let manager = member(t, &t.manager).await;
        let narrowed = restricted(t, &manager, "MANAGER", json!(["ONLY_ASSIGNED_CONTACTS"])).await;
        for mutation in ["pauseBroadcastSend", "resumeBroadcastSend", "cancelBroadcastSend", "retryFailedDeliveries"] {
            let query = format!("mutation ($id: ID!) {{ {mutation}(input: {{ id: $id }}) {{ userErrors {{ code }} }} }}");
            let refused = t.graphql(&narrowed, &query, json!({ "id": send })).await;
            assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{mutation} {refused:#}");
        }
        shop.change("cancelBroadcastSend", &send).await;
        t.drained().await;
    }
}
