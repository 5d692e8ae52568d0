//! What webhooks say, whoever sent them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One thing that a webhook says, and of which number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Meta's id of the number, where it is named: one address of webhooks may serve several numbers.
    pub number_id: Option<String>,
    /// What happened.
    pub event: Event,
}

impl From<Event> for Told {
    fn from(event: Event) -> Self {
        Self {
            number_id: None,
            event,
        }
    }
}

/// One thing that a webhook says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A person wrote.
    Message(Incoming),
    /// Something happened to a message of ours.
    Status(StatusChange),
    /// A person switched messages off or on, in their messenger.
    Preference(Preference),
}

/// A message that came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// The provider's name of it.
    pub id: String,
    /// Who wrote.
    pub from: Person,
    /// When, as the provider says.
    pub at: DateTime<Utc>,
    /// `text`, `image` and so on, as the provider calls it.
    pub kind: String,
    /// What they wrote, or what stands below what they sent.
    pub text: Option<String>,
}

/// A person on a channel. At least one of the two addresses is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The address: digits of a phone number, or what the messenger calls them.
    pub address: Option<String>,
    /// The messenger's own id of them, where it has one beside the address.
    pub user_id: Option<String>,
    /// What they call themselves.
    pub profile_name: Option<String>,
    /// Where their picture is.
    pub picture_url: Option<String>,
}

/// What happened to a message of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// The provider's names of it; there may be more than one.
    pub message_ids: Vec<String>,
    /// Our own name for it, where the provider gives it back.
    pub reference: Option<String>,
    /// What.
    pub status: Status,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, where it failed.
    pub fault: Option<Fault>,
}

/// What can happen to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It is on its way.
    Sent,
    /// It is on the person's device.
    Delivered,
    /// The person has seen it.
    Read,
    /// It will not arrive.
    Failed,
}

/// Why a message failed after it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The provider's code.
    pub code: String,
    /// In words.
    pub message: String,
    /// Whether the person has said stop.
    pub is_opt_out: bool,
    /// Whether trying again may help.
    pub is_retryable: bool,
}

/// A person's choice about messages of marketing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// Who.
    pub person: Person,
    /// Whether they want none.
    pub stop: bool,
    /// When they chose.
    pub at: DateTime<Utc>,
}
