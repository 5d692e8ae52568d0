//! A bot's endpoint: writes down what it is told, for whoever asks.

use axum::{
    Json,
    body::Bytes,
    extract::Path,
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// What was told, by the last part of the URL.
static TOLD: Mutex<BTreeMap<String, Vec<Value>>> = Mutex::new(BTreeMap::new());

/// Takes what it is told; behind a name that begins with `late` only what comes a second time.
pub(crate) async fn take(Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let id = header("webhook-id");
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    let told = told.entry(name.clone()).or_default();
    let is_first = !told.iter().any(|known| known["id"] == id.as_str());
    let answer = match name.starts_with("late") && is_first {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::NO_CONTENT,
    };
    told.push(json!({
        "id": id, "timestamp": header("webhook-timestamp"), "signature": header("webhook-signature"),
        "body": String::from_utf8_lossy(&body), "answer": answer.as_u16()
    }));
    answer
}

/// What was told behind a name.
pub(crate) async fn told(Path(name): Path<String>) -> Json<Value> {
    let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    Json(
        told.get(&name)
            .map_or_else(|| json!([]), |told| json!(told)),
    )
}
