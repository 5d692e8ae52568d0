//! Exports: one row a file, with what was chosen, its progress and its end.

use crate::{
    column::{ColumnOrder, ColumnRef},
    id::{ExportId, MemberId, WorkspaceId},
    job::JobStatus,
};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// An export. When COMPLETED, `row_count = total`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "export")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: ExportId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Who was chosen, and by whom, as `domain` keeps it.
    #[sea_orm(column_type = "JsonBinary")]
    pub selection: Json,
    /// What of them, from left to right.
    #[sea_orm(column_type = "JsonBinary")]
    pub columns: ExportColumns,
    /// What they are sorted by; none: the newest first.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub sort: Option<ColumnOrder>,
    /// How it is written.
    pub format: ExportFormat,
    /// Whether who asked saw no phone numbers and addresses, so that none stand in it.
    pub masked: bool,
    /// Whether who asked saw their own contacts alone.
    pub narrowed: bool,
    /// Where it stands.
    pub status: JobStatus,
    /// Where the run of its job that writes the file puts it.
    pub writing_key: Option<String>,
    /// Contacts that it will have; none until they are counted.
    pub total: Option<i64>,
    /// Contacts that are written.
    pub row_count: i64,
    /// The moment at which the file shows the contacts.
    pub snapshot_at: Option<DateTimeUtc>,
    /// Why it is FAILED.
    pub failure_message: Option<String>,
    /// Where the file lies, once whole.
    pub file_key: Option<String>,
    /// Bytes of the file.
    pub file_size: i64,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: Option<String>,
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

/// The columns of a file, stored as a JSON list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ExportColumns(pub Vec<ColumnRef>);

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ExportFormat {
    /// RFC 4180, UTF-8.
    Csv,
    /// The same with a byte order mark.
    CsvExcel,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
