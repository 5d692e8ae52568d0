//! Reading a request's body under watch: how much, and how long it stands still.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use axum::http::{HeaderMap, StatusCode};
use bytes::BytesMut;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::refusal::Refusal;

/// How much and how long a refused body is still read, see [`Incoming::linger`].
const LINGER_BYTES: usize = 16 << 20;
const LINGER: Duration = Duration::from_secs(2);

/// A body that is on its way.
pub(super) struct Incoming {
    stream: BodyDataStream,
    idle_timeout: Duration,
    announced: Option<u64>,
    asks_first: bool,
    ended: bool,
}

impl Incoming {
    pub(super) fn new(headers: &HeaderMap, body: Body, idle_timeout: Duration) -> Self {
        let announced = headers.get(CONTENT_LENGTH);
        Self {
            stream: body.into_data_stream(),
            idle_timeout,
            announced: announced
                .and_then(|length| length.to_str().ok())
                .and_then(|length| length.parse().ok()),
            asks_first: headers.contains_key(EXPECT),
            ended: false,
        }
    }

    /// The next piece, or none at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Refusal> {
        // From here on the client sends.
        self.asks_first = false;
        match timeout(self.idle_timeout, self.stream.next()).await {
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(Some(Err(_))) => Err(Refusal::bad_request("the body ended before its end")),
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(_) => Err(Refusal::new(
                StatusCode::REQUEST_TIMEOUT,
                "the body stood still for too long",
            )),
        }
    }

    /// The whole of it, if it has at most `limit` bytes.
    pub(super) async fn all(&mut self, limit: usize) -> Result<Bytes, Refusal> {
        let too_large = || Refusal::too_large("the body", limit);
        if self.announced.is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if all.len() + chunk.len() > limit {
                return Err(too_large());
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// Whether all of it has been read.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Reads on for a short while, behind an answer that did not wait for the end.
    ///
    /// A socket that is closed with unread bytes is reset, and the reset may reach the client before it has read the answer. A client
    /// that has asked first (`Expect: 100-continue`) has sent nothing yet.
    pub(super) fn linger(mut self) {
        if self.ended || self.asks_first {
            return;
        }
        tokio::spawn(async move {
            let mut left = LINGER_BYTES;
            let reading = async {
                while let Some(Ok(chunk)) = self.stream.next().await {
                    left = left.saturating_sub(chunk.len());
                    if left == 0 {
                        break;
                    }
                }
            };
            let _ = timeout(LINGER, reading).await;
        });
    }
}
