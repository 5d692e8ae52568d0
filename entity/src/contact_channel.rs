//! Who a contact is on a channel. (workspace, channel, address) is unique: it is the key of imports and webhooks.

use crate::id::{ChannelId, ContactChannelId, ContactId, WorkspaceId};
use sea_orm::entity::prelude::*;

/// An address of a contact on a channel.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_channel")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: ContactChannelId,
    /// The contact's workspace.
    pub workspace_id: WorkspaceId,
    /// Whose address it is.
    pub contact_id: ContactId,
    /// On which channel.
    pub channel_id: ChannelId,
    /// Phone number (E.164 with `+`), e-mail address or the messenger's own user id.
    pub address: String,
    /// What they call themselves there.
    pub profile_name: Option<String>,
    /// When the first message came or went there.
    pub first_contact_at: Option<DateTimeUtc>,
    /// When the last message came or went there.
    pub last_contact_at: Option<DateTimeUtc>,
    /// When the last message came from there: WhatsApp takes texts for a day from then on.
    pub last_incoming_at: Option<DateTimeUtc>,
    /// When it was added.
    pub created_at: DateTimeUtc,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
