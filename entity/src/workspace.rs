//! Workspaces: sealed from each other.

use crate::{content::Content, id::WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A workspace.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: WorkspaceId,
    /// Shown to its people; unique in the installation, since the command line names workspaces by it.
    #[sea_orm(unique)]
    pub name: String,
    /// ISO 3166-1 alpha-2, for phone numbers without a country.
    pub default_country: Option<String>,
    /// IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Rows that a broadcast list may bring.
    pub broadcast_list_row_limit: i32,
    /// Messages that mean stop; none: those of [`domain`]'s own.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub opt_out_words: Option<Words>,
    /// Where a conversation is shown to people, with `{number}` in it.
    pub conversation_url: Option<String>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Messages that ask for support; none: none does.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub support_words: Option<Words>,
    /// What operators read, where it is not [`domain`]'s own text.
    pub support_text: Option<String>,
    /// The template that operators get where no text reaches them.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub support_template: Option<Content>,
    /// The bot's endpoint, which is told where conversations stand.
    pub bot_url: Option<String>,
    /// What it is told is signed with, sealed.
    pub bot_secret: Option<String>,
}

/// Words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Words(pub Vec<String>);

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
