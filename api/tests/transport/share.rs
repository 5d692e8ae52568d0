//! Subscriptions to a state, in the same words: one execution for all.

use std::sync::atomic::Ordering::SeqCst;

use serde_json::{Value, json};

use crate::socket::Client;
use crate::toy::{Server, eventually, serve};

const STATE: &str = "subscription { state(times: 10) }";

fn state(now: i32) -> Value {
    json!({ "data": { "state": now } })
}

/// One who listens under this id and has heard the first state.
async fn listener(server: &Server, id: &str, first: i32) -> Client {
    let mut client = Client::let_in(server).await;
    client.subscribe(id, STATE).await;
    assert_eq!(client.next(id).await, state(first));
    client
}

#[tokio::test]
async fn who_asks_in_the_same_words_shares_what_is_told() {
    let server = serve().await;
    let probe = &server.probe;
    probe.state.send_replace(1);
    let mut first = listener(&server, "1", 10).await;
    let mut second = listener(&server, "other", 10).await;
    let stream = server.post().header("accept", "text/event-stream");
    let mut stream = stream
        .json(&json!({ "query": STATE }))
        .send()
        .await
        .unwrap();
    let mut heard =
        async || String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert_eq!(
        heard().await,
        "event: next\ndata: {\"data\":{\"state\":10}}\n\n"
    );
    assert_eq!(probe.produced.load(SeqCst), 1);
    // Other words are another execution.
    first
        .subscribe("2", "subscription { state(times: 100) }")
        .await;
    assert_eq!(first.next("2").await, state(100));
    assert_eq!(probe.produced.load(SeqCst), 2);
    probe.state.send_replace(2);
    assert_eq!(second.next("other").await, state(20));
    assert_eq!(
        heard().await,
        "event: next\ndata: {\"data\":{\"state\":20}}\n\n"
    );
    drop(second);
    // It ends for all of them, whoever is left.
    probe.state.send_replace(0);
    assert_eq!(heard().await, "event: complete\ndata:\n\n");
    eventually(|| probe.ended.load(SeqCst) == 2).await;
}

#[tokio::test]
async fn it_ends_with_the_last_who_listens_and_begins_anew() {
    let server = serve().await;
    let probe = &server.probe;
    for round in 1..=3 {
        probe.state.send_replace(7);
        let (mut first, second) = (
            listener(&server, "1", 70).await,
            listener(&server, "1", 70).await,
        );
        drop(second);
        probe.state.send_replace(8);
        assert_eq!(first.next("1").await, state(80));
        assert_eq!(
            (probe.produced.load(SeqCst), probe.ended.load(SeqCst)),
            (round, round - 1)
        );
        drop(first);
        eventually(|| probe.ended.load(SeqCst) == round).await;
    }
}

#[tokio::test]
async fn an_error_of_the_document_is_told_to_each() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    for id in ["1", "2"] {
        client.subscribe(id, "subscription { state }").await;
        assert_eq!(client.hear().await["type"], "error");
    }
    assert_eq!(server.probe.produced.load(SeqCst), 0);
}
