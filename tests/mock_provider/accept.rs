//! Messages that come in.

use crate::{
    fault::Fault,
    ledger::{Ledger, Noted},
    socket::Switch,
};
use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// Whether a header has a key that is taken.
pub(crate) fn is_known(headers: &HeaderMap, name: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|key| !matches!(key.trim_start_matches("Bearer ").trim(), "" | "wrong"))
}

/// An error as Meta writes it.
pub(crate) fn error(status: StatusCode, code: i64, message: &str) -> Response {
    (
        status,
        Json(json!({ "error": { "code": code, "message": message, "type": "OAuthException" } })),
    )
        .into_response()
}

pub(crate) fn unknown() -> Response {
    error(StatusCode::UNAUTHORIZED, 190, "Invalid OAuth access token.")
}

pub(crate) async fn by_meta(
    State(ledger): State<Ledger>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Response {
    if !is_known(&headers, "authorization") {
        return unknown();
    }
    take(&ledger, &switch, &message).await
}

pub(crate) async fn by_360dialog(
    State(ledger): State<Ledger>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Response {
    if !is_known(&headers, "d360-api-key") {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": { "message": "Invalid api key" } })),
        )
            .into_response();
    }
    take(&ledger, &switch, &message).await
}

pub(crate) async fn by_kaleyra(
    State(ledger): State<Ledger>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if !is_known(&headers, "api-key") {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "message": "Invalid api-key" })),
        )
            .into_response();
    }
    take(&ledger, &switch, &body["messaging_object"]).await
}

/// Lets go wrong what is to go wrong; none: nothing.
async fn fail(ledger: &Ledger, switch: &Switch, noted: &Noted) -> Option<Response> {
    tokio::time::sleep(ledger.delay()).await;
    match noted.fault {
        Fault::None => None,
        Fault::TooFast => Some(error(
            StatusCode::TOO_MANY_REQUESTS,
            130_429,
            "Rate limit hit",
        )),
        Fault::Broken => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        Fault::Refuse(code) => Some(error(
            StatusCode::BAD_REQUEST,
            code,
            &format!("Refused by its number {}.", noted.to),
        )),
        Fault::Hang => std::future::pending().await,
        Fault::Reset => {
            switch.reset();
            std::future::pending().await
        }
    }
}

/// A message of Meta's form.
async fn take(ledger: &Ledger, switch: &Switch, message: &Value) -> Response {
    let Some(to) = message["to"].as_str() else {
        return error(
            StatusCode::BAD_REQUEST,
            100,
            "The parameter to is required.",
        );
    };
    let text = match message["type"].as_str() {
        Some("template") => message["template"].to_string(),
        _ => message["text"]["body"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    };
    let reference = message["biz_opaque_callback_data"]
        .as_str()
        .unwrap_or_default();
    let noted = ledger.note(reference, to, &text);
    if let Some(failed) = fail(ledger, switch, &noted).await {
        return failed;
    }
    let id = noted.id;
    Json(json!({
        "messaging_product": "whatsapp",
        "contacts": [{ "input": to, "wa_id": to }],
        "messages": [{ "id": id }]
    }))
    .into_response()
}

/// What the HTTP channel sends. Whether its signature is right is looked at where the secret is known: in the tests.
pub(crate) async fn by_http(
    State(ledger): State<Ledger>,
    ConnectInfo(switch): ConnectInfo<Switch>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if !headers.contains_key("webhook-signature") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if body["type"] == "verify" {
        return Json(json!({})).into_response();
    }
    let text = |key: &str| body[key].as_str().unwrap_or_default();
    let noted = ledger.note(text("id"), text("to"), text("text"));
    if let Some(failed) = fail(&ledger, &switch, &noted).await {
        return failed;
    }
    Json(json!({ "id": noted.id })).into_response()
}
