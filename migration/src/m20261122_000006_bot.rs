//! What the bot's endpoint is told of: events that wait, and who tells them at the moment.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000006_bot"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::add_columns(manager, "message", &[("block_id", "bigint")]).await?;
        sql::run(manager, TABLES).await
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

/// An event names rows that may be gone when it is told, as deliveries do.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS bot_event (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    contact_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    block_id bigint NOT NULL,
    send_id bigint,
    at {time} NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at {time} NOT NULL,
    error text,
    gave_up_at {time}
);
CREATE UNIQUE INDEX IF NOT EXISTS bot_event_name ON bot_event (workspace_id, name);
CREATE INDEX IF NOT EXISTS bot_event_due ON bot_event (workspace_id, next_at) WHERE gave_up_at IS NULL;
CREATE TABLE IF NOT EXISTS bot_state (
    workspace_id bigint PRIMARY KEY REFERENCES workspace,
    run text,
    busy_until {time},
    wakes_at {time}
);
";
