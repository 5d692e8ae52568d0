//! What an execution came to, and how that is written.
//!
//! Every error leaves with `extensions.code`, and a request error (nothing was executed) without `data`, which the specification
//! forbids there and async-graphql writes as null.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::http::HeaderMap;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::sync::OnceLock;
use std::time::Duration;

use crate::code::Code;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Fields were executed, with or without errors.
    Executed,
    /// A request error: the document, the choice of operation or the variables.
    Rejected,
    /// The execution broke.
    Failed,
    /// The execution took too long.
    TimedOut,
}

/// One answer, ready to be written.
pub(super) struct Outcome {
    kind: Kind,
    response: Response,
    text: OnceLock<Box<str>>,
}

impl Outcome {
    /// Sorts an answer of the schema.
    pub(super) fn new(response: Response, request_id: &str) -> Self {
        let kind = if is_rejected(&response) {
            Kind::Rejected
        } else {
            Kind::Executed
        };
        Self::sorted(kind, response, request_id)
    }

    /// The answer for an execution that panicked.
    pub(super) fn failed(request_id: &str) -> Self {
        let error = ServerError::new("the execution panicked", None);
        let response = Response::from_errors(vec![error]);
        Self::sorted(Kind::Failed, response, request_id)
    }

    /// The answer for an execution that was ended after `patience`.
    pub(super) fn timed_out(request_id: &str, patience: Duration) -> Self {
        let seconds = patience.as_secs_f64();
        let message = format!(
            "the request was ended after {seconds} s, which is the most: a mutation may be asked for again with its idempotencyKey"
        );
        let mut error = ServerError::new(message, None);
        set_code(&mut error, Code::Timeout);
        let response = Response::from_errors(vec![error]);
        Self::sorted(Kind::TimedOut, response, request_id)
    }

    fn sorted(kind: Kind, mut response: Response, request_id: &str) -> Self {
        for error in &mut response.errors {
            let of_the_client =
                kind == Kind::Rejected || (kind == Kind::Executed && is_input(error));
            if kind == Kind::Rejected {
                plain(error);
            }
            if of_the_client && !has_code(error) {
                set_code(error, Code::BadUserInput);
                set_path(error);
            }
            if !has_code(error) {
                // The text of an unforeseen error is for us: it may tell of tables, files or other people's data.
                tracing::error!(message = %error.message, path = ?error.path, "a resolver failed");
                error.message = "internal error".to_owned();
                set_code(error, Code::Internal);
            }
            if let Some(extensions) = &mut error.extensions
                && is_ours(extensions)
            {
                extensions.set("requestId", request_id);
            }
        }
        Self {
            kind,
            response,
            text: OnceLock::new(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// How it ended, for `/metrics`.
    pub(super) fn label(&self) -> &'static str {
        match self.kind {
            Kind::Executed if self.response.errors.is_empty() => "ok",
            Kind::Executed => "errors",
            Kind::Rejected => "rejected",
            Kind::Failed => "failed",
            Kind::TimedOut => "timed_out",
        }
    }

    pub(super) fn errors(&self) -> &[ServerError] {
        &self.response.errors
    }

    /// Headers that resolvers have set.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.response.http_headers
    }

    /// The answer as JSON.
    pub(super) fn json(&self) -> Vec<u8> {
        to_json(self)
    }

    /// The same, written once for all who get it.
    pub(super) fn text(&self) -> &str {
        self.text.get_or_init(|| to_text(self).into())
    }
}

/// Writes JSON as text, which it always is.
pub(super) fn to_text(value: &impl Serialize) -> String {
    String::from_utf8(to_json(value)).unwrap_or_default()
}

/// Writes JSON; what cannot be written (a map with keys that are no strings) is a fault of ours and is said to be one.
pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        br#"{"errors":[{"message":"internal error","extensions":{"code":"INTERNAL"}}]}"#.to_vec()
    })
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.response.errors.is_empty() {
            map.serialize_entry("errors", &self.response.errors)?;
        }
        if self.kind == Kind::Executed {
            map.serialize_entry("data", &self.response.data)?;
        }
        if !self.response.extensions.is_empty() {
            map.serialize_entry("extensions", &self.response.extensions)?;
        }
        map.end()
    }
}

/// Null data alone does not tell: it is also what a null that has spread to the root looks like. But every error of an execution has
/// the path of its field, and no request error has one.
fn is_rejected(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Whether the error is about the value of an argument: async-graphql reads custom scalars and runs validators during execution, and
/// tells of what they refuse in these words alone. An error that a resolver raises with `?` carries its source and is none of these.
fn is_input(error: &ServerError) -> bool {
    error.source.is_none()
        && (error.message.starts_with("Failed to parse \"")
            || error.message.starts_with("Expected input type \""))
}

/// A syntax error without the drawing that the parser makes of it: its place stands in `locations`.
fn plain(error: &mut ServerError) {
    if let Some((drawing, reason)) = error.message.rsplit_once("\n  = ")
        && drawing.trim_start().starts_with("-->")
    {
        error.message = format!("Syntax error: {}", reason.replace('_', " "));
    }
}

/// Whether the log has more to say about it.
fn is_ours(extensions: &ErrorExtensionValues) -> bool {
    let code = match extensions.get("code") {
        Some(Value::String(code)) => code.as_str(),
        _ => return false,
    };
    [Code::Internal, Code::Unavailable, Code::Timeout]
        .iter()
        .any(|ours| ours.as_str() == code)
}

fn has_code(error: &ServerError) -> bool {
    let extensions = error.extensions.as_ref();
    matches!(
        extensions.and_then(|extensions| extensions.get("code")),
        Some(Value::String(_) | Value::Enum(_))
    )
}

/// Where the message names a place in the arguments, that as the error's path, as resolvers give it.
fn set_path(error: &mut ServerError) {
    let named = error.message.strip_prefix("Invalid value for argument \"");
    let Some((place, _)) = named.and_then(|rest| rest.split_once('"')) else {
        return;
    };
    let path = place.split('.').map(Value::from).collect();
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("path", Value::List(path));
}

fn set_code(error: &mut ServerError, code: Code) {
    error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default)
        .set("code", code.as_str());
}
