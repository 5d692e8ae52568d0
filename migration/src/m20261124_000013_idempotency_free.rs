//! Keys of mutations name no workspace any more: their token does, and a key to the workspace's row made two mutations wait for each other that rename the
//! workspace or lock it. What is forgotten here would have been forgotten within a day.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261124_000013_idempotency_free"
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
DROP TABLE IF EXISTS idempotency_key;
CREATE TABLE idempotency_key (
    token_id bigint NOT NULL REFERENCES api_token ON DELETE CASCADE,
    key text NOT NULL,
    mutation text NOT NULL,
    digest text NOT NULL,
    outcome {json},
    created_at {time} NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_key_created ON idempotency_key (created_at);
";
