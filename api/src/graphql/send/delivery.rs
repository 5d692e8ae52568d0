//! Deliveries: the ledger of a send.

use crate::graphql::{
    connection::connection, contact::Contact, error::Result, loader::Loader, talk::People,
};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    contact::{HIDDEN, masked_text},
    scalar::DateTime,
};
use entity::delivery::Model;
use std::sync::Arc;

/// What became of a message. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::delivery::DeliveryStatus")]
pub(crate) enum DeliveryStatus {
    /// It waits to go out.
    Pending,
    /// It goes out now.
    Sending,
    /// The provider may have taken it: a process died, or no answer came. Settled by a webhook of the provider, never sent again by itself.
    Unknown,
    /// The provider has taken it.
    Sent,
    /// It did not reach them.
    Failed,
    /// It is on their device.
    Delivered,
    /// They have seen it.
    Read,
    /// They were left out.
    Skipped,
    /// It came from them.
    Received,
}

/// Why somebody is left out of a send. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::delivery::SkipReason")]
pub(crate) enum SkipReason {
    /// The contact was deleted.
    ContactDeleted,
    /// The contact is INACTIVE.
    Inactive,
    /// The contact is blocked.
    Blocked,
    /// The contact has said stop.
    OptedOut,
    /// The contact has no address on the channel, or no longer the one they had.
    NoAddressOnChannel,
    /// A text reaches them only within 24 hours of their last message.
    OutsideServiceWindow,
    /// A placeholder has no value for them, and no fallback.
    VariableMissing,
    /// The send ended before it was their turn.
    SendCancelled,
}

/// What went wrong with a message.
#[derive(SimpleObject)]
pub(crate) struct DeliveryError {
    /// The provider's code, as it came; `HTTP_500` and such where it gave none; `NO_ANSWER` or `INTERRUPTED` where it is not known what became of it.
    pub(in crate::graphql) code: String,
    /// In words.
    pub(in crate::graphql) message: String,
    /// Whether trying again may help.
    pub(in crate::graphql) retryable: bool,
}

#[derive(Clone)]
pub(crate) struct Delivery {
    row: Model,
    masked: bool,
    people: Arc<People>,
}

impl Delivery {
    /// Those of a list.
    pub(crate) fn group(rows: Vec<Model>, masked: bool) -> Vec<Self> {
        let people = People::new(rows.iter().map(|row| row.contact_id));
        let wrap = |row| Self {
            row,
            masked,
            people: Arc::clone(&people),
        };
        rows.into_iter().map(wrap).collect()
    }
}

/// A recipient of a send, and what became of their message.
#[Object]
impl Delivery {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// To whom; null where they were deleted meanwhile.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        let read = async || self.people.get(Loader::of(ctx)?, self.row.contact_id).await;
        read().await.transpose()
    }

    /// Where they are on the channel; null where they have no address there. `hidden` to whom addresses are masked.
    async fn address(&self) -> Option<&str> {
        let address = self.row.address.as_deref();
        address.map(|address| if self.masked { HIDDEN } else { address })
    }

    /// What became of it.
    async fn status(&self) -> DeliveryStatus {
        self.row.status.into()
    }

    /// Why they were left out, or, of a block whose first messages they have got, did not get the rest; null where they were not.
    async fn skip_reason(&self) -> Option<SkipReason> {
        self.row.skip_reason.map(Into::into)
    }

    /// Calls to the provider that were begun for it.
    async fn attempts(&self) -> i32 {
        self.row.attempts
    }

    /// What went wrong last; null: nothing.
    async fn error(&self) -> Option<DeliveryError> {
        let message = self.row.error_message.as_deref().unwrap_or_default();
        let hidden = self.row.address.as_slice();
        Some(DeliveryError {
            code: self.row.error_code.clone()?,
            message: masked_text(message, if self.masked { hidden } else { &[] }),
            retryable: self.row.is_retryable.unwrap_or(false),
        })
    }

    /// The provider's name of the message; null until it is known, and to whom addresses are masked, since WhatsApp's names have the number in them.
    async fn provider_message_id(&self) -> Option<&str> {
        let id = self.row.provider_id.as_deref();
        id.filter(|_| !self.masked)
    }

    /// When the provider took it.
    async fn sent_at(&self) -> Option<DateTime> {
        self.row.sent_at.map(DateTime)
    }

    /// When it was on their device.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.row.delivered_at.map(DateTime)
    }

    /// When they saw it.
    async fn read_at(&self) -> Option<DateTime> {
        self.row.read_at.map(DateTime)
    }
}

connection!(
    /// A page of deliveries.
    DeliveryConnection,
    /// A delivery on a page.
    DeliveryEdge,
    Delivery
);
