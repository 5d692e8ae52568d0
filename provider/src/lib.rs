//! How providers are spoken to: what goes out, what comes back, what their webhooks say.
//!
//! One file a provider, each behind [`Provider`]; [`of`] is the one place that lists them. Nothing here knows the database: a call gets an
//! [`Account`] and something to send, and answers what became of it.
//!
//! The wire formats are the providers' own, as their public pages have them. What these pages disagree on stands in one table
//! (`meta/error.rs`), and a code that is in no table is shown as it came.

mod account;
mod call;
mod clock;
mod event;
mod guard;
mod meta;
mod outgoing;
mod signature;
mod template;

mod dialog_360;
mod http;
mod kaleyra;
mod whatsapp_cloud;

#[cfg(test)]
mod tests;

pub use account::{Account, Credentials, Field, Settings};
pub use call::{Caller, Failure};
pub use event::{Event, Fault, Incoming, Person, Preference, Status, StatusChange, Told};
pub use http::notify;
pub use outgoing::{Class, Component, Content, Outcome, Outgoing, Place, Refusal, TemplateContent};
pub use signature::is_signing_secret;
pub use template::{RemoteStatus, RemoteTemplate};

use std::time::Duration;

/// The providers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Meta's own Cloud API.
    WhatsAppCloud,
    /// 360dialog.
    Dialog360,
    /// Kaleyra, version 2 of its API.
    Kaleyra,
    /// Any system that speaks HTTP.
    Http,
}

/// The provider of this kind: the one line to add for the next.
pub fn of(kind: Kind) -> &'static dyn Provider {
    match kind {
        Kind::WhatsAppCloud => &whatsapp_cloud::WhatsAppCloud,
        Kind::Dialog360 => &dialog_360::Dialog360,
        Kind::Kaleyra => &kaleyra::Kaleyra,
        Kind::Http => &http::Http,
    }
}

/// What a provider allows where a channel's settings say nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages a second from one number.
    pub per_second: u32,
    /// Between two messages to one person.
    pub pair: Duration,
    /// How many messages one person may get before that counts.
    pub pair_burst: u32,
}

/// The headers of a webhook, by their names in lower case.
pub trait Headers: Send + Sync {
    /// The value of a header that was sent once or more; the first of them.
    fn get(&self, name: &str) -> Option<&str>;
}

/// What Roster asks of a provider.
#[async_trait::async_trait]
pub trait Provider: Send + Sync {
    /// The settings and credentials without which no message goes out.
    fn required(&self) -> &'static [Field];

    /// Its own address, where it has one: what is called where the settings name no other.
    fn home(&self) -> Option<&'static str>;

    /// The credentials that go along with calls, so that whoever is called learns them; those that only sign are none of these.
    fn sent(&self) -> &'static [Field];

    /// What it allows.
    fn limits(&self) -> Limits;

    /// Whether templates are made there, and fetched; else they are made in Roster.
    fn has_templates(&self) -> bool {
        false
    }

    /// Whether texts go out only within a day of the person's last message.
    fn has_service_window(&self) -> bool {
        true
    }

    /// A real call that shows whether the account works. It reaches nobody.
    ///
    /// # Errors
    /// Why it does not work.
    async fn verify(&self, caller: &Caller, account: &Account) -> Result<(), Failure>;

    /// Sends one message. Whatever happens, it is told as an outcome.
    async fn send(&self, caller: &Caller, account: &Account, message: &Outgoing) -> Outcome;

    /// All templates of the account, where it [has](Self::has_templates) any.
    ///
    /// # Errors
    /// Why they could not be fetched.
    async fn templates(
        &self,
        _caller: &Caller,
        _account: &Account,
    ) -> Result<Vec<RemoteTemplate>, Failure> {
        Ok(Vec::new())
    }

    /// Whether a webhook comes from the provider, beyond that it knew the secret path. `body` is the raw body.
    fn is_authentic(&self, account: &Account, headers: &dyn Headers, body: &[u8]) -> bool;

    /// What a webhook says; what of it means nothing to Roster is left out.
    ///
    /// # Errors
    /// What about it cannot be read.
    fn read(&self, body: &[u8]) -> Result<Vec<Told>, String>;
}
