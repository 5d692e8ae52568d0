//! Bulk operations: whom they are for, what they change, and what they say of it.

use crate::harness::{Harness, both};
use serde_json::{Value, json};

const FIELDS: &str = "id action status failureMessage progress { done total } changedCount unchangedCount failedCount
    errors { nodes { contactId code message } } createdBy { name } createdByName startedAt finishedAt";

/// Asks for an operation; returns the payload.
async fn ask(t: &Harness, mutation: &str, input: Value) -> Value {
    let kind = match mutation {
        "tagContacts" | "untagContacts" => "BulkTagsInput",
        "cancelOperation" => "JobInput",
        _ => "SegmentMembersInput",
    };
    let query = format!(
        "mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ operation {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    );
    t.data(&t.owner, &query, json!({ "input": input })).await[mutation].take()
}

/// Asks for an operation that must be taken, and returns its id.
async fn taken(t: &Harness, mutation: &str, input: Value) -> Value {
    let mut payload = ask(t, mutation, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    assert_eq!(payload["operation"]["status"], "QUEUED");
    payload["operation"]["id"].take()
}

/// The operation as it is now.
async fn operation(t: &Harness, id: &Value) -> Value {
    let query =
        format!("query ($id: ID!) {{ node(id: $id) {{ ... on BulkOperation {{ {FIELDS} }} }} }}");
    t.data(&t.owner, &query, json!({ "id": id })).await["node"].take()
}

/// Asks for an operation, and waits for its end: changed, unchanged, failed.
async fn done(t: &Harness, mutation: &str, input: Value) -> [i64; 3] {
    let id = taken(t, mutation, input).await;
    t.drained().await;
    let ended = operation(t, &id).await;
    assert_eq!(ended["status"], "COMPLETED", "{ended:#}");
    let counts =
        ["changedCount", "unchangedCount", "failedCount"].map(|of| ended[of].as_i64().unwrap());
    let sum: i64 = counts.iter().sum();
    assert_eq!(ended["progress"], json!({ "done": sum, "total": sum }));
    counts
}

async fn contact(t: &Harness, fields: Value) -> Value {
    let query =
        "mutation ($contact: ContactFieldsInput!) { createContact(input: { contact: $contact }) {
        contact { id } userErrors { field message } } }";
    let made = t.data(&t.owner, query, json!({ "contact": fields })).await;
    made["createContact"]["contact"]["id"].clone()
}

/// So many people, the even ones from Germany, the odd ones from France.
async fn crowd(t: &Harness, number: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    for n in 0..number {
        let country = if n % 2 == 0 { "DE" } else { "FR" };
        ids.push(
            contact(
                t,
                json!({ "name": format!("Person {n}"), "country": country }),
            )
            .await,
        );
    }
    ids
}

/// Thousands of people, by an import.
async fn many(t: &Harness, number: usize) {
    let rows = (0..number).map(|n| format!("p{n}@example.com\n"));
    let file = format!("email\n{}", rows.collect::<String>());
    crate::import_kit::run(t, json!({}), file).await;
}

/// A STATIC segment without contacts; nobody is at work yet.
async fn unfilled(t: &Harness) -> Value {
    let query = "mutation { createSegment(input: { name: \"Chosen\", contacts: { ids: [] } }) { segment { id } } }";
    let mut made = t.data(&t.owner, query, json!({})).await;
    made["createSegment"]["segment"]["id"].take()
}

async fn static_segment(t: &Harness, contacts: Value) -> Value {
    let query = "mutation ($input: CreateSegmentInput!) { createSegment(input: $input) {
        segment { id kind } operation { id status } userErrors { field code } } }";
    let input = json!({ "name": "Chosen", "contacts": contacts });
    let mut made = t.data(&t.owner, query, json!({ "input": input })).await["createSegment"].take();
    assert_eq!(made["userErrors"], json!([]));
    assert_eq!(made["segment"]["kind"], "STATIC");
    t.drained().await;
    made["segment"]["id"].take()
}

async fn count(t: &Harness, asked: Value) -> i64 {
    let query = "query ($segment: ID, $filter: ContactFilter) {
        contacts(segmentId: $segment, filter: $filter) { totalCount(limit: 0) { value } } }";
    let found = t.data(&t.owner, query, asked).await;
    found["contacts"]["totalCount"]["value"].as_i64().unwrap()
}

