//! Tables watched: their size, and what changes in them, whoever writes.

use crate::{
    attribute_kit,
    harness::{Harness, both},
    import_kit::{self, contact},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const COUNT: &str = "subscription ($filter: ContactFilter, $segment: ID, $search: String, $inbox: ID) {
    contactCount(filter: $filter, segmentId: $segment, search: $search, inboxId: $inbox) { value exact } }";
const CHANGED: &str = "subscription ($filter: ContactFilter, $segment: ID, $inbox: ID) {
    contactsChanged(filter: $filter, segmentId: $segment, inboxId: $inbox) { changed { id displayName } removedIds refetch } }";

fn value(event: &Value) -> i64 {
    event["data"]["contactCount"]["value"]
        .as_i64()
        .unwrap_or_else(|| panic!("{event:#}"))
}

async fn update(t: &Harness, id: &Value, fields: Value) {
    let query = "mutation ($id: ID!, $fields: ContactFieldsInput!) { updateContact(input: { id: $id, contact: $fields }) { userErrors { message } } }";
    let done = t
        .data(&t.owner, query, json!({ "id": id, "fields": fields }))
        .await;
    assert_eq!(done["updateContact"]["userErrors"], json!([]));
}

async fn delete(t: &Harness, id: &Value) {
    let query = "mutation ($id: ID!) { deleteContact(input: { id: $id }) { deletedId } }";
    t.data(&t.owner, query, json!({ "id": id })).await;
}

fn country(code: &str) -> Value {
    json!({ "filter": { "country": { "eq": code } } })
}

