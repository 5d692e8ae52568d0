//! The floor: a bare server of WebSockets, with nothing of Roster, that sends a message of the same size to all of them once a second.

use anyhow::Result;
use chrono::{SecondsFormat, Utc};
use futures_util::SinkExt;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{AbortHandle, JoinSet},
    time::interval,
};
use tokio_tungstenite::{
    accept_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

/// One that runs until it is dropped.
pub(super) struct Floor {
    pub(super) address: SocketAddr,
    task: AbortHandle,
}

impl Floor {
    pub(super) async fn serve() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(run(listener)).abort_handle();
        Ok(Self { address, task })
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// As long as one of Roster's, with the time of this very moment.
#[allow(
    clippy::disallowed_methods,
    reason = "what is compared is of this very moment, not of a database"
)]
fn message() -> String {
    let time = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    format!(
        r#"{{"id":"1","type":"next","payload":{{"data":{{"importProgress":{{"updatedAt":"{time}","status":"RUNNING","progress":{{"done":123456}}}}}}}}}}"#
    )
}

async fn run(listener: TcpListener) {
    let (now, seen) = watch::channel(message());
    let mut sockets = JoinSet::new();
    let mut seconds = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                sockets.spawn(tell(stream, seen.clone()));
            }
            _ = seconds.tick() => {
                now.send_replace(message());
            }
        }
    }
}

/// Sends what there is, and then whatever comes.
async fn tell(stream: TcpStream, mut seen: watch::Receiver<String>) {
    let _ = stream.set_nodelay(true);
    let config = WebSocketConfig::default()
        .read_buffer_size(1024)
        .write_buffer_size(0);
    let Ok(mut socket) = accept_async_with_config(stream, Some(config)).await else {
        return;
    };
    seen.mark_changed();
    while seen.changed().await.is_ok() {
        let text = seen.borrow_and_update().clone();
        if socket.send(Message::text(text)).await.is_err() {
            return;
        }
    }
}
