//! Event streams, after the distinct connections mode of graphql-sse: one request, one stream of `next`, then `complete`.
//!
//! Errors of the document arrive as a `next` too, as that protocol asks: an `EventSource` cannot read the body of a 400. A shutdown, and a token
//! that is good no more, end the stream without `complete`, so that clients come back.

use std::convert::Infallible;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{FutureExt, StreamExt, stream};
use tokio::time::timeout;

use super::outcome::Outcome;
use super::{Authenticate, Transport};

/// The field of data is written although it is empty: an `EventSource` skips events without one.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";
const COMMENT: &[u8] = b":\n\n";

/// Starts the operation; its answers are asked for as fast as the client takes them.
pub(super) fn respond<E: Executor, A: Authenticate>(
    transport: &Transport<E, A>,
    request: Request,
    viewer: &A::Viewer,
    kind: Option<OperationType>,
) -> Response {
    let complete = stream::once(async { Bytes::from_static(COMPLETE) });
    let (session, shutdown) = (transport.enter(viewer), transport.0.shutdown.clone());
    let end = async move {
        shutdown.run_until_cancelled(session.ended()).await;
    };
    let events = transport
        .stream(request, viewer, kind)
        .map(|outcome| next(&outcome))
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
    let headers = [
        (CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(body)).into_response()
}

fn next(outcome: &Outcome) -> Bytes {
    // JSON has no line breaks of its own, so one line of data holds it.
    let mut event = b"event: next\ndata: ".to_vec();
    event.extend(outcome.json());
    event.extend(b"\n\n");
    event.into()
}
