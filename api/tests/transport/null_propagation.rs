//! Where an error leaves its null, in the version of async-graphql that is pinned.
//!
//! A field that fails and may be null is null alone; one that may not be null takes its parent with it, up to the next place that may
//! be null. async-graphql 7.2 leaves the key of a failed field out instead, so that clients find neither a value nor null.
//!
//! The type of a resolver decides: `Option<Result<T>>` is a field that may be null and fails alone. `Result<Option<T>>` has the same
//! type in the schema, but its error takes the parent along, as if the field could not be null.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Result, Schema};
use serde_json::{Value, json};

struct Node;

fn failure<T>() -> Result<T> {
    Err("failed".into())
}

#[Object]
impl Node {
    async fn ok(&self) -> i32 {
        1
    }
    async fn may_be_null(&self) -> Option<Result<i32>> {
        Some(failure())
    }
    async fn must_not_be_null(&self) -> Result<i32> {
        failure()
    }
    async fn wrong_way_round(&self) -> Result<Option<i32>> {
        failure()
    }
    async fn node(&self) -> Node {
        Node
    }
    async fn node_or_null(&self) -> Option<Node> {
        Some(Node)
    }
    async fn nodes(&self) -> Vec<Node> {
        vec![Node, Node]
    }
    async fn nodes_or_null(&self) -> Vec<Option<Node>> {
        vec![Some(Node), None]
    }
    async fn items(&self) -> Vec<Option<Result<i32>>> {
        vec![Some(Ok(1)), Some(failure()), None]
    }
}

async fn run(query: &str) -> (Value, Value) {
    let schema = Schema::new(Node, EmptyMutation, EmptySubscription);
    let answer = serde_json::to_value(schema.execute(query).await).unwrap();
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1, "{answer}");
    (answer["data"].clone(), answer["errors"][0]["path"].clone())
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "most of them are a table")]
async fn nulls_stop_where_null_is_allowed() {
    for (query, data, path) in [
        (
            "{ ok mayBeNull }",
            json!({ "ok": 1, "mayBeNull": null }),
            json!(["mayBeNull"]),
        ),
        (
            "{ ok mustNotBeNull }",
            Value::Null,
            json!(["mustNotBeNull"]),
        ),
        (
            "{ ok wrongWayRound }",
            Value::Null,
            json!(["wrongWayRound"]),
        ),
        (
            "{ ok nodeOrNull { ok mustNotBeNull } }",
            json!({ "ok": 1, "nodeOrNull": null }),
            json!(["nodeOrNull", "mustNotBeNull"]),
        ),
        (
            "{ ok nodeOrNull { node { node { mustNotBeNull } } } }",
            json!({ "ok": 1, "nodeOrNull": null }),
            json!(["nodeOrNull", "node", "node", "mustNotBeNull"]),
        ),
        (
            "{ ok node { nodeOrNull { node { nodeOrNull { ok node { node { mustNotBeNull } } } ok } } } }",
            json!({ "ok": 1, "node": { "nodeOrNull": { "node": { "nodeOrNull": null, "ok": 1 } } } }),
            json!([
                "node",
                "nodeOrNull",
                "node",
                "nodeOrNull",
                "node",
                "node",
                "mustNotBeNull"
            ]),
        ),
        (
            "{ node { nodesOrNull { node { nodeOrNull { ok } nodesOrNull { node { mustNotBeNull } } } } } }",
            json!({ "node": { "nodesOrNull": [{ "node": { "nodeOrNull": { "ok": 1 }, "nodesOrNull": [null, null] } }, null] } }),
            json!([
                "node",
                "nodesOrNull",
                0,
                "node",
                "nodesOrNull",
                0,
                "node",
                "mustNotBeNull"
            ]),
        ),
        (
            "{ node { nodeOrNull { ok mayBeNull } } }",
            json!({ "node": { "nodeOrNull": { "ok": 1, "mayBeNull": null } } }),
            json!(["node", "nodeOrNull", "mayBeNull"]),
        ),
        (
            "{ nodesOrNull { ok mustNotBeNull } }",
            json!({ "nodesOrNull": [null, null] }),
            json!(["nodesOrNull", 0, "mustNotBeNull"]),
        ),
        (
            "{ items }",
            json!({ "items": [1, null, null] }),
            json!(["items", 1]),
        ),
    ] {
        assert_eq!(run(query).await, (data, path), "{query}");
    }
}

#[tokio::test]
async fn a_list_that_must_not_hold_null_takes_its_parent_along() {
    let (data, path) = run("{ ok nodeOrNull { nodes { mustNotBeNull } } }").await;
    assert_eq!(data, json!({ "ok": 1, "nodeOrNull": null }));
    // The path ends at the item: async-graphql writes it over that of the field below.
    assert_eq!(path, json!(["nodeOrNull", "nodes", 0]));
}
