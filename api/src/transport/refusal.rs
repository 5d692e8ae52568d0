//! Requests that are turned down before anything is executed, as GraphQL-shaped errors with a status of HTTP.

use std::fmt;

use axum::http::header::{ALLOW, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use serde_json::json;

use super::AuthError;

/// The client's request cannot be executed as it stands.
pub(super) const BAD_USER_INPUT: &str = "BAD_USER_INPUT";
/// Something of ours failed.
pub(super) const INTERNAL: &str = "INTERNAL";
/// More than the server is willing to do.
pub(super) const LIMIT_EXCEEDED: &str = "LIMIT_EXCEEDED";
const UNAUTHENTICATED: &str = "UNAUTHENTICATED";
const UNAVAILABLE: &str = "UNAVAILABLE";

/// A request that was not executed, and why.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    code: &'static str,
    message: String,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// A refusal of what the client sent, with the status that says which part of it.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code: BAD_USER_INPUT,
            message: message.into(),
            header: None,
        }
    }

    /// 400: the request is broken.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 413: `what` is larger than `limit` bytes.
    pub(super) fn too_large(what: &str, limit: usize) -> Self {
        Self {
            code: LIMIT_EXCEEDED,
            ..Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("{what} is larger than {limit} bytes"),
            )
        }
    }

    /// 400: more than is ever needed.
    pub(super) fn excessive(message: impl Into<String>) -> Self {
        Self {
            code: LIMIT_EXCEEDED,
            ..Self::bad_request(message)
        }
    }

    /// Whether the request is in order, but for how much it asks.
    pub(super) fn is_excessive(&self) -> bool {
        self.code == LIMIT_EXCEEDED
    }

    /// 405: the path is right, the method is not.
    pub(super) fn method(allow: &'static str, message: impl Into<String>) -> Self {
        Self {
            header: Some((ALLOW, HeaderValue::from_static(allow))),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
        }
    }

    /// 503: it may work later.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self {
            code: UNAVAILABLE,
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
        }
    }

    /// The headers that the status asks for.
    pub(super) fn headers(&self) -> HeaderMap {
        self.header.clone().into_iter().collect()
    }

    /// The body: a GraphQL answer without `data`.
    pub(super) fn body(&self) -> Vec<u8> {
        let error = json!({ "message": self.message, "extensions": { "code": self.code } });
        json!({ "errors": [error] }).to_string().into_bytes()
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unauthenticated(message) => Self {
                code: UNAUTHENTICATED,
                header: Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
                ..Self::new(StatusCode::UNAUTHORIZED, message)
            },
            AuthError::Unavailable => {
                Self::unavailable("authentication is not available, try again later")
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An error, so that one can pass through multer's stream and be found again behind it.
impl std::error::Error for Refusal {}
