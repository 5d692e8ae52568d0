//! Errors outside GraphQL, in the shape of those inside: clients need to know one.

use crate::{code::Code, request::RequestId};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// An answer that says what is wrong, for machines and for people.
pub(crate) fn problem(status: StatusCode, code: Code, message: &str) -> Response {
    let mut extensions = json!({ "code": code.as_str() });
    if status.is_server_error() {
        // The log has more to say.
        extensions["requestId"] = RequestId::here().to_string().into();
    }
    let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
    (status, Json(body)).into_response()
}

/// 404.
pub(crate) fn not_found(message: &str) -> Response {
    problem(StatusCode::NOT_FOUND, Code::NotFound, message)
}
