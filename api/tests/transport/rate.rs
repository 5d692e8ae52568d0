//! How often a token may ask.

use std::num::NonZeroU32;

use api::transport::Rate;
use serde_json::{Value, json};

use crate::socket::Client;
use crate::toy::{code, serve, serve_with};

const RATE: Rate = Rate {
    per_second: NonZeroU32::MIN,
    burst: NonZeroU32::new(3).unwrap(),
};

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let server = serve_with(|settings| settings.rate = Some(RATE)).await;
    let ask = || server.post().json(&json!({ "query": "{ hello }" })).send();
    for remaining in ["2", "1", "0"] {
        let answer = ask().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["ratelimit-limit"], "3");
        assert_eq!(answer.headers()["ratelimit-remaining"], remaining);
    }
    let refused = ask().await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["ratelimit-remaining"], "0");
    let wait: u64 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    let body: Value = refused.json().await.unwrap();
    assert_eq!(code(&body), "RATE_LIMITED");
    // An operation on a WebSocket is a request like any other.
    let mut client = Client::let_in(&server).await;
    client.subscribe("1", "{ hello }").await;
    let refused = client.hear().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "RATE_LIMITED");
}

#[tokio::test]
async fn without_a_setting_nobody_counts() {
    let server = serve().await;
    let answer = server
        .post()
        .json(&json!({ "query": "{ hello }" }))
        .send()
        .await
        .unwrap();
    assert!(
        answer
            .headers()
            .keys()
            .all(|name| !name.as_str().starts_with("ratelimit"))
    );
}
