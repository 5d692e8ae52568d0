//! The contacts of a bulk operation that is not over, listed before the first is changed: some at a time, in one transaction each.

use crate::id::{ContactId, OperationId};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Contacts that are changed together.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "operation_part")]
pub struct Model {
    /// The operation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_id: OperationId,
    /// Which part, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i64,
    /// The contacts.
    #[sea_orm(column_type = "JsonBinary")]
    pub contacts: Contacts,
}

/// Contacts, stored as a JSON list of numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Contacts(pub Vec<ContactId>);

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
