//! `/graphql` over plain HTTP, after the GraphQL-over-HTTP draft, and the fork to sockets and event streams.

use std::time::Duration;

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request};
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::body::Incoming;
use super::handshake::{self, Handshake};
use super::negotiate::{Accepted, Media, accepted};
use super::outcome::{Kind, Outcome};
use super::refusal::Refusal;
use super::{Authenticate, Transport, multipart, origin, sse, websocket};

/// Answers every request to the path.
pub(super) async fn handle<E: Executor, A: Authenticate>(
    State(transport): State<Transport<E, A>>,
    request: axum::extract::Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::GET && handshake::is_wanted(&parts.headers) {
        let allowed = origin::check(&parts.headers, &transport.settings().origins);
        return match allowed.and_then(|()| Handshake::of(&mut parts)) {
            Ok(handshake) => websocket::upgrade(transport, handshake),
            Err(refusal) => refuse(Media::Json, &refusal),
        };
    }
    let accepted = accepted(&parts.headers);
    // A refusal is JSON of some kind whatever the client takes: better than no reason at all.
    let media = accepted.and_then(|a| a.single).unwrap_or(Media::Json);
    let mut body = Incoming::new(&parts.headers, body, transport.settings().idle_timeout);
    let answer = match let_in(&transport, &parts).await {
        Ok((viewer, headers)) => {
            let answer = answer(&transport, &viewer, &parts, &mut body, accepted).await;
            let mut answer = match answer {
                Err(refusal) if refusal.is_mild() && accepted.is_some_and(|a| a.stream_first) => {
                    sse::respond_once(refusal.body())
                }
                answer => answer.unwrap_or_else(|refusal| refuse(media, &refusal)),
            };
            answer.headers_mut().extend(headers);
            answer
        }
        Err((refusal, headers)) => {
            let mut answer = refuse(media, &refusal);
            answer.headers_mut().extend(headers);
            answer
        }
    };
    leave(parts.method == Method::POST, answer, body)
}

/// Lets go of a body; the rest of one that was not read whole is not waited for, so its connection cannot serve again.
fn leave(has_body: bool, mut answer: Response, body: Incoming) -> Response {
    if has_body && !body.ended() {
        answer
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
        body.linger();
    }
    answer
}

/// Lets the caller in, and counts the request; with the headers that say so.
async fn let_in<E: Executor, A: Authenticate>(
    transport: &Transport<E, A>,
    parts: &Parts,
) -> Result<(A::Viewer, HeaderMap), (Refusal, HeaderMap)> {
    let alone = |refusal| (refusal, HeaderMap::new());
    if parts.method != Method::GET && parts.method != Method::POST {
        return Err(alone(Refusal::method("GET, POST", "use GET or POST")));
    }
    let authorization = parts.headers.get(AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let viewer = transport.authenticate(authorization).await;
    let viewer = viewer.map_err(|error| alone(error.into()))?;
    match transport.take_turn(&viewer) {
        None => Ok((viewer, HeaderMap::new())),
        Some(turn) if turn.allowed => Ok((viewer, turn.headers)),
        Some(turn) => Err((Refusal::too_often(), turn.headers)),
    }
}

async fn answer<E: Executor, A: Authenticate>(
    transport: &Transport<E, A>,
    viewer: &A::Viewer,
    parts: &Parts,
    body: &mut Incoming,
    accepted: Option<Accepted>,
) -> Result<Response, Refusal> {
    let accepted = accepted.ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "answers are application/graphql-response+json, application/json or text/event-stream",
        )
    })?;
    let patience = transport.settings().request_timeout;
    let (mut request, patience) = if parts.method == Method::GET {
        (transport.reader().uri(&parts.uri)?, patience)
    } else {
        receive(transport, &parts.headers, body).await?
    };
    let operation = transport.admit(&mut request)?;
    if parts.method == Method::GET && operation == Some(OperationType::Mutation) {
        return Err(Refusal::method("POST", "mutations must be sent by POST"));
    }
    if operation == Some(OperationType::Subscription) {
        if accepted.stream {
            return Ok(sse::respond(transport, request, viewer));
        }
        return Err(Refusal::bad_request(
            "subscriptions need a WebSocket (graphql-transport-ws) or Accept: text/event-stream",
        ));
    }
    let outcome = transport
        .execute(request, viewer, (operation, patience))
        .await;
    if accepted.stream_first {
        return Ok(sse::respond_once(outcome.json()));
    }
    Ok(respond(accepted.single.unwrap_or(Media::Json), &outcome))
}

/// Reads the body of a POST; with how long its operation may take, which of one with files hangs on the files.
async fn receive<E: Executor, A: Authenticate>(
    transport: &Transport<E, A>,
    headers: &HeaderMap,
    body: &mut Incoming,
) -> Result<(Request, Duration), Refusal> {
    let unsupported = |message| Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    let encoding = headers.get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(unsupported(
            "the body must come without a Content-Encoding: send it uncompressed",
        ));
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| unsupported("Content-Type is missing: send application/json"))?;
    let (essence, content_parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let essence = essence.trim();
    if essence.eq_ignore_ascii_case("multipart/form-data") {
        let boundary = multer::parse_boundary(content_type)
            .map_err(|_| Refusal::bad_request("the boundary of multipart/form-data is missing"))?;
        let with = (transport.settings(), &transport.reader());
        let (request, has_files) = multipart::receive(body, boundary, with).await?;
        let patience = if has_files {
            Duration::MAX
        } else {
            transport.settings().request_timeout
        };
        return Ok((request, patience));
    }
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(unsupported(
            "Content-Type must be application/json or multipart/form-data",
        ));
    }
    if !is_utf8(content_parameters) {
        return Err(unsupported("the charset must be utf-8"));
    }
    let settings = transport.settings();
    let body = body.all(settings.max_body).await?;
    Ok((transport.reader().json(&body)?, settings.request_timeout))
}

fn is_utf8(content_parameters: &str) -> bool {
    content_parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .all(|(_, charset)| {
            let charset = charset.trim().trim_matches('"');
            charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
        })
}

fn respond(media: Media, outcome: &Outcome) -> Response {
    let status = match (outcome.kind(), media) {
        (Kind::Failed, _) => StatusCode::INTERNAL_SERVER_ERROR,
        (Kind::TimedOut, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Kind::Rejected, Media::GraphqlResponse) => StatusCode::BAD_REQUEST,
        (Kind::Rejected, Media::Json) | (Kind::Executed, _) => StatusCode::OK,
    };
    write(status, media, outcome.headers().clone(), outcome.json())
}

fn refuse(media: Media, refusal: &Refusal) -> Response {
    write(
        refusal.status(media),
        media,
        refusal.headers(),
        refusal.body(),
    )
}

fn write(status: StatusCode, media: Media, mut headers: HeaderMap, body: Vec<u8>) -> Response {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    // Answers are one caller's own, so no cache on the way may keep them.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers, Body::from(body)).into_response()
}
