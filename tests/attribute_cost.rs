//! What a choice costs, for whoever asks.

use crate::{
    attribute_kit::make,
    harness::{Harness, both},
};
use serde_json::{Value, json};

/// `extensions` of the answer to a query that asks for them in this way.
async fn extensions(t: &Harness, query: &str, filter: Value, asked: Value) -> Value {
    let request = json!({ "query": query, "variables": { "filter": filter }, "extensions": asked });
    let post = t
        .http
        .post(t.url("/graphql"))
        .bearer_auth(&t.owner)
        .json(&request);
    let mut answer: Value = post.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    answer["extensions"].take()
}

const QUERY: &str = "query ($filter: ContactFilter) { all: contacts { nodes { id } } some: contacts(filter: $filter) { totalCount { value } } }";

both! {
    async fn who_asks_is_told_what_no_index_serves(t: &Harness) {
        make(t, "plan", "TEXT", true).await;
        make(t, "seats", "NUMBER", true).await;
        make(t, "bare", "TEXT", false).await;
        make(t, "on", "BOOLEAN", false).await;
        let of = |key: &str, condition: Value| {
            let mut filter = condition;
            filter["key"] = json!(key);
            json!({ "attribute": filter })
        };
        let served = [
            of("PLAN", json!({ "text": { "eq": "a" } })),
            of("plan", json!({ "text": { "startsWith": "a", "contains": "b" } })),
            of("seats", json!({ "number": { "gte": 3 } })),
            of("seats", json!({ "isSet": true })),
            json!({ "name": { "contains": "abc" } }),
        ];
        for filter in served {
            let told = extensions(t, QUERY, filter.clone(), json!({ "cost": true })).await;
            assert_eq!(told, json!({ "cost": { "scans": [] } }), "{filter}");
        }
        let scanned = [
            (of("bare", json!({ "text": { "eq": "a" } })), json!(["bare"])),
            (of("plan", json!({ "text": { "contains": "b" } })), json!(["plan"])),
            (of("seats", json!({ "isSet": false })), json!(["seats"])),
            (json!({ "not": of("seats", json!({ "number": { "eq": 1 } })) }), json!(["seats"])),
            (json!({ "or": [of("on", json!({ "boolean": { "eq": true } })), of("Bare", json!({ "isSet": true })), of("bare", json!({ "isSet": true }))] }), json!(["bare", "on"])),
        ];
        for (filter, attributes) in scanned {
            let told = extensions(t, QUERY, filter.clone(), json!({ "cost": true })).await;
            let scans = json!([{ "path": ["some"], "attributes": attributes }]);
            assert_eq!(told, json!({ "cost": { "scans": scans } }), "{filter}");
            for asked in [json!({}), json!({ "cost": false }), json!({ "other": true })] {
                assert_eq!(extensions(t, QUERY, filter.clone(), asked).await, Value::Null);
            }
        }
    }

    async fn segments_and_inboxes_cost_what_they_keep(t: &Harness) {
        make(t, "bare", "TEXT", false).await;
        let filter = json!({ "attribute": { "key": "bare", "isSet": true } });
        let save = "mutation ($filter: ContactFilter!) {
            createSegment(input: { name: \"S\", rules: [{ filter: $filter }] }) { segment { id } }
            createInbox(input: { name: \"I\", shared: true, filter: $filter }) { inbox { id } } }";
        let saved = t.data(&t.owner, save, json!({ "filter": filter })).await;
        let segment = &saved["createSegment"]["segment"]["id"];
        let inbox = &saved["createInbox"]["inbox"]["id"];
        for argument in [format!("segmentId: {segment}"), format!("inboxId: {inbox}"), format!("filter: {{ segments: {{ anyOf: [{segment}] }} }}")] {
            let query = format!("{{ contacts({argument}) {{ nodes {{ id }} }} }}");
            let told = extensions(t, &query, Value::Null, json!({ "cost": true })).await;
            assert_eq!(told["cost"]["scans"], json!([{ "path": ["contacts"], "attributes": ["bare"] }]), "{argument}");
        }
    }
}
