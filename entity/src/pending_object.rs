//! Objects that are on their way into the store, noted before their first byte.

use sea_orm::entity::prelude::*;

/// An object of which no other row speaks yet.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_object")]
pub struct Model {
    /// Where it lies in the store.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Since when.
    pub created_at: DateTimeUtc,
}

/// No relations: nothing else names it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
