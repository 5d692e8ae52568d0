//! Columns of the table, as rows keep them.

use crate::id::AttributeId;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// A column, by what stays the same: an attribute by its id, so that another one of the same key is never taken for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRef {
    /// One that every workspace has, by its key.
    BuiltIn(String),
    /// A custom one.
    Attribute(AttributeId),
}

/// What a list of contacts is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct ColumnOrder {
    /// By which column.
    pub column: ColumnRef,
    /// Downwards.
    pub descending: bool,
    /// Whether those without a value stand before all others; else after them.
    pub nulls_first: bool,
}
