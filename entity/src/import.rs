//! Imports: one row a file, with its settings, its progress and its end.

use crate::{
    attribute::AttributeType,
    id::{ChannelId, ImportId, MemberId, SegmentId, WorkspaceId},
    job::JobStatus,
};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// An import. At every commit `cursor = created + updated + unchanged + failed + duplicate + discarded`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key)]
    pub id: ImportId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// Which of the two pipelines' rules hold.
    pub kind: ImportKind,
    /// Where it stands.
    pub status: JobStatus,
    /// As the uploader named it, without folders.
    pub file_name: String,
    /// Where the source lies in the object store; none where it was not kept.
    pub source_key: Option<String>,
    /// Bytes of the source.
    pub source_size: i64,
    /// SHA-256 of the source, lower-case hex.
    pub source_sha256: String,
    /// What was seen while the file came in; none where it could not be read.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub inspection: Option<Inspection>,
    /// One entry a header, in the file's order; proposed until started.
    #[sea_orm(column_type = "JsonBinary")]
    pub mapping: Mappings,
    /// The channel of a broadcast list.
    pub channel_id: Option<ChannelId>,
    /// ISO 3166-1 alpha-2 for phones without a country; filled with the workspace's when started.
    pub country: Option<String>,
    /// The segment to make or add to.
    pub segment_name: Option<String>,
    /// That segment, once started.
    pub segment_id: Option<SegmentId>,
    /// The keys to find a contact by, in turn; empty: as proposed.
    #[sea_orm(column_type = "JsonBinary")]
    pub match_by: MatchKeys,
    /// What a cell that does not fit does.
    pub on_invalid: OnInvalid,
    /// Whether an empty cell removes the value.
    pub empty_clears: bool,
    /// IANA name, for DATETIME cells without an offset.
    pub time_zone: String,
    /// Rows taken at most; fixed when started.
    pub row_limit: Option<i64>,
    /// Data rows of the file.
    pub row_count: Option<i64>,
    /// Rows that have an outcome: the job goes on behind it.
    pub cursor: i64,
    /// Rows that made a contact.
    pub created_count: i64,
    /// Rows that changed a contact.
    pub updated_count: i64,
    /// Rows that found everything as they say.
    pub unchanged_count: i64,
    /// Rows with an error; they changed nothing.
    pub failed_count: i64,
    /// Earlier rows of a contact that comes again.
    pub duplicate_count: i64,
    /// Rows past the row limit.
    pub discarded_count: i64,
    /// Why the whole file was refused.
    pub failure_code: Option<ImportFailureCode>,
    /// The same in words, or what broke.
    pub failure_message: Option<String>,
    /// The header it is about.
    pub failure_header: Option<String>,
    /// Where the result file lies, once made.
    pub result_key: Option<String>,
    /// Bytes of the result file.
    pub result_size: i64,
    /// Where the file of the failed rows lies; none where no row failed.
    pub failed_key: Option<String>,
    /// Bytes of the file of failed rows.
    pub failed_size: i64,
    /// The member who uploaded it.
    pub created_by_member_id: Option<MemberId>,
    /// The member's or the token's name at that time.
    pub created_by_name: String,
    /// When it was uploaded.
    pub created_at: DateTimeUtc,
    /// When a worker first took it up.
    pub started_at: Option<DateTimeUtc>,
    /// When it ended.
    pub finished_at: Option<DateTimeUtc>,
    /// When it last moved.
    pub updated_at: Option<DateTimeUtc>,
}

/// Which rules hold for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ImportKind {
    /// Any columns, mapped.
    Contacts,
    /// The fixed `user.*` headers, then `key||TYPE`.
    BroadcastList,
}

/// What a cell that does not fit its column does to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum OnInvalid {
    /// The row fails.
    FailRow,
    /// The cell is left out, and the comments say so.
    DropCell,
}

/// What a contact can be found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MatchBy {
    /// The id column of an export.
    Id,
    /// Channel and address.
    ChannelAddress,
    /// Phone number.
    Phone,
    /// E-mail address, without regard to case.
    Email,
}

/// Keys in the order they are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct MatchKeys(pub Vec<MatchBy>);

/// What becomes of each column of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Mappings(pub Vec<Mapping>);

/// What becomes of one column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The header as the file writes it, trimmed.
    pub header: String,
    /// Where its cells go.
    pub target: Target,
}

/// Where the cells of a column go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Nobody has said yet: the import cannot start.
    Undecided,
    /// Nowhere.
    Ignore,
    /// A column that is there, by its key.
    Column(String),
    /// An attribute that the import makes.
    NewAttribute {
        /// Its key, without `attr.`.
        key: String,
        /// Its type.
        r#type: AttributeType,
    },
}

/// What was seen while a file came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Inspection {
    /// `UTF-8`, `UTF-8 with BOM`, `UTF-16LE`, `UTF-16BE` or `Windows-1252`.
    pub encoding: String,
    /// The delimiter, one character.
    pub delimiter: char,
    /// Whether a `sep=` line stands before the header.
    pub sep_line: bool,
    /// The headers, trimmed.
    pub headers: Vec<String>,
    /// The first rows, long cells cut.
    pub sample_rows: Vec<Vec<String>>,
    /// Data rows of the file.
    pub row_count: i64,
    /// What a person should know before starting; at most 20.
    pub problems: Vec<Problem>,
}

/// Something a person should know before starting an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// For machines.
    pub code: String,
    /// For people.
    pub message: String,
    /// The header or row it is about.
    pub field: Option<Vec<String>>,
}

/// Why a whole file was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ImportFailureCode {
    /// Nothing in it.
    EmptyFile,
    /// A column without a header.
    NoHeader,
    /// A header that comes twice.
    DuplicateHeader,
    /// A fixed header is missing or renamed.
    HeaderMissing,
    /// The fixed headers stand in another order.
    HeaderOutOfOrder,
    /// A header that this kind of import cannot take.
    HeaderUnknown,
    /// A type that there is not.
    AttributeTypeUnknown,
    /// An attribute of another type has this key.
    AttributeTypeConflict,
    /// Not a text of delimited cells.
    #[sea_orm(string_value = "NOT_CSV")]
    NotCsv,
    /// More bytes than the installation takes.
    FileTooLarge,
    /// More than 500 columns.
    TooManyColumns,
    /// The channel is not set up.
    ChannelNotReady,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
