//! What people write and are written: conversations, messages, and webhooks that wait to be applied.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000002_messages"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::add_columns(manager, "workspace", &WORKSPACE).await?;
        sql::add_columns(manager, "contact", &CONTACT).await?;
        sql::add_columns(manager, "contact_channel", &CONTACT_CHANNEL).await?;
        sql::run(manager, TABLES).await
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

const WORKSPACE: [(&str, &str); 2] = [("opt_out_words", "{json}"), ("conversation_url", "text")];

/// The profile of the channel of the last message.
const CONTACT: [(&str, &str); 2] = [("profile_name", "text"), ("avatar_url", "text")];

const CONTACT_CHANNEL: [(&str, &str); 4] = [
    ("profile_name", "text"),
    ("first_contact_at", "{time}"),
    ("last_contact_at", "{time}"),
    ("last_incoming_at", "{time}"),
];

/// A message's name at the provider is unique on its channel: a webhook that comes twice finds it there. A contact has one open conversation on a
/// channel at most. `webhook_queue` says whether a job that applies a channel's webhooks waits to begin: one that does need not be enqueued again.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS conversation (
    id {id},
    workspace_id bigint NOT NULL,
    number bigint NOT NULL,
    contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    channel_id bigint NOT NULL REFERENCES channel,
    status text NOT NULL,
    opened_at {time} NOT NULL,
    closed_at {time},
    assignee_id bigint REFERENCES member ON DELETE SET NULL,
    UNIQUE (workspace_id, number)
);
CREATE UNIQUE INDEX IF NOT EXISTS conversation_open ON conversation (contact_id, channel_id) WHERE status = 'OPEN';
CREATE INDEX IF NOT EXISTS conversation_contact ON conversation (contact_id, opened_at, id);
CREATE INDEX IF NOT EXISTS conversation_opened_at ON conversation (workspace_id, opened_at, id);
CREATE INDEX IF NOT EXISTS conversation_assignee ON conversation (assignee_id) WHERE assignee_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS conversation_number (
    workspace_id bigint PRIMARY KEY,
    last bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS message (
    id {id},
    workspace_id bigint NOT NULL,
    contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    channel_id bigint NOT NULL REFERENCES channel,
    conversation_id bigint REFERENCES conversation ON DELETE SET NULL,
    direction text NOT NULL,
    kind text NOT NULL,
    text text,
    status text NOT NULL,
    provider_id text,
    at {time} NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS message_provider_id ON message (channel_id, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_contact ON message (contact_id, at, id);
CREATE INDEX IF NOT EXISTS message_conversation ON message (conversation_id, at, id);
CREATE TABLE IF NOT EXISTS webhook (
    id {id},
    workspace_id bigint NOT NULL,
    channel_id bigint NOT NULL REFERENCES channel,
    body text NOT NULL,
    came_at {time} NOT NULL,
    applied_at {time}
);
CREATE INDEX IF NOT EXISTS webhook_waiting ON webhook (channel_id, id) WHERE applied_at IS NULL;
CREATE INDEX IF NOT EXISTS webhook_came_at ON webhook (came_at);
CREATE TABLE IF NOT EXISTS webhook_queue (
    channel_id bigint PRIMARY KEY REFERENCES channel,
    is_queued boolean NOT NULL
)";
