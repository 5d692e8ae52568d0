//! Segments: named groups of contacts.

use crate::id::{ImportId, SegmentId, WorkspaceId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A segment.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segment")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: SegmentId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Unique in the workspace without regard to case.
    pub name: String,
    /// `name`, folded.
    pub name_key: String,
    /// How it is made up.
    pub kind: SegmentKind,
    /// RULES: a contact is in when any of these holds. Empty for others.
    #[sea_orm(column_type = "JsonBinary")]
    pub rules: SegmentRules,
    /// The import that made it.
    pub created_by_import_id: Option<ImportId>,
    /// When it was made.
    pub created_at: DateTimeUtc,
}

/// How a segment is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum SegmentKind {
    /// Its members are named one by one.
    Static,
    /// Its members are those for whom a rule holds.
    Rules,
}

/// A rule of a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentRule {
    /// What people call it.
    pub name: Option<String>,
    /// The filter, as it was given.
    pub filter: serde_json::Value,
}

/// The rules of a segment, stored as a JSON list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct SegmentRules(pub Vec<SegmentRule>);

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
