//! graphql-transport-ws.

use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use futures_util::SinkExt;
use serde_json::json;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest};

use crate::socket::Client;
use crate::toy::{TOKEN, code, eventually, serve, serve_with};

#[tokio::test]
async fn every_kind_of_operation() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    client
        .subscribe("1", "subscription { count(to: 40) }")
        .await;
    for n in 1..=40 {
        assert_eq!(client.next("1").await, json!({ "data": { "count": n } }));
    }
    client.complete("1").await;
    client.subscribe("1", "{ viewer fresh }").await;
    assert_eq!(
        client.next("1").await,
        json!({ "data": { "viewer": "Ada", "fresh": 0 } })
    );
    client.complete("1").await;
    client
        .subscribe("2", r#"mutation { rename(name: "x") }"#)
        .await;
    assert_eq!(client.next("2").await, json!({ "data": { "rename": "x" } }));
    client.complete("2").await;
}

#[tokio::test]
async fn pings_are_answered_even_before_the_init() {
    let server = serve_with(|settings| settings.keep_alive = Duration::from_millis(50)).await;
    let mut client = Client::connect(&server).await;
    client.say(json!({ "type": "ping" })).await;
    assert_eq!(client.hear().await, json!({ "type": "pong" }));
    client
        .say(json!({ "type": "ping", "payload": { "n": 1 } }))
        .await;
    assert_eq!(
        client.hear().await,
        json!({ "type": "pong", "payload": { "n": 1 } })
    );
    client.say(json!({ "type": "pong" })).await;
    assert!(client.message().await.is_ping(), "the server pings too");
}

#[tokio::test]
async fn errors() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    for query in ["{", "{ nothing }", "subscription { nothing }"] {
        client.subscribe("1", query).await;
        let message = client.hear().await;
        assert_eq!(
            (&message["type"], &message["id"]),
            (&json!("error"), &json!("1"))
        );
        assert_eq!(
            code(&json!({ "errors": message["payload"] })),
            "BAD_USER_INPUT"
        );
    }
    client.subscribe("1", "{ hello broken }").await;
    let payload = client.next("1").await;
    assert_eq!(payload["data"]["hello"], "hello world");
    assert_eq!(code(&payload), "INTERNAL");
    client.complete("1").await;
    client.subscribe("2", "subscription { refused }").await;
    assert_eq!(code(&client.next("2").await), "FORBIDDEN");
    client.complete("2").await;
    client.subscribe("3", "subscription { panics }").await;
    let message = client.hear().await;
    assert_eq!(code(&json!({ "errors": message["payload"] })), "INTERNAL");
}

#[tokio::test]
async fn complete_ends_an_operation_and_frees_its_id() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    for ended in 1..=3 {
        client.subscribe("1", "subscription { quiet }").await;
        client.next("1").await;
        client.say(json!({ "type": "complete", "id": "1" })).await;
        eventually(|| server.probe.ended.load(SeqCst) == ended).await;
    }
    // What the first says after its end is not taken for the second's.
    client
        .subscribe("1", "subscription { count(to: 100000) }")
        .await;
    client.next("1").await;
    client.say(json!({ "type": "complete", "id": "1" })).await;
    client.subscribe("1", "{ hello }").await;
    loop {
        let payload = client.next("1").await;
        if payload["data"].get("count").is_none() {
            assert_eq!(payload["data"]["hello"], "hello world");
            break;
        }
    }
    client.complete("1").await;
    // An unknown id is no fault: the operation may just have ended.
    client.say(json!({ "type": "complete", "id": "9" })).await;
    client.subscribe("2", "subscription { quiet }").await;
    client.next("2").await;
    drop(client);
    eventually(|| server.probe.ended.load(SeqCst) == 4).await;
}

