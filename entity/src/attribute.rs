//! Attributes: the typed custom columns of a workspace.

use crate::id::{AttributeId, ImportId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A custom column.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attribute")]
pub struct Model {
    /// Its id, the key of its values in `contact.attributes`.
    #[sea_orm(primary_key)]
    pub id: AttributeId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace without regard to case; one type for ever.
    pub key: String,
    /// `key`, folded.
    pub key_folded: String,
    /// What a table shows above it.
    pub label: String,
    /// The type of its values.
    pub r#type: AttributeType,
    /// What it is for.
    pub description: Option<String>,
    /// The slot column that copies its values (`n1`…`n10`, `s1`…`s10`); none: it is neither sorted nor filtered by index.
    pub slot: Option<String>,
    /// What the slot is good for; none where there is none.
    pub slot_state: Option<SlotState>,
    /// The import that brought it.
    pub created_by_import_id: Option<ImportId>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// When it was deleted: nobody sees it any more, and the row stays until its values are gone from the contacts.
    pub deleted_at: Option<DateTimeUtc>,
}

impl Model {
    /// The slot that has the value of every contact: sorting and filters may read it.
    pub fn readable_slot(&self) -> Option<&str> {
        let is_ready = self.slot_state == Some(SlotState::Ready);
        self.slot.as_deref().filter(|_| is_ready)
    }

    /// The slot that every write of a contact fills.
    pub fn written_slot(&self) -> Option<&str> {
        let is_filled = matches!(self.slot_state, Some(SlotState::Filling | SlotState::Ready));
        self.slot.as_deref().filter(|_| is_filled)
    }
}

/// What an attribute's slot is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
pub enum SlotState {
    /// Writes of contacts fill it; those who have a value from before may still be without.
    Filling,
    /// It has the value of every contact.
    Ready,
    /// Nobody fills it or reads it; it may still hold values, and so nobody else may have it.
    Emptying,
}

/// The type of an attribute's values.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
#[serde(rename_all = "UPPERCASE")]
pub enum AttributeType {
    /// Text of up to 10,000 characters.
    Text,
    /// A number of at most 15 significant digits.
    Number,
    /// A calendar date.
    Date,
    /// A local time of day.
    Time,
    /// An instant.
    DateTime,
    /// Yes or no.
    Boolean,
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
    /// A place: latitude, longitude and perhaps a name.
    Location,
}

impl AttributeType {
    /// All types, in the order of the documentation.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Number,
        Self::Date,
        Self::Time,
        Self::DateTime,
        Self::Boolean,
        Self::Array,
        Self::Object,
        Self::Location,
    ];

    /// The name in files and in GraphQL, such as `DATETIME`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Number => "NUMBER",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::DateTime => "DATETIME",
            Self::Boolean => "BOOLEAN",
            Self::Array => "ARRAY",
            Self::Object => "OBJECT",
            Self::Location => "LOCATION",
        }
    }
}

/// What kind of slot column copies an attribute's values, so that they sort and filter by an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// `n1`…`n10`: doubles.
    Number,
    /// `s1`…`s10`: folded text.
    Text,
}

impl AttributeType {
    /// The slot that values of this type fit in, if any.
    pub const fn slot_kind(self) -> Option<SlotKind> {
        match self {
            Self::Text => Some(SlotKind::Text),
            Self::Number | Self::Date | Self::Time | Self::DateTime => Some(SlotKind::Number),
            Self::Boolean | Self::Array | Self::Object | Self::Location => None,
        }
    }
}

impl std::fmt::Display for AttributeType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for AttributeType {
    type Err = ();

    /// Case and surrounding spaces do not count.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim();
        Self::ALL
            .into_iter()
            .find(|t| t.as_str().eq_ignore_ascii_case(text))
            .ok_or(())
    }
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
