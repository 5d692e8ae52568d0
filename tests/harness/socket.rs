//! A client of subscriptions: graphql-transport-ws, one operation a connection.

use super::{client::Client, within};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

/// A running subscription; it ends when it is dropped.
pub(crate) struct Subscription(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Subscribes, and waits until the server has taken the connection.
    pub(crate) async fn subscribe(
        &self,
        token: &str,
        query: &str,
        variables: Value,
    ) -> Subscription {
        let url = format!("ws://{}/graphql", self.address);
        let mut request = url.into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let mut subscription = Subscription(connect_async(request).await.unwrap().0);
        let payload = json!({ "authorization": format!("Bearer {token}") });
        subscription
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        let answer = subscription.hear().await.expect("an acknowledgement");
        assert_eq!(answer, json!({ "type": "connection_ack" }));
        let payload = json!({ "query": query, "variables": variables });
        subscription
            .say(json!({ "type": "subscribe", "id": "1", "payload": payload }))
            .await;
        subscription
    }
}

impl Subscription {
    /// The next answer, `{"data": …}` or with `errors`; none once the subscription is complete.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        let mut message = self.hear().await?;
        match message["type"].as_str() {
            Some("next") => Some(message["payload"].take()),
            Some("error") => Some(json!({ "errors": message["payload"] })),
            Some("complete") => None,
            _ => panic!("unexpected: {message}"),
        }
    }

    /// Waits until the server closes the connection, whatever it says before that; the code that it gives.
    pub(crate) async fn closed(mut self) -> Option<u16> {
        while let Some(message) = self.0.next().await {
            match message {
                Ok(Message::Close(close)) => return close.map(|close| close.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
        None
    }

    /// Answers, up to and with the first that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        while !heard.last().is_some_and(&fits) {
            let next = self.next().await;
            heard.push(
                next.unwrap_or_else(|| panic!("it ended before what was awaited: {heard:#?}")),
            );
        }
        heard
    }

    async fn say(&mut self, message: Value) {
        let message = Message::text(message.to_string());
        self.0.send(message).await.unwrap();
    }

    /// The next message; none once the connection is closed. Pings of the server are answered on the way.
    async fn hear(&mut self) -> Option<Value> {
        loop {
            match within("a message of the subscription", self.0.next()).await? {
                Ok(Message::Text(text)) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    match message["type"].as_str() {
                        Some("ping") => self.say(json!({ "type": "pong" })).await,
                        _ => return Some(message),
                    }
                }
                Ok(Message::Close(_)) => return None,
                Ok(_) => {}
                Err(error) => panic!("the connection broke: {error}"),
            }
        }
    }
}
