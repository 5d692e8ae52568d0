//! The floor: a bare server of WebSockets, with nothing of Roster, that sends a message of the same size to all of them once a second. It is a process of its own, as
//! Roster is.

use anyhow::{Context, Result};
use chrono::{SecondsFormat, Utc};
use futures_util::SinkExt;
use std::{net::SocketAddr, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::watch,
    task::JoinSet,
    time::interval,
};
use tokio_tungstenite::{
    accept_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

/// One that runs until it is dropped.
pub(super) struct Floor {
    pub(super) address: SocketAddr,
    pub(super) pid: u32,
    _process: Child,
}

impl Floor {
    pub(super) async fn start() -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("sockets-floor")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().context("no output")?;
        let address = BufReader::new(output).lines().next_line().await?;
        Ok(Self {
            address: address.context("the floor has not begun")?.parse()?,
            pid: process.id().context("the floor has ended")?,
            _process: process,
        })
    }
}

/// Says where it listens, and serves until it is killed.
#[allow(clippy::print_stdout, reason = "who has started it reads it")]
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    run(listener).await;
    Ok(())
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
