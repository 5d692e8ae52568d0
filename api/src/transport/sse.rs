//! Event streams, after the distinct connections mode of graphql-sse: one request, one stream of `next`, then `complete`.
//!
//! Errors of the document arrive as a `next` too, as that protocol asks: an `EventSource` cannot read the body of a 400. A shutdown, and a token
//! that is good no more, end a subscription without `complete`, so that clients come back. Queries and mutations run before their stream begins.

use std::convert::Infallible;

use async_graphql::{Executor, Request};
use axum::body::{Body, Bytes};
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::timeout;

use super::events::over;
use super::{Answers, Authenticate, Transport};

/// The field of data is written although it is empty: an `EventSource` skips events without one.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";
const COMMENT: &[u8] = b":\n\n";

const HEADERS: [(HeaderName, &str); 2] = [
    (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
    (CACHE_CONTROL, "no-store"),
];

/// What has been executed, or refused, already.
pub(super) fn respond_once(answer: Vec<u8>) -> Response {
    let mut events = next(&answer).to_vec();
    events.extend(COMPLETE);
    (HEADERS, events).into_response()
}

/// Starts a subscription; its answers are asked for as fast as the client takes them.
pub(super) fn respond<E: Executor, A: Authenticate>(
    transport: &Transport<E, A>,
    request: Request,
    viewer: &A::Viewer,
) -> Response {
    let complete = stream::once(async { Bytes::from_static(COMPLETE) });
    let (session, shutdown) = (transport.enter(viewer), transport.0.shutdown.clone());
    let (Answers::Own(outcomes) | Answers::Shared(outcomes)) =
        transport.subscribe(request, (viewer, &session));
    let end = async move {
        over(&shutdown, Some(&session)).await;
    };
    let events = outcomes
        .map(|outcome| next(outcome.text().as_bytes()))
        .chain(complete)
        .take_until(end.boxed())
        .boxed();
    let quiet = transport.settings().keep_alive;
    let body = stream::unfold(events, move |mut events| async move {
        let event = match timeout(quiet, events.next()).await {
            Ok(event) => event?,
            Err(_) => Bytes::from_static(COMMENT),
        };
        Some((Ok::<_, Infallible>(event), events))
    });
    (HEADERS, Body::from_stream(body)).into_response()
}

fn next(answer: &[u8]) -> Bytes {
    // JSON has no line breaks of its own, so one line of data holds it.
    let mut event = b"event: next\ndata: ".to_vec();
    event.extend(answer);
    event.extend(b"\n\n");
    event.into()
}
