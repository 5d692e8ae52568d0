//! Those who listen: a WebSocket each.

use crate::{client::Client, latency::Latency};
use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{
        Message, client::IntoClientRequest, handshake::client::Request, protocol::WebSocketConfig,
    },
};

/// How many come at a time.
const AT_ONCE: usize = 100;

/// A socket that says nothing for so long at its beginning is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// To what they listen.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    /// An import of Roster's.
    Import(&'a Client, &'a str),
    /// A bare server.
    Floor(SocketAddr),
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What all of them heard.
#[derive(Default)]
struct Heard {
    latency: Latency,
    commits: BTreeSet<DateTime<Utc>>,
    lost: Option<String>,
}

/// All of them; they leave when it is dropped.
#[derive(Default)]
pub(super) struct Crowd {
    heard: Arc<Mutex<Heard>>,
    listening: JoinSet<()>,
}

impl Crowd {
    /// Lets more come until there are `size`; each has heard the present state.
    pub(super) async fn grow(&mut self, to: To<'_>, size: usize) -> Result<()> {
        while self.listening.len() < size {
            let missing = (size - self.listening.len()).min(AT_ONCE);
            let coming = (0..missing).map(|_| begin(to));
            for socket in futures_util::future::try_join_all(coming).await? {
                let heard = Arc::clone(&self.heard);
                self.listening.spawn(listen(socket, heard));
            }
        }
        Ok(())
    }

    /// Begins to count anew; who was lost stays lost.
    pub(super) fn forget(&self) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let lost = heard.lost.take();
        *heard = Heard {
            lost,
            ..Heard::default()
        };
    }

    /// What was heard since then, and how many commits that was.
    pub(super) fn heard(&self) -> Result<(Latency, usize)> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lost) = heard.lost.take() {
            bail!("a socket was lost: {lost}");
        }
        let heard = std::mem::take(&mut *heard);
        Ok((heard.latency, heard.commits.len()))
    }
}

async fn begin(to: To<'_>) -> Result<Socket> {
    let mut socket = match to {
        To::Import(client, import) => subscribe(client, import).await?,
        To::Floor(address) => connect(format!("ws://{address}").into_client_request()?).await?,
    };
    let first = hear(&mut socket).await?;
    ensure!(first.contains("updatedAt"), "it begins with {first}");
    Ok(socket)
}

async fn connect(request: Request) -> Result<Socket> {
    // Small buffers: the client shares the machine with the server.
    let config = WebSocketConfig::default().read_buffer_size(1024);
    let (socket, _) = connect_async_with_config(request, Some(config), true).await?;
    Ok(socket)
}

async fn subscribe(client: &Client, import: &str) -> Result<Socket> {
    let url = format!("{}/graphql", client.address().replacen("http", "ws", 1));
    let mut request = url.into_client_request()?;
    let protocol = "graphql-transport-ws".parse()?;
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let mut socket = connect(request).await?;
    let payload = json!({ "authorization": format!("Bearer {}", client.token()) });
    say(
        &mut socket,
        json!({ "type": "connection_init", "payload": payload }),
    )
    .await?;
    ensure!(
        hear(&mut socket).await?.contains("connection_ack"),
        "not let in"
    );
    let query = "subscription ($id: ID!) { importProgress(id: $id) { updatedAt status progress { done } } }";
    let payload = json!({ "query": query, "variables": { "id": import } });
    say(
        &mut socket,
        json!({ "type": "subscribe", "id": "1", "payload": payload }),
    )
    .await?;
    Ok(socket)
}

async fn say(socket: &mut Socket, message: Value) -> Result<()> {
    Ok(socket.send(Message::text(message.to_string())).await?)
}

async fn hear(socket: &mut Socket) -> Result<String> {
    loop {
        let message = timeout(PATIENCE, socket.next()).await?;
        if let Message::Text(text) = message.context("the socket was closed")?? {
            return Ok(text.to_string());
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "what is compared is of this very moment, not of a database"
)]
async fn listen(mut socket: Socket, heard: Arc<Mutex<Heard>>) {
    let lost = loop {
        match socket.next().await {
            Some(Ok(Message::Text(text))) => {
                let now = Utc::now();
                let Some(at) = updated_at(&text) else {
                    break format!("it says {text}");
                };
                let took = (now - at).to_std().unwrap_or_default();
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.latency.add(took);
                heard.commits.insert(at);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => break error.to_string(),
            None => break "it was closed".to_owned(),
        }
    };
    heard.lock().unwrap_or_else(PoisonError::into_inner).lost = Some(lost);
}

/// Found by its name alone: reading ten thousand messages whole would be the client's time, not the server's.
fn updated_at(text: &str) -> Option<DateTime<Utc>> {
    let (_, rest) = text.split_once("\"updatedAt\":\"")?;
    let (time, _) = rest.split_once('"')?;
    Some(DateTime::parse_from_rfc3339(time).ok()?.to_utc())
}

/// How an import has ended; none while it goes on.
pub(super) async fn ended(client: &Client, import: &str) -> Result<Option<String>> {
    let query = "query ($id: ID!) { import(id: $id) { status } }";
    let seen = client.query(query, json!({ "id": import })).await?;
    let status = seen["import"]["status"].as_str().context("no status")?;
    Ok((status != "RUNNING").then(|| status.to_owned()))
}
