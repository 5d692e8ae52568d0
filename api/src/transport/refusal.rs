//! Requests that are turned down before anything is executed, as GraphQL-shaped errors with a status of HTTP.

use std::fmt;

use async_graphql::Pos;
use axum::http::header::{ALLOW, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::AuthError;
use super::negotiate::Media;
use crate::code::Code;

/// A request that was not executed, and why.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Whether old clients, who take a status for an error of the network, are told with 200.
    mildly: bool,
    code: Code,
    message: String,
    /// Where in the document.
    locations: Vec<Pos>,
    /// Boxed: it is rare, and what every result has room for.
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

impl Refusal {
    /// A refusal of what the client sent, with the status that says which part of it.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            mildly: false,
            code: Code::BadUserInput,
            message: message.into(),
            locations: Vec::new(),
            header: None,
        }
    }

    fn with_code(self, code: Code) -> Self {
        Self { code, ..self }
    }

    /// 400: the request is broken.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 413: `what` is larger than `limit` bytes.
    pub(super) fn too_large(what: &str, limit: usize) -> Self {
        let message = format!("{what} is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message).with_code(Code::LimitExceeded)
    }

    /// 400: more than the server is willing to do.
    pub(super) fn excessive(message: impl Into<String>) -> Self {
        Self::bad_request(message).with_code(Code::LimitExceeded)
    }

    /// A document or variables that are no good for this schema.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self {
            mildly: true,
            ..Self::bad_request(message)
        }
    }

    /// The same, of places in the document; those that are said already stay.
    pub(super) fn at(self, locations: impl IntoIterator<Item = Pos>) -> Self {
        if !self.locations.is_empty() {
            return self;
        }
        let locations = locations.into_iter().collect();
        Self { locations, ..self }
    }

    /// The hash of a query that is not known here. Clients look for this very message.
    pub(super) fn unknown_hash() -> Self {
        Self {
            mildly: true,
            ..Self::bad_request("PersistedQueryNotFound").with_code(Code::PersistedQueryNotFound)
        }
    }

    /// 403: a page of another site asks.
    pub(super) fn origin(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message).with_code(Code::Forbidden)
    }

    /// 405: the path is right, the method is not.
    pub(super) fn method(allow: &'static str, message: impl Into<String>) -> Self {
        Self {
            header: header(ALLOW, allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
        }
    }

    /// 429: too often.
    pub(super) fn too_often() -> Self {
        let message = "too many requests with this token: wait for as long as Retry-After says";
        Self::new(StatusCode::TOO_MANY_REQUESTS, message).with_code(Code::RateLimited)
    }

    /// 503: it may work later.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message).with_code(Code::Unavailable)
    }

    /// Whether it is about document or variables alone.
    pub(super) fn is_mild(&self) -> bool {
        self.mildly
    }

    /// 426: of all versions of the protocol only this one is spoken.
    pub(super) fn version(name: HeaderName, spoken: &'static str) -> Self {
        let message = format!("{name} must be {spoken}");
        Self {
            header: header(name, spoken),
            ..Self::new(StatusCode::UPGRADE_REQUIRED, message)
        }
    }

    /// What a program is told.
    pub(super) fn code(&self) -> Code {
        self.code
    }

    /// The status of an answer of this kind.
    pub(super) fn status(&self, media: Media) -> StatusCode {
        if self.mildly && media == Media::Json {
            return StatusCode::OK;
        }
        self.status
    }

    /// The headers that the status asks for.
    pub(super) fn headers(&self) -> HeaderMap {
        let header = self.header.as_deref().cloned();
        header.into_iter().collect()
    }

    /// As an error of GraphQL.
    pub(super) fn error(&self) -> Value {
        let extensions = json!({ "code": self.code.as_str() });
        let mut error = json!({ "message": self.message, "extensions": extensions });
        if !self.locations.is_empty() {
            error["locations"] = json!(self.locations);
        }
        error
    }

    /// The body: a GraphQL answer without `data`.
    pub(super) fn body(&self) -> Vec<u8> {
        json!({ "errors": [self.error()] }).to_string().into_bytes()
    }
}

fn header(name: HeaderName, value: &'static str) -> Option<Box<(HeaderName, HeaderValue)>> {
    Some(Box::new((name, HeaderValue::from_static(value))))
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unauthenticated(message) => Self {
                header: header(WWW_AUTHENTICATE, "Bearer"),
                ..Self::new(StatusCode::UNAUTHORIZED, message).with_code(Code::Unauthenticated)
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
