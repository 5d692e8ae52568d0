//! Bulk operations: one row for each change of many contacts, with what was chosen, its progress and its end.

use crate::{
    id::{AttributeId, MemberId, OperationId, SegmentId, TagId, WorkspaceId},
    job::JobStatus,
};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A bulk operation. Once `total` is known, `changed + unchanged + failed` never exceeds it, and equals it when COMPLETED.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "operation")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: OperationId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// What is done to each contact.
    pub action: BulkAction,
    /// With what.
    #[sea_orm(column_type = "JsonBinary")]
    pub argument: Argument,
    /// Who was chosen, and by whom, as `domain` keeps it.
    #[sea_orm(column_type = "JsonBinary")]
    pub selection: Json,
    /// Where it stands.
    pub status: JobStatus,
    /// The run of its job that lists the contacts, or has listed them.
    pub lister: Option<String>,
    /// Contacts listed; none until all are.
    pub total: Option<i64>,
    /// Parts of the list that are done.
    pub cursor: i64,
    /// Contacts that were changed.
    pub changed_count: i64,
    /// Contacts that were as wanted already.
    pub unchanged_count: i64,
    /// Contacts that could not be changed; `operation_error` has the reasons.
    pub failed_count: i64,
    /// Why it is FAILED.
    pub failure_message: Option<String>,
    /// The member who asked for it.
    pub created_by_member_id: Option<MemberId>,
    /// The member's or the token's name at that time.
    pub created_by_name: String,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// When a worker first took it up.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
}

/// What a bulk operation does to each contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum BulkAction {
    /// Gives them tags.
    AddTags,
    /// Takes tags off them.
    RemoveTags,
    /// Puts them into a STATIC segment.
    AddToSegment,
    /// Takes them out of a STATIC segment.
    RemoveFromSegment,
    /// Copies their values of an attribute into its slot.
    IndexAttribute,
    /// Empties an attribute's slot.
    UnindexAttribute,
    /// Takes their values of a deleted attribute away.
    DeleteAttribute,
}

/// With what a bulk operation does what it does; which of these depends on the action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct Argument {
    /// The tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagId>,
    /// The segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<SegmentId>,
    /// The attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<AttributeId>,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
