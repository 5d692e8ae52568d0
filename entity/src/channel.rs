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
    /// Where the account at the provider is, as `provider` reads it.
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: Json,
    /// What opens it, sealed.
    pub credentials: Option<String>,
    /// SHA-256 of the secret part of its webhooks' path.
    pub webhook_hash: Option<String>,
    /// Messages a second; none: as the provider allows.
    pub rate_limit: Option<i32>,
    /// Distinct people in moving 24 hours; none: any number.
    pub daily_limit: Option<i32>,
    /// What the provider said last that kept it from working.
    pub last_error: Option<String>,
    /// When it was last seen to work.
    pub verified_at: Option<DateTimeUtc>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was deleted; its row stays for what history names.
    pub deleted_at: Option<DateTimeUtc>,
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
    /// Seen to work.
    Ready,
    /// Not known to work, or no longer: what opens it has been changed.
    Unverified,
    /// The provider says that something about the account must be mended.
    Failing,
    /// Switched off by a person.
    Disabled,
    /// Gone; what history names stays readable.
    Deleted,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