both! {
    async fn a_count_follows_every_kind_of_write(t: &Harness) {
        let mut german = t.subscribe(&t.owner, COUNT, country("DE")).await;
        let mut tagged = t.subscribe(&t.manager, COUNT, json!({ "search": "regular" })).await;
        assert_eq!(german.next().await.unwrap()["data"]["contactCount"], json!({ "value": 0, "exact": true }));
        assert_eq!(value(&tagged.next().await.unwrap()), 0);
        let ada = contact(t, json!({ "name": "Ada", "country": "DE" })).await;
        assert_eq!(value(&german.next().await.unwrap()), 1);
        update(t, &ada, json!({ "tagNames": ["vip"] })).await;
        // Nobody is told of what is as it was: the next event is the import's.
        import_kit::run(t, json!({}), "email,country\na@example.com,DE\nb@example.com,FR\nc@example.com,DE\n").await;
        german.until(|event| value(event) == 3).await;
        // The search box finds a tag by its name.
        let tag = t.data(&t.owner, "{ tags { nodes { id } } }", json!({})).await["tags"]["nodes"][0]["id"].take();
        let rename = "mutation ($id: ID!) { updateTag(input: { id: $id, name: \"regulars\" }) { userErrors { code } } }";
        t.data(&t.owner, rename, json!({ "id": tag })).await;
        tagged.until(|event| value(event) == 1).await;
        let everyone = "mutation { tagContacts(input: { contacts: { matching: {} }, tagNames: [\"regulars\"] }) { operation { id } } }";
        t.data(&t.owner, everyone, json!({})).await;
        tagged.until(|event| value(event) == 4).await;
        delete(t, &ada).await;
        german.until(|event| value(event) == 2).await;
        tagged.until(|event| value(event) == 3).await;
        t.drained().await;
    }

    async fn a_count_follows_segments_and_inboxes_and_ends_with_them(t: &Harness) {
        for country in ["DE", "DE", "FR"] {
            contact(t, json!({ "name": "x", "country": country })).await;
        }
        let create = "mutation ($of: ContactFilter!) {
            createSegment(input: { name: \"S\", rules: [{ filter: $of }] }) { segment { id } }
            createInbox(input: { name: \"I\", filter: $of, shared: true }) { inbox { id } } }";
        let made = t.data(&t.owner, create, json!({ "of": { "country": { "eq": "DE" } } })).await;
        let (segment, inbox) = (&made["createSegment"]["segment"]["id"], &made["createInbox"]["inbox"]["id"]);
        let mut of_segment = t.subscribe(&t.owner, COUNT, json!({ "segment": segment })).await;
        let mut of_inbox = t.subscribe(&t.owner, COUNT, json!({ "inbox": inbox })).await;
        assert_eq!(value(&of_segment.next().await.unwrap()), 2);
        assert_eq!(value(&of_inbox.next().await.unwrap()), 2);
        let change = "mutation ($segment: ID!, $inbox: ID!, $of: ContactFilter!) {
            updateSegment(input: { id: $segment, rules: [{ filter: $of }] }) { userErrors { code } }
            updateInbox(input: { id: $inbox, filter: $of }) { userErrors { code } } }";
        t.data(&t.owner, change, json!({ "segment": segment, "inbox": inbox, "of": { "country": { "in": ["DE", "FR"] } } })).await;
        of_segment.until(|event| value(event) == 3).await;
        of_inbox.until(|event| value(event) == 3).await;
        let delete = "mutation ($inbox: ID!) { deleteInbox(input: { id: $inbox }) { deletedId } }";
        t.data(&t.owner, delete, json!({ "inbox": inbox })).await;
        of_inbox.until(|event| value(event) == 0).await;
    }

    async fn a_count_follows_what_its_filter_means(t: &Harness) {
        attribute_kit::make(t, "seen", "DATETIME", true).await;
        contact(t, json!({ "name": "Ada", "attributes": [{ "key": "seen", "value": "2026-01-01T23:30:00Z" }] })).await;
        let of = |condition: Value| json!({ "filter": { "attribute": condition } });
        let on = of(json!({ "key": "seen", "dateTime": { "on": "2026-01-02" } }));
        let mut on = t.subscribe(&t.owner, COUNT, on).await;
        assert_eq!(value(&on.next().await.unwrap()), 0);
        let begun = Instant::now();
        let zone = "mutation { updateWorkspace(input: { timeZone: \"Asia/Tokyo\" }) { userErrors { code } } }";
        t.data(&t.owner, zone, json!({})).await;
        on.until(|event| value(event) == 1).await;
        let attribute = attribute_kit::make(t, "gone", "TEXT", true).await;
        let mut gone = t.subscribe(&t.owner, COUNT, of(json!({ "key": "gone", "isSet": false }))).await;
        assert_eq!(value(&gone.next().await.unwrap()), 1);
        attribute_kit::delete(t, &t.owner, &attribute, None).await;
        let error = |event: &Value| event["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT";
        gone.until(error).await;
        // After a minute all look again, whether or not they have heard of anything.
        assert!(begun.elapsed() < Duration::from_secs(30));
        t.drained().await;
    }

    async fn a_table_hears_what_to_redraw(t: &Harness) {
        let ada = contact(t, json!({ "name": "Ada", "country": "DE" })).await;
        let mut watching = t.subscribe(&t.owner, CHANGED, country("DE")).await;
        let next = async |watching: &mut crate::harness::Subscription| watching.next().await.unwrap()["data"]["contactsChanged"].take();
        assert_eq!(next(&mut watching).await, json!({ "changed": [], "removedIds": [], "refetch": true }));
        let bob = contact(t, json!({ "name": "Bob", "country": "DE" })).await;
        let expected = json!({ "changed": [{ "id": bob, "displayName": "Bob" }], "removedIds": [], "refetch": false });
        assert_eq!(next(&mut watching).await, expected);
        let begun = Instant::now();
        update(t, &ada, json!({ "country": "FR" })).await;
        delete(t, &bob).await;
        let expected = json!({ "changed": [], "removedIds": [ada, bob], "refetch": false });
        assert_eq!(next(&mut watching).await, expected);
        assert!(begun.elapsed() < Duration::from_secs(4));
        let rows: String = (0..200).map(|n| format!("p{n}@example.com,DE\n")).collect();
        import_kit::run(t, json!({}), format!("email,country\n{rows}")).await;
        watching.until(|event| event["data"]["contactsChanged"]["refetch"] == true).await;
    }

    async fn nobody_hears_of_strangers(t: &Harness) {
        let mut count = t.subscribe(&t.stranger, COUNT, json!({})).await;
        let mut changed = t.subscribe(&t.stranger, CHANGED, json!({})).await;
        assert_eq!(value(&count.next().await.unwrap()), 0);
        assert_eq!(changed.next().await.unwrap()["data"]["contactsChanged"]["refetch"], true);
        contact(t, json!({ "name": "Ours" })).await;
        let query = "mutation { createContact(input: { contact: { name: \"Theirs\" } }) { contact { id } } }";
        let theirs = t.data(&t.stranger, query, json!({})).await;
        let event = changed.next().await.unwrap();
        assert_eq!(event["data"]["contactsChanged"]["changed"], json!([{ "id": theirs["createContact"]["contact"]["id"], "displayName": "Theirs" }]));
        assert_eq!(event["data"]["contactsChanged"]["removedIds"], json!([]));
        assert_eq!(value(&count.next().await.unwrap()), 1);
        let mut refused = t.subscribe(&t.owner, COUNT, json!({ "filter": { "attribute": { "key": "none", "isSet": true } } })).await;
        assert_eq!(refused.next().await.unwrap()["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
