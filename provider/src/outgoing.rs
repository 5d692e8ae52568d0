//! What goes out, and what becomes of it.

use std::time::Duration;

/// A message to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Our own name for it, which comes back in webhooks where the provider echoes one.
    pub reference: String,
    /// The person's address on the channel: E.164 with `+` where it is a phone number.
    pub to: String,
    /// What they get.
    pub content: Content,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(String),
    /// An approved template, filled.
    Template(TemplateContent),
}

/// A template with its variables filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateContent {
    /// The provider's name of it.
    pub name: String,
    /// BCP 47 or Meta's way of writing it, such as `en_US`.
    pub language: String,
    /// Its parts that have variables.
    pub components: Vec<Component>,
    /// The whole as the person reads it.
    pub text: String,
}

/// A part of a template, with what fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Which.
    pub place: Place,
    /// The variables in their order, with their names where they have any.
    pub parameters: Vec<(Option<String>, String)>,
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Above the text.
    Header,
    /// The text.
    Body,
    /// The button of this number, from 0.
    Button(u8),
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has taken it.
    Accepted {
        /// Its name there, where it told one.
        message_id: Option<String>,
    },
    /// The provider has not taken it, for sure.
    Refused(Refusal),
    /// It may have been taken: the call went out, and no answer that says so came back.
    Unknown {
        /// What happened instead.
        message: String,
    },
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What to do about it.
    pub class: Class,
    /// The provider's code, or that of HTTP, as it came.
    pub code: String,
    /// In words, for people.
    pub message: String,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
}

/// What to do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The number sends too fast: slow it down, and try again.
    SlowDown,
    /// This person got too many at once: try them again later.
    Pair,
    /// Something is broken for now: try again a few times.
    Later,
    /// Never for this person.
    Final,
    /// Never for this person, who has said stop.
    OptedOut,
    /// For nobody, until a person has looked at the account.
    Stop,
}

impl Class {
    /// Whether trying again may help.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::SlowDown | Self::Pair | Self::Later | Self::Stop)
    }
}

impl Outcome {
    /// Refused for a reason of our own making or of HTTP's.
    pub fn refused(class: Class, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            class,
            code: code.into(),
            message: message.into(),
            retry_after: None,
        })
    }
}
