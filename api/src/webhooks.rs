//! `/webhooks/{key}`: what providers tell. The key, the last part of the path, is secret and names the channel.

use crate::{
    code::Code,
    problem::{not_found, problem},
};
use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, Path, Query, Request, State, rejection::BytesRejection,
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    channel::Providers,
    db::Db,
    error::Error,
    webhook::{self, Intake, Received},
};
use std::{collections::HashMap, time::Duration};
use tokio::time::timeout;

/// Meta's bodies have 3 MB at most.
const LARGEST: usize = 3 << 20;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct Webhooks {
    intake: Intake,
    providers: Providers,
}

/// The route.
pub(crate) fn router(db: Db, providers: Providers) -> Router {
    Router::new()
        .route("/webhooks/{key}", get(shake_hands).post(receive))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(Webhooks {
            intake: Intake::new(db),
            providers,
        })
}

/// Meta's handshake: whoever knows the verify token, which is the key, gets the challenge back.
async fn shake_hands(
    State(webhooks): State<Webhooks>,
    Path(key): Path<String>,
    Query(said): Query<HashMap<String, String>>,
) -> Response {
    let said = |name: &str| said.get(name).map(String::as_str);
    let found = webhook::find(&webhooks.intake, &key).await;
    match (found, said("hub.challenge")) {
        (Err(error), _) => away(&error),
        (Ok(None), _) => unknown(),
        (Ok(Some(_)), Some(challenge))
            if said("hub.mode") == Some("subscribe") && said("hub.verify_token") == Some(&key) =>
        {
            challenge.to_owned().into_response()
        }
        (Ok(Some(_)), _) => problem(
            StatusCode::FORBIDDEN,
            Code::Forbidden,
            "The verify token is the last part of this address.",
        ),
    }
}

async fn receive(
    State(webhooks): State<Webhooks>,
    Path(key): Path<String>,
    request: Request,
) -> Response {
    // First of all: who does not know an address has no room here.
    let channel = match webhook::find(&webhooks.intake, &key).await {
        Ok(Some(channel)) => channel,
        Ok(None) => return unknown(),
        Err(error) => return away(&error),
    };
    let headers = request.headers().clone();
    let body = match timeout(PATIENCE, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(refused)) => return unread(&refused),
        Err(_) => {
            return problem(
                StatusCode::REQUEST_TIMEOUT,
                Code::BadUserInput,
                "The body took too long.",
            );
        }
    };
    let headers = Headers(&headers);
    let Webhooks { intake, providers } = &webhooks;
    match webhook::receive(intake, providers, &channel, &headers, &body).await {
        Ok(Received::Stored | Received::Nothing) => StatusCode::OK.into_response(),
        Ok(Received::Forged) => problem(
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            "The signature is missing, too old, or not that of this body.",
        ),
        Ok(Received::Unreadable(what)) => {
            problem(StatusCode::BAD_REQUEST, Code::BadUserInput, &what)
        }
        Err(error) => away(&error),
    }
}

struct Headers<'a>(&'a HeaderMap);

impl domain::webhook::Headers for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }
}

/// The body was too large, or broke off.
fn unread(refused: &BytesRejection) -> Response {
    if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::LimitExceeded,
            "A webhook may have 3 MiB.",
        );
    }
    problem(
        StatusCode::BAD_REQUEST,
        Code::BadUserInput,
        "The body broke off.",
    )
}

fn unknown() -> Response {
    not_found("There is no channel behind this address.")
}

/// The provider tries again.
fn away(error: &Error) -> Response {
    tracing::error!(%error, "a webhook could not be stored");
    problem(
        StatusCode::SERVICE_UNAVAILABLE,
        Code::Unavailable,
        "The webhook could not be stored. Try again.",
    )
}
