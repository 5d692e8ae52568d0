//! What mutations came to, under the keys that their callers gave.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000011_idempotency"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, TABLE).await
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS idempotency_key (
    token_id bigint NOT NULL REFERENCES api_token ON DELETE CASCADE,
    key text NOT NULL,
    workspace_id bigint NOT NULL REFERENCES workspace,
    mutation text NOT NULL,
    digest text NOT NULL,
    outcome {json},
    created_at {time} NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX IF NOT EXISTS idempotency_key_created ON idempotency_key (created_at);
";