fn tagged(tag: &Value) -> Value {
    json!({ "filter": { "tags": { "anyOf": [tag] } } })
}

async fn tag_id(t: &Harness, name: &str) -> Value {
    let query = "query ($name: String) { tags(search: $name) { nodes { id } } }";
    t.data(&t.owner, query, json!({ "name": name })).await["tags"]["nodes"][0]["id"].take()
}

fn refused(payload: &Value) -> (Value, Value) {
    assert_eq!(payload["operation"], Value::Null, "{payload:#}");
    let error = &payload["userErrors"][0];
    (error["field"].clone(), error["code"].clone())
}

both! {
    async fn tags_are_given_once_and_an_edit_is_counted(t: &Harness) {
        let ids = crowd(t, 4).await;
        let input = json!({ "contacts": { "ids": [ids[0], ids[1], ids[0]] }, "tagNames": ["VIP", "vip", "New"] });
        assert_eq!(done(t, "tagContacts", input.clone()).await, [2, 0, 0]);
        assert_eq!(done(t, "tagContacts", input).await, [0, 2, 0]);
        let look = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Contact { version tags { name } } } }";
        let seen = t.data(&t.owner, look, json!({ "ids": ids })).await;
        let expected = json!({ "version": 2, "tags": [{ "name": "New" }, { "name": "VIP" }] });
        assert_eq!(seen["nodes"][0], expected);
        assert_eq!(seen["nodes"][1], expected);
        assert_eq!(seen["nodes"][2], json!({ "version": 1, "tags": [] }));
    }

    async fn a_change_that_decides_who_matches_reaches_everyone(t: &Harness) {
        many(t, 2_500).await;
        let all = json!({ "matching": { "expectedCount": 2_500 } });
        assert_eq!(done(t, "tagContacts", json!({ "contacts": all, "tagNames": ["x"] })).await, [2_500, 0, 0]);
        let x = tag_id(t, "x").await;
        let first = "query { contacts(first: 1) { nodes { id } } }";
        let spared = t.data(&t.owner, first, json!({})).await["contacts"]["nodes"][0]["id"].take();
        let matching = json!({ "filter": { "tags": { "anyOf": [x] } }, "except": [spared], "expectedCount": 2_499 });
        let input = json!({ "contacts": { "matching": matching }, "tagNames": ["X"] });
        assert_eq!(done(t, "untagContacts", input).await, [2_499, 0, 0]);
        assert_eq!(count(t, tagged(&x)).await, 1);
    }

    async fn who_saw_another_number_changes_nobody(t: &Harness) {
        crowd(t, 4).await;
        let asked = |expected: i64| {
            let matching = json!({ "filter": { "country": { "eq": "DE" } }, "expectedCount": expected });
            json!({ "contacts": { "matching": matching }, "tagNames": ["de"] })
        };
        let (field, code) = refused(&ask(t, "tagContacts", asked(3)).await);
        assert_eq!((field, code), (json!(["contacts", "matching", "expectedCount"]), json!("CONFLICT")));
        // One more comes between the question and the beginning.
        let id = taken(t, "tagContacts", asked(2)).await;
        contact(t, json!({ "name": "Late", "country": "DE" })).await;
        t.drained().await;
        let ended = operation(t, &id).await;
        assert_eq!(ended["status"], "FAILED");
        assert_eq!(ended["progress"], json!({ "done": 0, "total": null }));
        let message = ended["failureMessage"].as_str().unwrap();
        assert!(message.contains("3 contacts matched") && message.contains("you saw 2"), "{message}");
        assert_eq!(count(t, tagged(&tag_id(t, "de").await)).await, 0);
    }

    async fn segments_are_filled_and_emptied(t: &Harness) {
        let ids = crowd(t, 6).await;
        let segment = static_segment(t, json!({ "matching": { "filter": { "country": { "eq": "FR" } } } })).await;
        assert_eq!(count(t, json!({ "segment": segment })).await, 3);
        let input = |of: Value| json!({ "segmentId": segment, "contacts": of });
        assert_eq!(done(t, "addToSegment", input(json!({ "ids": [ids[0], ids[1]] }))).await, [1, 1, 0]);
        assert_eq!(count(t, json!({ "segment": segment })).await, 4);
        // Taking them out by the segment itself empties it.
        let own = json!({ "matching": { "segmentId": segment } });
        assert_eq!(done(t, "removeFromSegment", input(own)).await, [4, 0, 0]);
        assert_eq!(count(t, json!({ "segment": segment })).await, 0);
        let version = "query ($id: ID!) { contact(id: $id) { version } }";
        let seen = t.data(&t.owner, version, json!({ "id": ids[1] })).await;
        assert_eq!(seen["contact"]["version"], 1);
    }

    async fn who_cannot_be_changed_is_named_with_the_reason(t: &Harness) {
        let full: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
        let full = contact(t, json!({ "name": "Full", "tagNames": full })).await;
        let ids = crowd(t, 2).await;
        let input = json!({ "contacts": { "ids": [full, ids[0], ids[1]] }, "tagNames": ["one more", "t1"] });
        let id = taken(t, "tagContacts", input).await;
        let delete = "mutation ($id: ID!) { deleteContact(input: { id: $id }) { deletedId } }";
        t.data(&t.owner, delete, json!({ "id": ids[0] })).await;
        t.drained().await;
        let ended = operation(t, &id).await;
        assert_eq!(ended["status"], "COMPLETED");
        assert_eq!(ended["progress"], json!({ "done": 3, "total": 3 }));
        assert_eq!((&ended["changedCount"], &ended["failedCount"]), (&json!(1), &json!(2)));
        let errors = ended["errors"]["nodes"].as_array().unwrap();
        assert_eq!((&errors[0]["contactId"], &errors[0]["code"]), (&full, &json!("LIMIT_EXCEEDED")));
        assert_eq!((&errors[1]["contactId"], &errors[1]["code"]), (&ids[0], &json!("NOT_FOUND")));
        assert_eq!((&ended["createdBy"]["name"], &ended["createdByName"]), (&json!("Owner"), &json!("Owner")));
    }

    async fn what_goes_meanwhile_ends_it_with_the_reason(t: &Harness) {
        let ids = crowd(t, 1).await;
        let segment = unfilled(t).await;
        let into = json!({ "segmentId": segment, "contacts": { "ids": ids } });
        let into = taken(t, "addToSegment", into).await;
        let from = json!({ "contacts": { "matching": { "segmentId": segment } }, "tagNames": ["x"] });
        let from = taken(t, "tagContacts", from).await;
        let tagging = taken(t, "tagContacts", json!({ "contacts": { "ids": ids }, "tagNames": ["gone"] })).await;
        let delete = "mutation ($id: ID!, $tag: ID!) { deleteSegment(input: { id: $id }) { deletedId } deleteTag(input: { id: $tag }) { deletedId } }";
        t.data(&t.owner, delete, json!({ "id": segment, "tag": tag_id(t, "gone").await })).await;
        t.drained().await;
        for (id, message) in [(into, "segment was deleted"), (from, "no such segment"), (tagging, "tag of this operation was deleted")] {
            let ended = operation(t, &id).await;
            assert_eq!(ended["status"], "FAILED", "{ended:#}");
            let said = ended["failureMessage"].as_str().unwrap();
            assert!(said.contains(message), "{said}");
        }
    }

    async fn what_does_not_fit_is_refused_at_its_place(t: &Harness) {
        let ids = crowd(t, 1).await;
        let stranger = "mutation { createContact(input: { contact: { name: \"S\" } }) { contact { id } } }";
        let foreign = t.data(&t.stranger, stranger, json!({})).await["createContact"]["contact"]["id"].take();
        let some = json!({ "ids": ids });
        let rules = "mutation { createSegment(input: { name: \"R\", rules: [{ filter: {} }] }) { segment { id } } }";
        let rules = t.data(&t.owner, rules, json!({})).await["createSegment"]["segment"]["id"].take();
        let names = |number: usize| (0..number).map(|n| format!("n{n}")).collect::<Vec<_>>();
        let cases = [
            ("tagContacts", json!({ "contacts": { "ids": [ids[0], foreign, "x"] }, "tagNames": ["a"] }), json!(["contacts", "ids", "1"]), "NOT_FOUND"),
            ("tagContacts", json!({ "contacts": { "ids": vec!["contact_1"; 10_001] }, "tagNames": ["a"] }), json!(["contacts", "ids"]), "LIMIT_EXCEEDED"),
            ("tagContacts", json!({ "contacts": some, "tagNames": [] }), json!(["tagNames"]), "INVALID"),
            ("tagContacts", json!({ "contacts": some, "tagNames": [" "] }), json!(["tagNames", "0"]), "INVALID"),
            ("tagContacts", json!({ "contacts": some, "tagNames": names(101) }), json!(["tagNames"]), "LIMIT_EXCEEDED"),
            ("untagContacts", json!({ "contacts": some, "tagNames": ["nobody's"] }), json!(["tagNames", "0"]), "NOT_FOUND"),
            ("addToSegment", json!({ "contacts": some, "segmentId": "segment_999" }), json!(["segmentId"]), "NOT_FOUND"),
            ("addToSegment", json!({ "contacts": some, "segmentId": rules }), json!(["segmentId"]), "INVALID"),
            ("tagContacts", json!({ "contacts": { "matching": { "inboxId": "inbox_9" } }, "tagNames": ["a"] }), json!(["contacts", "matching", "inboxId"]), "NOT_FOUND"),
            ("tagContacts", json!({ "contacts": { "matching": { "segmentId": "segment_9" } }, "tagNames": ["a"] }), json!(["contacts", "matching", "segmentId"]), "NOT_FOUND"),
        ];
        for (mutation, input, field, code) in cases {
            let payload = ask(t, mutation, input).await;
            assert_eq!(refused(&payload), (field, json!(code)), "{mutation}");
        }
        assert_eq!(t.data(&t.owner, "{ tags { nodes { name } } }", json!({})).await["tags"]["nodes"], json!([]));
        let bad = "mutation ($filter: ContactFilter) { tagContacts(input: { contacts: { matching: { filter: $filter } }, tagNames: [\"a\"] }) { userErrors { code } } }";
        let answer = t.graphql(&t.owner, bad, json!({ "filter": { "attribute": { "key": "none", "isSet": true } } })).await;
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["path"]), (&json!("BAD_USER_INPUT"), &json!(["contacts", "matching", "filter", "attribute", "key"])), "{answer:#}");
        let agent = t.graphql(&t.agent, bad, json!({ "filter": {} })).await;
        assert_eq!(agent["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }

    async fn it_is_watched_to_its_end_and_can_be_stopped(t: &Harness) {
        many(t, 2_500).await;
        let input = json!({ "contacts": { "matching": {} }, "tagNames": ["x"] });
        let watch = "subscription ($id: ID!) { operationProgress(id: $id) { status changedCount progress { done total } } }";
        let stopped = taken(t, "tagContacts", input.clone()).await;
        let payload = ask(t, "cancelOperation", json!({ "id": stopped })).await;
        assert_eq!(payload["operation"]["status"], "CANCELLED");
        let again = ask(t, "cancelOperation", json!({ "id": stopped })).await;
        assert_eq!(refused(&again), (json!(["id"]), json!("CONFLICT")));
        t.drained().await;
        assert_eq!(operation(t, &stopped).await["changedCount"], 0);
        let id = taken(t, "tagContacts", input).await;
        let mut early = t.subscribe(&t.owner, watch, json!({ "id": id })).await;
        let heard = early.until(|event| event["data"]["operationProgress"]["status"] == "COMPLETED").await;
        let last = &heard.last().unwrap()["data"]["operationProgress"];
        assert_eq!(*last, json!({ "status": "COMPLETED", "changedCount": 2_500, "progress": { "done": 2_500, "total": 2_500 } }));
        assert_eq!(early.next().await, None);
        let list = t.data(&t.owner, "{ operations { nodes { id action } } }", json!({})).await;
        assert_eq!(list["operations"]["nodes"], json!([{ "id": id, "action": "ADD_TAGS" }, { "id": stopped, "action": "ADD_TAGS" }]));
        let foreign = t.data(&t.stranger, "{ operations { nodes { id } } }", json!({})).await;
        assert_eq!(foreign["operations"]["nodes"], json!([]));
        let mut foreign = t.subscribe(&t.stranger, watch, json!({ "id": id })).await;
        assert_eq!(foreign.next().await.unwrap()["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
