//! Messages that come in.

use crate::ledger::Ledger;
use axum::{
    Json,
    extract::State,
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
    headers: HeaderMap,
    Json(message): Json<Value>,
) -> Response {
    if !is_known(&headers, "authorization") {
        return unknown();
    }
    take(&ledger, &message)
}

pub(crate) async fn by_360dialog(
    State(ledger): State<Ledger>,
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
    take(&ledger, &message)
}

pub(crate) async fn by_kaleyra(
    State(ledger): State<Ledger>,
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
    take(&ledger, &body["messaging_object"])
}

/// A message of Meta's form.
fn take(ledger: &Ledger, message: &Value) -> Response {
    let Some(to) = message["to"].as_str() else {
        return error(
            StatusCode::BAD_REQUEST,
            100,
            "The parameter to is required.",
        );
    };
    let text = message["text"]["body"].as_str().unwrap_or_default();
    let reference = message["biz_opaque_callback_data"]
        .as_str()
        .unwrap_or_default();
    let id = ledger.accept(reference, to, text);
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
    let id = ledger.accept(text("id"), text("to"), text("text"));
    Json(json!({ "id": id })).into_response()
}
