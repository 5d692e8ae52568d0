//! Event streams.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use crate::toy::{Server, code, eventually, serve, serve_with};

async fn stream(server: &Server, query: &str) -> Response {
    let request = server.post().header("accept", "text/event-stream");
    let response = request
        .json(&json!({ "query": query }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let content_type = &response.headers()["content-type"];
    assert_eq!(content_type, "text/event-stream; charset=utf-8");
    response
}

/// What a stream says that says one thing and ends.
async fn only(server: &Server, query: &str) -> Value {
    let events = stream(server, query).await.text().await.unwrap();
    let (next, complete) = events.split_once("\n\n").unwrap();
    assert_eq!(complete, "event: complete\ndata:\n\n", "{query}: {events}");
    serde_json::from_str(next.strip_prefix("event: next\ndata: ").unwrap()).unwrap()
}

#[tokio::test]
async fn every_kind_of_operation() {
    let server = serve().await;
    let next = |data: &str| format!("event: next\ndata: {{\"data\":{data}}}\n\n");
    let complete = "event: complete\ndata:\n\n";
    for (query, events) in [
        (
            "subscription { count(to: 2) }",
            next(r#"{"count":1}"#) + &next(r#"{"count":2}"#) + complete,
        ),
        ("{ viewer }", next(r#"{"viewer":"Ada"}"#) + complete),
        (
            r#"mutation { rename(name: "x\ny") }"#,
            next(r#"{"rename":"x\ny"}"#) + complete,
        ),
    ] {
        assert_eq!(stream(&server, query).await.text().await.unwrap(), events);
    }
    let request = server.get(&[("query", "subscription { count(to: 1) }")]);
    let request = request.header("accept", "text/event-stream");
    let events = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(events, next(r#"{"count":1}"#) + complete);
}

#[tokio::test]
async fn a_client_that_takes_both_gets_a_stream_for_a_subscription_alone() {
    let server = serve().await;
    let accept = "application/graphql-response+json, application/json, text/event-stream";
    for (query, expected) in [
        (
            "{ viewer }",
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "subscription { count(to: 1) }",
            "text/event-stream; charset=utf-8",
        ),
    ] {
        let request = server.post().header("accept", accept);
        let response = request
            .json(&json!({ "query": query }))
            .send()
            .await
            .unwrap();
        assert_eq!(response.headers()["content-type"], expected);
    }
}

#[tokio::test]
async fn errors() {
    let server = serve().await;
    for (query, expected) in [
        ("subscription { nothing }", "BAD_USER_INPUT"),
        ("{", "BAD_USER_INPUT"),
        ("subscription { refused }", "FORBIDDEN"),
        ("subscription { panics }", "INTERNAL"),
    ] {
        assert_eq!(code(&only(&server, query).await), expected);
    }
    let request = server.get(&[("query", r#"mutation { rename(name: "x") }"#)]);
    let response = request.header("accept", "text/event-stream").send().await;
    assert_eq!(response.unwrap().status(), 405);
    let request = reqwest::Client::new().get(server.url());
    let response = request.header("accept", "text/event-stream").send().await;
    assert_eq!(response.unwrap().status(), 401);
}

#[tokio::test]
async fn a_subscription_has_one_field_that_is_always_told() {
    let server = serve().await;
    for query in [
        "subscription { count(to: 1) other: count(to: 2) }",
        "subscription { count(to: 1) count(to: 1) }",
        "subscription { ...F ...F } fragment F on Subscriptions { count(to: 1) }",
        "subscription { ...F } fragment F on Subscriptions { count(to: 1) ... { quiet } }",
        "subscription { count(to: 1) __typename }",
        "subscription { __typename }",
        "subscription { count(to: 1) @skip(if: false) }",
        "subscription { ... @include(if: true) { count(to: 1) } }",
        "subscription A { count(to: 1) } subscription B { count(to: 1) quiet }",
    ] {
        let error = only(&server, query).await;
        let message = error["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("top level field"), "{query}: {message}");
        assert_eq!(code(&error), "BAD_USER_INPUT");
    }
    for query in [
        "subscription { ...F } fragment F on Subscriptions { ... { count(to: 1) } }",
        "subscription { ... on Subscriptions { ...F } } fragment F on Subscriptions { ...G } fragment G on Subscriptions { count(to: 1) }",
    ] {
        assert_eq!(only(&server, query).await["data"], json!({ "count": 1 }));
    }
}

#[tokio::test]
async fn comments_keep_it_alive_and_a_shutdown_ends_it() {
    let server = serve_with(|settings| settings.keep_alive = Duration::from_millis(50)).await;
    let mut response = stream(&server, "subscription { quiet }").await;
    let next = response.chunk().await.unwrap().unwrap();
    assert_eq!(next, "event: next\ndata: {\"data\":{\"quiet\":0}}\n\n");
    assert_eq!(response.chunk().await.unwrap().unwrap(), ":\n\n");
    server.shutdown.cancel();
    let rest = response.text().await.unwrap();
    assert!(!rest.contains("complete"), "{rest}");
    eventually(|| server.probe.ended.load(SeqCst) == 1).await;
}

#[tokio::test]
async fn a_revoked_token_ends_it() {
    let server = serve().await;
    let mut response = stream(&server, "subscription { quiet }").await;
    response.chunk().await.unwrap().unwrap();
    server.revoked.cancel();
    let rest = response.text().await.unwrap();
    assert!(!rest.contains("complete"), "{rest}");
    eventually(|| server.probe.ended.load(SeqCst) == 1).await;
}

#[tokio::test]
async fn a_client_that_leaves_ends_it() {
    let server = serve_with(|settings| settings.keep_alive = Duration::from_millis(50)).await;
    let response = stream(&server, "subscription { quiet }").await;
    drop(response);
    eventually(|| server.probe.ended.load(SeqCst) == 1).await;
}