#[tokio::test]
async fn close_codes_before_the_init() {
    let server = serve_with(|settings| settings.init_timeout = Duration::from_millis(300)).await;
    assert_eq!(Client::connect(&server).await.closed().await, 4408);
    assert_eq!(Client::speaking(&server, None).await.closed().await, 4406);
    assert_eq!(
        Client::speaking(&server, Some("graphql-ws"))
            .await
            .closed()
            .await,
        4406
    );
    let mut client = Client::connect(&server).await;
    client.subscribe("1", "{ hello }").await;
    assert_eq!(client.closed().await, 4401);
    for (payload, expected) in [
        (json!({}), 4403),
        (json!(null), 4403),
        (json!({ "authorization": "Bearer bad" }), 4403),
        (json!({ "authorization": 1 }), 4403),
        (json!({ "authorization": "Bearer later" }), 1013),
        (json!("Bearer good"), 4400),
    ] {
        let mut client = Client::connect(&server).await;
        client
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(client.closed().await, expected, "{payload}");
    }
}

#[tokio::test]
async fn close_codes_after_the_init() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    let payload = json!({ "authorization": TOKEN });
    client
        .say(json!({ "type": "connection_init", "payload": payload }))
        .await;
    assert_eq!(client.closed().await, 4429);

    let mut client = Client::let_in(&server).await;
    let long = "ü".repeat(200);
    client.subscribe(&long, "subscription { quiet }").await;
    client.subscribe(&long, "{ hello }").await;
    client.next(&long).await;
    assert_eq!(client.closed().await, 4409);

    for message in [
        "nonsense".to_owned(),
        "[]".to_owned(),
        json!({ "id": "1" }).to_string(),
        json!({ "type": "start", "id": "1", "payload": {} }).to_string(),
        json!({ "type": "subscribe", "id": "1" }).to_string(),
        json!({ "type": "subscribe", "payload": { "query": "{ hello }" } }).to_string(),
        json!({ "type": "subscribe", "id": "", "payload": { "query": "{ hello }" } }).to_string(),
        json!({ "type": "subscribe", "id": "1", "payload": { "query": 3 } }).to_string(),
        json!({ "type": "complete" }).to_string(),
        json!({ "type": "ping", "payload": 3 }).to_string(),
    ] {
        let mut client = Client::let_in(&server).await;
        client.0.send(Message::text(message.clone())).await.unwrap();
        assert_eq!(client.closed().await, 4400, "{message}");
    }
    let mut client = Client::let_in(&server).await;
    client.0.send(Message::binary(&b"{}"[..])).await.unwrap();
    assert_eq!(client.closed().await, 4400);
    let mut client = Client::let_in(&server).await;
    client
        .0
        .send(Message::text("x".repeat(2 << 20)))
        .await
        .unwrap();
    assert_eq!(client.closed().await, 1009);
}

#[tokio::test]
async fn a_revoked_token_starts_nothing_more() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    server.revoked.cancel();
    client.subscribe("1", "{ hello }").await;
    assert_eq!(client.closed().await, 4403);
}

#[tokio::test]
async fn a_revoked_token_closes_its_sockets_within_two_seconds() {
    let server = serve().await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = Client::let_in(&server).await;
        client.subscribe("1", "subscription { quiet }").await;
        client.next("1").await;
        clients.push(client);
    }
    // One that has asked for nothing yet ends as well.
    clients.push(Client::let_in(&server).await);
    let begun = Instant::now();
    server.revoked.cancel();
    for mut client in clients {
        assert_eq!(client.closed().await, 4403);
    }
    assert!(begun.elapsed() < Duration::from_secs(2));
    eventually(|| server.probe.ended.load(SeqCst) == 3).await;
}

#[tokio::test]
async fn pages_of_other_sites_may_not_connect() {
    let server =
        serve_with(|settings| settings.origins = vec!["https://app.example".to_owned()]).await;
    let own = format!("http://{}", server.address);
    for (origin, status) in [
        (own.as_str(), 101),
        ("https://app.example", 101),
        ("https://evil.example", 403),
        ("null", 403),
    ] {
        let url = format!("ws://{}/graphql", server.address);
        let mut request = url.into_client_request().unwrap();
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
        let found = match connect_async(request).await {
            Ok((_, response)) => response.status(),
            Err(Error::Http(response)) => response.status(),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found, status, "{origin}");
    }
}

