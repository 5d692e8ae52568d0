//! Templates: messages with variables, approved by the messenger before anybody gets them.

use crate::id::{ChannelId, TemplateId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "template")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: TemplateId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// The channel it is sent over.
    pub channel_id: ChannelId,
    /// Its name; with the language it is unique on the channel, among those that are not deleted.
    pub name: String,
    /// As the provider writes it, such as `en_US`.
    pub language: String,
    /// What it is for, such as `MARKETING`.
    pub category: String,
    /// Whether it may be sent.
    pub status: TemplateStatus,
    /// The text above.
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// The text below.
    pub footer: Option<String>,
    /// The URLs of its buttons, in their order; none for a button without one.
    #[sea_orm(column_type = "JsonBinary")]
    pub button_urls: ButtonUrls,
    /// What stands above where it is no text, such as `IMAGE`.
    pub header_media: Option<String>,
    /// When it was made or first fetched.
    pub created_at: DateTimeUtc,
    /// When it was last changed.
    pub updated_at: DateTimeUtc,
    /// When it was deleted, or was found gone at the provider; its row stays for what history names.
    pub deleted_at: Option<DateTimeUtc>,
}

/// URLs of buttons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ButtonUrls(pub Vec<Option<String>>);

/// Whether a template may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum TemplateStatus {
    /// Made here, and not to be sent yet.
    Draft,
    /// The messenger looks at it.
    Pending,
    /// It may be sent.
    Approved,
    /// It may not.
    Rejected,
    /// It may not for now.
    Paused,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
