//! Deliveries: the ledger of a send, one row for each recipient.

use crate::id::{BroadcastSendId, ContactId, DeliveryId};
use sea_orm::entity::prelude::*;

/// A delivery. A contact is once in a send, and so is an address.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: DeliveryId,
    /// Of which send.
    pub send_id: BroadcastSendId,
    /// To whom; they may be gone.
    pub contact_id: ContactId,
    /// Where they are on the channel; none where they were left out for having no address.
    pub address: Option<String>,
    /// What became of it.
    pub status: DeliveryStatus,
    /// Why they were left out, where they were.
    pub skip_reason: Option<SkipReason>,
    /// Calls that were begun for it.
    pub attempts: i32,
    /// Messages of it that the provider has taken already: a block may have several.
    pub part: i32,
    /// Calls for the present message of it that failed for a while; trying again by hand begins anew.
    pub tries: i32,
    /// Such calls that the provider found too fast.
    pub slow_tries: i32,
    /// It is not sent before.
    pub next_at: DateTimeUtc,
    /// The run of the send's job that claimed it last.
    pub run: Option<String>,
    /// The provider's name of the message.
    pub provider_id: Option<String>,
    /// The provider's code of what went wrong last.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
    /// Whether trying again may help.
    pub is_retryable: Option<bool>,
    /// When the provider took it.
    pub sent_at: Option<DateTimeUtc>,
    /// When it was on their device.
    pub delivered_at: Option<DateTimeUtc>,
    /// When they saw it.
    pub read_at: Option<DateTimeUtc>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum DeliveryStatus {
    /// It waits to go out.
    Pending,
    /// It goes out now.
    Sending,
    /// It may have been taken: a process died, or no answer came.
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

impl DeliveryStatus {
    /// Whether the provider has taken all of it, and did not say afterwards that it failed.
    pub fn is_out(self) -> bool {
        matches!(self, Self::Sent | Self::Delivered | Self::Read)
    }
}

/// Why somebody was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum SkipReason {
    /// The contact was deleted.
    ContactDeleted,
    /// The contact is INACTIVE.
    Inactive,
    /// The contact is blocked.
    Blocked,
    /// The contact has said stop.
    OptedOut,
    /// The contact has no address on the channel.
    NoAddressOnChannel,
    /// A text reaches them only within a day of their last message.
    OutsideServiceWindow,
    /// A placeholder has no value for them, and no fallback.
    VariableMissing,
    /// The send ended before it was their turn.
    SendCancelled,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
