//! What mutations came to, under the keys that their callers gave.

use crate::id::ApiTokenId;
use sea_orm::entity::prelude::*;

/// A mutation that was answered, or one that is under way in the transaction which made this row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    /// The token it came with: another's keys are others.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: ApiTokenId,
    /// As the caller gave it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The mutation's name in the schema.
    pub mutation: String,
    /// SHA-256 of the input and of the files that came with it, lower-case hex.
    pub digest: String,
    /// What it came to; none while it is under way, which nobody else sees.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub outcome: Option<Json>,
    /// Since when. After a day the key is free.
    pub created_at: DateTimeUtc,
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
