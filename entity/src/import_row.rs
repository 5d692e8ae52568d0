//! What became of each row of an import. Rows past the row limit have no row here: their number says it.

use crate::id::{ContactId, ImportId};
use sea_orm::entity::prelude::*;

/// The outcome of one row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_row")]
pub struct Model {
    /// The import.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: ImportId,
    /// 1 is the first row after the header.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i64,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The contact it made, changed or found.
    pub contact_id: Option<ContactId>,
}

/// What became of a row. A number in the database: there is one for every row ever imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum RowOutcome {
    /// Made a contact.
    #[sea_orm(num_value = 1)]
    Created,
    /// Changed a contact.
    #[sea_orm(num_value = 2)]
    Updated,
    /// Found everything as it says.
    #[sea_orm(num_value = 3)]
    Unchanged,
    /// Had an error and changed nothing.
    #[sea_orm(num_value = 4)]
    Failed,
    /// A later row of the same key counts.
    #[sea_orm(num_value = 5)]
    Duplicate,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
