//! The messages and close codes of graphql-transport-ws.

use async_graphql::ServerError;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::outcome::{Outcome, to_text};
use super::refusal::Refusal;
use super::session::Standing;

/// The subprotocol.
pub(super) const NAME: &str = "graphql-transport-ws";
/// A reason longer than this does not fit into a close frame.
const MAX_REASON: usize = 123;

/// The end of a connection.
#[derive(Debug)]
pub(super) struct Close {
    code: u16,
    reason: String,
}

impl Close {
    fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(reason.floor_char_boundary(MAX_REASON));
        Self { code, reason }
    }

    pub(super) fn going_away() -> Self {
        Self::new(1001, "Going away")
    }

    pub(super) fn no_frame() -> Self {
        Self::new(1002, "Protocol error")
    }

    pub(super) fn no_text() -> Self {
        Self::new(1007, "Text must be UTF-8")
    }

    pub(super) fn too_large() -> Self {
        Self::new(1009, "Message too large")
    }

    pub(super) fn try_again_later() -> Self {
        Self::new(1013, "Try again later")
    }

    pub(super) fn invalid(reason: impl Into<String>) -> Self {
        Self::new(4400, reason)
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(4401, "Unauthorized")
    }

    pub(super) fn forbidden() -> Self {
        Self::new(4403, "Forbidden")
    }

    pub(super) fn subprotocol() -> Self {
        Self::new(4406, "Subprotocol not acceptable")
    }

    pub(super) fn init_timeout() -> Self {
        Self::new(4408, "Connection initialisation timeout")
    }

    /// Of Roster: the client has read nothing for as long as a socket may stand still.
    pub(super) fn too_slow() -> Self {
        Self::new(4410, "Too slow: messages were not read")
    }

    /// What the token allows is not what it did: a client that connects again goes on.
    pub(super) fn changed() -> Self {
        Self::new(1012, "Rights have changed: connect again")
    }

    pub(super) fn duplicate(id: &str) -> Self {
        Self::new(4409, format!("Subscriber for {id} already exists"))
    }

    /// Of a session that must not go on.
    pub(super) fn ended(standing: Standing) -> Self {
        match standing {
            Standing::Changed => Self::changed(),
            Standing::Good | Standing::Gone => Self::forbidden(),
        }
    }

    /// Of what came and is no message; none where nobody is there any more.
    pub(super) fn unreadable(error: &Error) -> Option<Self> {
        match error {
            Error::Capacity(_) => Some(Self::too_large()),
            Error::Utf8(_) => Some(Self::no_text()),
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
            Error::Protocol(_) => Some(Self::no_frame()),
            _ => None,
        }
    }

    pub(super) fn second_init() -> Self {
        Self::new(4429, "Too many initialisation requests")
    }
}

impl From<Close> for Message {
    fn from(close: Close) -> Self {
        Self::Close(Some(CloseFrame {
            code: close.code.into(),
            reason: close.reason.into(),
        }))
    }
}

/// What a client says.
#[derive(Debug)]
pub(super) enum ClientMessage {
    /// `connection_init`, with `authorization` of its payload.
    Init { authorization: Option<String> },
    /// `ping`, with its payload, which the pong brings back.
    Ping(Option<Value>),
    /// `pong`.
    Pong,
    /// `subscribe`, with the parameters of the request.
    Subscribe {
        id: String,
        parameters: Map<String, Value>,
    },
    /// `complete`: the client wants no more of this operation.
    Complete { id: String },
}

impl ClientMessage {
    /// Reads a message; what is none ends the connection.
    pub(super) fn parse(text: &str) -> Result<Self, Close> {
        let invalid = |reason: &str| Close::invalid(format!("Invalid message: {reason}"));
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Err(invalid("not a JSON object"));
        };
        let payload = match message.remove("payload") {
            None | Some(Value::Null) => None,
            Some(Value::Object(payload)) => Some(payload),
            Some(_) => return Err(invalid("the payload must be an object")),
        };
        let mut id = || match message.remove("id") {
            Some(Value::String(id)) if !id.is_empty() => Ok(id),
            _ => Err(invalid("the id must be a string that is not empty")),
        };
        let id_or_none = id();
        match message.get("type").and_then(Value::as_str) {
            Some("connection_init") => Ok(Self::Init {
                authorization: payload.and_then(authorization),
            }),
            Some("ping") => Ok(Self::Ping(payload.map(Value::Object))),
            Some("pong") => Ok(Self::Pong),
            Some("subscribe") => Ok(Self::Subscribe {
                id: id_or_none?,
                parameters: payload.ok_or_else(|| invalid("the payload is missing"))?,
            }),
            Some("complete") => Ok(Self::Complete { id: id_or_none? }),
            _ => Err(invalid("the type is unknown")),
        }
    }
}

fn authorization(mut payload: Map<String, Value>) -> Option<String> {
    // Some clients pass the header on under its own name.
    let authorization = payload.remove("authorization");
    match authorization.or_else(|| payload.remove("Authorization")) {
        Some(Value::String(authorization)) => Some(authorization),
        _ => None,
    }
}

pub(super) fn connection_ack() -> Message {
    text(&json!({ "type": "connection_ack" }))
}

pub(super) fn pong(payload: Option<Value>) -> Message {
    match payload {
        Some(payload) => text(&json!({ "type": "pong", "payload": payload })),
        None => text(&json!({ "type": "pong" })),
    }
}

pub(super) fn complete(id: &str) -> Message {
    text(&json!({ "type": "complete", "id": id }))
}

pub(super) fn next(id: &str, outcome: &Outcome) -> Message {
    let (id, payload) = (to_text(&id), outcome.text());
    Message::text(format!(
        r#"{{"type":"next","id":{id},"payload":{payload}}}"#
    ))
}

pub(super) fn error(id: &str, errors: &[ServerError]) -> Message {
    text(&json!({ "type": "error", "id": id, "payload": errors }))
}

/// The `error` for an operation that is not even started.
pub(super) fn refused(id: &str, refusal: &Refusal) -> Message {
    text(&json!({ "type": "error", "id": id, "payload": [refusal.error()] }))
}

fn text(message: &impl Serialize) -> Message {
    Message::text(to_text(message))
}
