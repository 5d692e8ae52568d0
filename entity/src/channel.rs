//! Channels: the messengers, numbers and mailboxes over which a workspace talks.

use crate::id::{ChannelId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: ChannelId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace without regard to case, since import files name channels by it.
    pub name: String,
    /// `name`, folded.
    pub name_key: String,
    /// Which messenger.
    pub kind: ChannelKind,
    /// Who carries its messages.
    pub provider: Provider,
    /// Whether it can be used.
    pub status: ChannelStatus,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// A messenger.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ChannelKind {
    /// WhatsApp: addresses are phone numbers, or WhatsApp's own user ids.
    #[sea_orm(string_value = "WHATSAPP")]
    WhatsApp,
    /// Facebook Messenger.
    Messenger,
    /// Instagram.
    Instagram,
    /// Telegram.
    Telegram,
    /// Text messages: addresses are phone numbers.
    Sms,
    /// E-mail: addresses are e-mail addresses.
    Email,
    /// A chat on a web page.
    Web,
    /// Anything else.
    Custom,
}

/// Who carries a channel's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Provider {
    /// Meta's own Cloud API.
    #[sea_orm(string_value = "WHATSAPP_CLOUD")]
    WhatsAppCloud,
    /// 360dialog.
    #[sea_orm(string_value = "DIALOG_360")]
    Dialog360,
    /// Kaleyra.
    Kaleyra,
    /// Any system that speaks HTTP.
    Http,
}

/// Whether a channel can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ChannelStatus {
    /// Set up.
    Ready,
    /// Not known to work yet.
    Unverified,
    /// Switched off.
    Disabled,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
