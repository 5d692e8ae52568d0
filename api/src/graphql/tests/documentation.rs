//! The descriptions that a client developer reads.

use super::harness::introspect;
use crate::graphql::{STATES, build};
use serde_json::Value as Json;

const INTROSPECTION: &str = "{ __schema { types {
    name description
    fields { name description args { name description } }
    inputFields { name description }
    enumValues { name description }
} } }";

/// Types that GraphQL itself has.
const NOT_OURS: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

/// Everything below `thing` that has a name and no description.
fn undescribed(path: &str, thing: &Json, missing: &mut Vec<String>) {
    let path = format!("{path}{}", thing["name"].as_str().unwrap_or_default());
    if thing["description"]
        .as_str()
        .is_none_or(|text| text.trim().is_empty())
    {
        missing.push(path.clone());
    }
    for list in ["fields", "args", "inputFields", "enumValues"] {
        for part in thing[list].as_array().into_iter().flatten() {
            undescribed(&format!("{path}."), part, missing);
        }
    }
}

#[tokio::test]
async fn everything_is_described() {
    let data = introspect(INTROSPECTION).await;
    let mut missing = Vec::new();
    for kind in data["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        if !name.starts_with("__") && !NOT_OURS.contains(&name) {
            undescribed("", kind, &mut missing);
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[tokio::test]
async fn subscriptions_that_are_shared_say_that_they_tell_the_present_state_at_once() {
    let query = "{ __schema { subscriptionType { fields { name description } } } }";
    let data = introspect(query).await;
    let fields = data["__schema"]["subscriptionType"]["fields"].as_array();
    let states = fields.unwrap().iter().filter(|field| {
        let text = field["description"].as_str().unwrap();
        text.contains("present state at once") || text.contains("at once, then whenever")
    });
    let states: Vec<&str> = states
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert_eq!(states, STATES);
}

#[tokio::test]
async fn every_mutation_can_be_asked_for_again() {
    let query = "{ __schema { mutationType { fields { name args { name type { ofType { inputFields { name type { name } } } } } } } } }";
    let data = introspect(query).await;
    let mutations = data["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap();
    assert!(mutations.len() > 50, "{}", mutations.len());
    for mutation in mutations {
        let args = mutation["args"].as_array().unwrap();
        assert_eq!(args.len(), 1, "{mutation}");
        assert_eq!(args[0]["name"], "input", "{mutation}");
        let fields = args[0]["type"]["ofType"]["inputFields"].as_array().unwrap();
        let key = fields
            .iter()
            .find(|field| field["name"] == "idempotencyKey");
        assert_eq!(key.unwrap()["type"]["name"], "String", "{mutation}");
    }
}

#[tokio::test]
async fn who_has_not_been_let_in_gets_nothing() {
    let response = build()
        .finish()
        .execute("{ contacts { nodes { id } } }")
        .await;
    let response = serde_json::to_value(response).unwrap();
    assert_eq!(
        response["errors"][0]["extensions"]["code"],
        "UNAUTHENTICATED"
    );
    assert_eq!(response["data"], Json::Null);
}
