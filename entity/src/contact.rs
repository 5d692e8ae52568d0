//! Contacts: everyone the workspace knows.
//!
//! The slot columns `n1`…`n10` and `s1`…`s10` are not fields of the row: they copy attribute values that stand in `attributes`, for
//! sorting and filtering alone, and only `domain`'s contact writer touches them. So are `comparable`, `search`, `reach` and `named`.

use crate::id::{ChannelId, ContactId, MemberId, TeamId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A contact.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    /// Their id.
    #[sea_orm(primary_key)]
    pub id: ContactId,
    /// The workspace they belong to.
    pub workspace_id: WorkspaceId,
    /// What to show for them: `name`, else first and last name, profile name, phone, e-mail, address. Derived at every write.
    pub display_name: String,
    /// `display_name` folded and cut, to sort by.
    pub name_key: String,
    /// A name given by hand or by import.
    pub name: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Title, such as "Dr.".
    pub title: Option<String>,
    /// The account they belong to.
    pub account: Option<String>,
    /// E-mail address as it was given.
    pub email: Option<String>,
    /// `email` in lower case, to find by.
    pub email_key: Option<String>,
    /// E.164 with `+`.
    pub phone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// Whether broadcasts reach them.
    pub status: ContactStatus,
    /// Since when nothing goes in or out.
    pub blocked_at: Option<DateTimeUtc>,
    /// When they said stop.
    pub opted_out_at: Option<DateTimeUtc>,
    /// When they last said stop, or took it back, or somebody did so in their name.
    pub preference_at: Option<DateTimeUtc>,
    /// Whether the bot answers them.
    pub bot_active: bool,
    /// Whether they are told when someone asks for support.
    pub receives_support_requests: bool,
    /// The member who looks after them.
    pub assignee_id: Option<MemberId>,
    /// The team that looks after them.
    pub team_id: Option<TeamId>,
    /// The channel of the last message.
    pub last_channel_id: Option<ChannelId>,
    /// What they call themselves on the channel of the last message.
    pub profile_name: Option<String>,
    /// Where their picture on that channel is.
    pub avatar_url: Option<String>,
    /// When the first message came or went.
    pub first_contact_at: Option<DateTimeUtc>,
    /// When the last message came or went.
    pub last_interaction_at: Option<DateTimeUtc>,
    /// When the last message came.
    pub last_incoming_at: Option<DateTimeUtc>,
    /// Every custom value, keyed by attribute id: the truth of which slots are copies.
    #[sea_orm(column_type = "JsonBinary")]
    pub attributes: Json,
    /// Grows by one with each edit.
    pub version: i32,
    /// When they became known.
    pub created_at: DateTimeUtc,
    /// When they were last edited.
    pub updated_at: DateTimeUtc,
}

/// Whether broadcasts reach a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactStatus {
    /// Reachable by broadcasts.
    Active,
    /// Known, but not to be contacted.
    Inactive,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