#[tokio::test]
async fn a_client_that_never_reads_is_sent_away() {
    let server = serve_with(|settings| settings.idle_timeout = Duration::from_millis(500)).await;
    let mut other = Client::let_in(&server).await;
    let mut slow = Client::let_in(&server).await;
    slow.subscribe("1", "subscription { flood }").await;
    eventually(|| server.probe.ended.load(SeqCst) == 1).await;
    assert!(server.probe.produced.load(SeqCst) < 100);
    other.subscribe("1", "{ hello }").await;
    other.next("1").await;
    let code = loop {
        if let Message::Close(frame) = slow.message().await {
            break u16::from(frame.unwrap().code);
        }
    };
    assert_eq!(code, 4410);
}

#[tokio::test]
async fn documents_that_ask_for_too_much_end_nothing_but_themselves() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    for (query, expected) in [
        ("{ people(first: 2147483647) { id } }", "LIMIT_EXCEEDED"),
        ("{ ...A } fragment A on Query { ...A }", "BAD_USER_INPUT"),
    ] {
        client.subscribe("1", query).await;
        let message = client.hear().await;
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(code(&json!({ "errors": message["payload"] })), expected);
    }
    client.subscribe("1", "{ hello }").await;
    client.next("1").await;
}

#[tokio::test]
async fn a_connection_holds_so_many_operations() {
    let server = serve_with(|settings| settings.max_operations = 2).await;
    let mut client = Client::let_in(&server).await;
    for id in ["1", "2"] {
        client.subscribe(id, "subscription { quiet }").await;
        client.next(id).await;
    }
    client.subscribe("3", "{ hello }").await;
    let message = client.hear().await;
    assert_eq!(
        code(&json!({ "errors": message["payload"] })),
        "LIMIT_EXCEEDED"
    );
    client.say(json!({ "type": "complete", "id": "1" })).await;
    client.subscribe("3", "{ hello }").await;
    client.next("3").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_its_operations_back() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    client.subscribe("1", "subscription { flood }").await;
    let produced = || server.probe.produced.load(SeqCst);
    eventually(|| produced() > 16).await;
    let mut before = 0;
    while produced() != before {
        before = produced();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    // The queue, and what the two kernels' buffers hold.
    assert!(before < 100, "{before}");
    for _ in 0..before {
        client.next("1").await;
    }
    assert!(produced() > before);
}

#[tokio::test]
async fn a_shutdown_says_goodbye() {
    let server = serve().await;
    let mut quiet = Client::let_in(&server).await;
    quiet.subscribe("1", "subscription { quiet }").await;
    quiet.next("1").await;
    let mut stuck = Client::let_in(&server).await;
    stuck.subscribe("1", "subscription { flood }").await;
    stuck.next("1").await;
    server.shutdown.cancel();
    assert_eq!(quiet.closed().await, 1001);
    timeout(Duration::from_secs(5), server.transport.closed())
        .await
        .unwrap();
    assert_eq!(server.probe.ended.load(SeqCst), 2);
}

#[tokio::test]
async fn what_has_begun_is_answered_at_a_shutdown() {
    let server = serve().await;
    let mut client = Client::let_in(&server).await;
    client.subscribe("1", "subscription { quiet }").await;
    client.next("1").await;
    client.subscribe("2", "{ soon }").await;
    eventually(|| server.probe.produced.load(SeqCst) == 1).await;
    server.shutdown.cancel();
    // Of the subscription nothing is said: whoever comes back takes it up again.
    let answer = client.next("2").await;
    assert_eq!(answer["data"]["soon"], true, "{answer}");
    client.complete("2").await;
    assert_eq!(client.closed().await, 1001);
}
