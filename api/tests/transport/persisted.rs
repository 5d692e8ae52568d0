//! Automatic persisted queries.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::toy::{Server, code, serve, serve_with};

fn hash(query: &str) -> String {
    Sha256::digest(query)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn extensions(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

async fn ask(server: &Server, body: Value) -> Value {
    server
        .post()
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_query_is_sent_once_and_named_by_its_hash_then() {
    let server = serve().await;
    let query = "query ($name: String!) { hello(name: $name) }";
    let named =
        || json!({ "extensions": extensions(&hash(query)), "variables": { "name": "Ada" } });
    let unknown = ask(&server, named()).await;
    assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(unknown.get("data"), None);
    let mut sent = named();
    sent["query"] = query.into();
    assert_eq!(ask(&server, sent).await["data"]["hello"], "hello Ada");
    assert_eq!(ask(&server, named()).await["data"]["hello"], "hello Ada");
    let text = extensions(&hash(query)).to_string();
    let by_get = server.get(&[("extensions", &text), ("variables", "{\"name\":\"Bob\"}")]);
    let answer: Value = by_get.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["hello"], "hello Bob");
}

#[tokio::test]
async fn the_status_of_an_unknown_hash_depends_on_the_media_type() {
    let server = serve().await;
    let body = json!({ "extensions": extensions(&hash("{ hello }")) });
    for (accept, status) in [
        ("application/json", 200),
        ("application/graphql-response+json", 400),
    ] {
        let answer = server
            .post()
            .header("accept", accept)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{accept}");
    }
}

#[tokio::test]
async fn a_wrong_hash_is_refused_and_remembers_nothing() {
    let server = serve().await;
    let right = hash("{ hello }");
    for wrong in [
        extensions(&hash("{ viewer }")),
        extensions("x"),
        extensions(&"ä".repeat(32)),
        extensions(&"+1".repeat(32)),
        json!({ "persistedQuery": { "version": 2, "sha256Hash": right } }),
        json!({ "persistedQuery": { "sha256Hash": right } }),
        json!({ "persistedQuery": "x" }),
    ] {
        let refused = ask(
            &server,
            json!({ "query": "{ hello }", "extensions": wrong }),
        )
        .await;
        assert_eq!(code(&refused), "BAD_USER_INPUT", "{wrong}: {refused}");
    }
    for query in ["{ hello }", "{ viewer }"] {
        let unknown = ask(&server, json!({ "extensions": extensions(&hash(query)) })).await;
        assert_eq!(code(&unknown), "PERSISTED_QUERY_NOT_FOUND");
    }
}

#[tokio::test]
async fn what_is_remembered_is_bounded() {
    let server = serve_with(|settings| settings.persisted = 20_000).await;
    let query = |n: usize| format!("{{ hello }} # {n} {}", "x".repeat(3_000));
    for n in 0..50 {
        let query = query(n);
        let sent = json!({ "query": query, "extensions": extensions(&hash(&query)) });
        assert_eq!(ask(&server, sent).await["data"]["hello"], "hello world");
    }
    let mut known = 0;
    for n in 0..50 {
        let named = json!({ "extensions": extensions(&hash(&query(n))) });
        known += usize::from(ask(&server, named).await["data"]["hello"].is_string());
    }
    assert!((1..=6).contains(&known), "{known}");
}
