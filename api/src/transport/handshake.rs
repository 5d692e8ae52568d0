//! How a connection becomes a WebSocket (RFC 6455, 4.2), and how it ends so that the client hears why.
//!
//! Not axum's own: it gives the socket away only whole, and one whose client has sent too much must be read on, byte by byte, until the client
//! has heard the close frame. A socket that is closed with unread bytes is reset, and the reset overtakes the frame.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use axum::response::Response;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::protocol::{self, Close};
use super::refusal::Refusal;

/// A WebSocket of the server's side.
pub(super) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// How long a client may take to answer a close frame.
const GOODBYE: Duration = Duration::from_secs(2);
/// How much of what was refused is read meanwhile.
const GOODBYE_BYTES: usize = 16 << 20;
/// What is read of a socket at once. The default of 128 KiB for each direction would be most of what an idle connection costs; messages of clients are
/// short.
const BUFFER: usize = 1024;

/// A handshake that can be answered.
pub(super) struct Handshake {
    on_upgrade: OnUpgrade,
    accept: HeaderValue,
    protocol: Option<HeaderValue>,
    /// Whether the client speaks our protocol.
    pub(super) spoken: bool,
}

impl Handshake {
    /// Looks whether a request is one.
    pub(super) fn of(parts: &mut Parts) -> Result<Self, Refusal> {
        let bad = |what| Err(Refusal::bad_request(what));
        let headers = &parts.headers;
        if parts.version < Version::HTTP_11 || !has(headers, CONNECTION, "upgrade") {
            return bad(
                "a WebSocket begins with HTTP/1.1, Connection: Upgrade and Upgrade: websocket",
            );
        }
        if headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_none_or(|version| version != "13")
        {
            return Err(Refusal::version(SEC_WEBSOCKET_VERSION, "13"));
        }
        let Some(key) = headers.get(SEC_WEBSOCKET_KEY) else {
            return bad("Sec-WebSocket-Key is missing");
        };
        let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
        let accept =
            accept.map_err(|_| Refusal::bad_request("Sec-WebSocket-Key cannot be read"))?;
        let asked = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        let asked: Vec<&str> = asked
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(',').map(str::trim))
            .collect();
        let spoken = asked.contains(&protocol::NAME);
        // Clients drop a connection that does not take up a subprotocol of theirs; so that they can read the 4406, it is taken up.
        let taken = if spoken {
            Some(protocol::NAME)
        } else {
            asked.first().copied()
        };
        let protocol = taken.and_then(|taken| HeaderValue::from_str(taken).ok());
        match parts.extensions.remove::<OnUpgrade>() {
            Some(on_upgrade) => Ok(Self {
                on_upgrade,
                accept,
                protocol,
                spoken,
            }),
            None => bad("this connection cannot become a WebSocket"),
        }
    }

    /// The answer, and the socket once it has gone out; none where the client has left before.
    pub(super) fn accept(
        self,
        largest: usize,
    ) -> (Response, impl Future<Output = Option<Socket>> + Send) {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept);
        if let Some(protocol) = self.protocol {
            headers.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(largest))
            .max_frame_size(Some(largest))
            .read_buffer_size(BUFFER)
            // Each message is written at once: waiting in a buffer would only delay it.
            .write_buffer_size(0);
        let socket = async move {
            let upgraded = TokioIo::new(self.on_upgrade.await.ok()?);
            Some(WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await)
        };
        (answer, socket)
    }
}

/// Whether the client asks for a WebSocket; other protocols that it could go on with are no reason not to answer.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    has(headers, UPGRADE, "websocket")
}

/// Whether a header that is a list has this entry.
fn has(headers: &HeaderMap, name: HeaderName, entry: &str) -> bool {
    let values = headers.get_all(name);
    let mut entries = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    entries.any(|found| found.trim().eq_ignore_ascii_case(entry))
}

/// Says why, and reads on until the client has heard it.
pub(super) async fn goodbye(mut socket: Socket, close: Close) {
    let saying = async {
        if socket.send(close.into()).await.is_err() {
            return;
        }
        // Until the client's own close frame, after which it waits for us to go, or until what it says cannot be read as frames.
        while let Some(Ok(message)) = socket.next().await {
            if message.is_close() {
                return;
            }
        }
        let (raw, mut left) = (socket.get_mut(), GOODBYE_BYTES);
        let mut piece = vec![0; 8 * 1024];
        while let Ok(read @ 1..) = raw.read(&mut piece).await {
            left = left.saturating_sub(read);
            if left == 0 {
                break;
            }
        }
    };
    let _ = timeout(GOODBYE, Box::pin(saying)).await;
}
