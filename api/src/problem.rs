//! Errors outside GraphQL, in the shape of those inside: clients need to know one.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// An answer that says what is wrong, for machines and for people.
pub(crate) fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code } }] });
    (status, Json(body)).into_response()
}

/// 404.
pub(crate) fn not_found(message: &str) -> Response {
    problem(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}
