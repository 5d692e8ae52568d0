//! Objects on their way into the store, so that what a killed upload leaves is known by a row.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, PENDING_OBJECT).await
    }

    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

const PENDING_OBJECT: &str = "
CREATE TABLE IF NOT EXISTS pending_object (
    key text PRIMARY KEY,
    created_at {time} NOT NULL
);
CREATE INDEX IF NOT EXISTS pending_object_created_at ON pending_object (created_at)";
