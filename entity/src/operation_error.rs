//! Why a bulk operation did not change a contact.

use crate::id::{ContactId, OperationId};
use sea_orm::entity::prelude::*;

/// A contact that was not changed. The contact may be gone.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operation_error")]
pub struct Model {
    /// The operation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_id: OperationId,
    /// The contact.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: ContactId,
    /// Why.
    pub code: BulkErrorCode,
    /// The same in words.
    pub message: String,
}

/// Why a bulk operation did not change a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum BulkErrorCode {
    /// It was deleted, or is no longer seen by who asked.
    NotFound,
    /// It would have more of something than a contact may have.
    LimitExceeded,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
