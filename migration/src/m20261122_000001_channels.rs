//! Channels as accounts at providers, their templates, and the blocks of messages that are made here.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000001_channels"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::add_columns(manager, "channel", &CHANNEL).await?;
        sql::run(manager, TABLES).await
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

/// What a channel's account is. `credentials` are sealed; `webhook_hash` is the SHA-256 of the secret part of its webhooks' path, to find it by.
const CHANNEL: [(&str, &str); 8] = [
    ("settings", "{json} NOT NULL DEFAULT '{}'"),
    ("credentials", "text"),
    ("webhook_hash", "text"),
    ("rate_limit", "integer"),
    ("daily_limit", "integer"),
    ("last_error", "text"),
    ("verified_at", "{time}"),
    ("deleted_at", "{time}"),
];

const TABLES: &str = "
CREATE UNIQUE INDEX IF NOT EXISTS channel_webhook_hash ON channel (webhook_hash) WHERE webhook_hash IS NOT NULL;
CREATE TABLE IF NOT EXISTS template (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    channel_id bigint NOT NULL REFERENCES channel,
    name text NOT NULL,
    language text NOT NULL,
    category text NOT NULL,
    status text NOT NULL,
    header text,
    body text NOT NULL,
    footer text,
    button_urls {json} NOT NULL,
    header_media text,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    deleted_at {time}
);
CREATE UNIQUE INDEX IF NOT EXISTS template_name ON template (channel_id, name, language) WHERE deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS template_workspace ON template (workspace_id, id);
CREATE TABLE IF NOT EXISTS block (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    name_key text NOT NULL,
    messages {json} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    deleted_at {time}
);
CREATE UNIQUE INDEX IF NOT EXISTS block_name ON block (workspace_id, name_key) WHERE deleted_at IS NULL";
