//! Broadcasts, their sends, and the ledger of deliveries.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000004_broadcasts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::add_columns(manager, "message", &MESSAGE).await?;
        sql::add_columns(manager, "conversation", &CONVERSATION).await?;
        sql::add_columns(manager, "workspace", &WORKSPACE).await?;
        sql::run(manager, TABLES).await
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

/// What went: by whom, for which delivery, and what became of it.
const MESSAGE: [(&str, &str); 15] = [
    ("send_id", "bigint"),
    ("delivery_id", "bigint"),
    ("template_id", "bigint"),
    ("author_id", "bigint"),
    ("author_name", "text"),
    ("content", "{json}"),
    ("attempts", "integer NOT NULL DEFAULT 0"),
    ("run", "text"),
    ("error_code", "text"),
    ("error_message", "text"),
    ("delivered_at", "{time}"),
    ("read_at", "{time}"),
    ("next_at", "{time}"),
    ("claimed_at", "{time}"),
    ("updated_at", "{time}"),
];

const CONVERSATION: [(&str, &str); 1] = [("updated_at", "{time}")];

/// How operators are asked for support, and where the bot is.
const WORKSPACE: [(&str, &str); 5] = [
    ("support_words", "{json}"),
    ("support_text", "text"),
    ("support_template", "{json}"),
    ("bot_url", "text"),
    ("bot_secret", "text"),
];

/// A contact is at most once in a send, and an address too. `delivery` names contacts that may be gone: what was sent to them stays counted, and a
/// million rows are written without a million looks at the contacts' table. Its ids are in one stretch for each send, which `broadcast_send` names:
/// the primary key lists a send's deliveries. `delivery_open` is small: it has only what is still to be done.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS broadcast (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    title text NOT NULL,
    title_key text NOT NULL,
    channel_id bigint NOT NULL REFERENCES channel,
    content {json} NOT NULL,
    everyone boolean NOT NULL,
    filter {json},
    created_by_member_id bigint REFERENCES member ON DELETE SET NULL,
    created_by_name text NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    deleted_at {time}
);
CREATE INDEX IF NOT EXISTS broadcast_workspace ON broadcast (workspace_id, id) WHERE deleted_at IS NULL;
CREATE TABLE IF NOT EXISTS broadcast_segment (
    broadcast_id bigint NOT NULL REFERENCES broadcast ON DELETE CASCADE,
    segment_id bigint NOT NULL REFERENCES segment,
    PRIMARY KEY (broadcast_id, segment_id)
);
CREATE INDEX IF NOT EXISTS broadcast_segment_segment ON broadcast_segment (segment_id);
CREATE TABLE IF NOT EXISTS broadcast_send (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    broadcast_id bigint NOT NULL REFERENCES broadcast,
    channel_id bigint NOT NULL REFERENCES channel,
    content {json} NOT NULL,
    recipients text NOT NULL,
    selection {json} NOT NULL,
    status text NOT NULL,
    run text,
    mark bigint,
    scheduled_at {time},
    not_after {time},
    first_delivery bigint,
    last_delivery bigint,
    total bigint,
    pending bigint NOT NULL DEFAULT 0,
    sending bigint NOT NULL DEFAULT 0,
    sent bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    read bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    unknown bigint NOT NULL DEFAULT 0,
    waits_until {time},
    waits_for text,
    failure_message text,
    result_key text,
    result_size bigint NOT NULL DEFAULT 0,
    created_by_member_id bigint REFERENCES member ON DELETE SET NULL,
    created_by_name text NOT NULL,
    created_at {time} NOT NULL,
    started_at {time},
    finished_at {time}
);
CREATE INDEX IF NOT EXISTS broadcast_send_broadcast ON broadcast_send (broadcast_id, id);
CREATE INDEX IF NOT EXISTS broadcast_send_channel ON broadcast_send (channel_id) WHERE status NOT IN ('COMPLETED', 'FAILED', 'CANCELLED');
CREATE TABLE IF NOT EXISTS delivery (
    id {id},
    send_id bigint NOT NULL REFERENCES broadcast_send ON DELETE CASCADE,
    contact_id bigint NOT NULL,
    address text,
    status text NOT NULL,
    skip_reason text,
    attempts integer NOT NULL,
    part integer NOT NULL,
    next_at {time} NOT NULL,
    run text,
    provider_id text,
    error_code text,
    error_message text,
    is_retryable boolean,
    sent_at {time},
    delivered_at {time},
    read_at {time}
);
CREATE UNIQUE INDEX IF NOT EXISTS delivery_contact ON delivery (contact_id, send_id);
CREATE UNIQUE INDEX IF NOT EXISTS delivery_address ON delivery (send_id, address);
CREATE INDEX IF NOT EXISTS delivery_open ON delivery (send_id, status, next_at, id) WHERE status IN ('PENDING', 'SENDING');
CREATE TABLE IF NOT EXISTS channel_pace (
    channel_id bigint PRIMARY KEY REFERENCES channel,
    next_at bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS channel_person (
    channel_id bigint NOT NULL REFERENCES channel,
    address text NOT NULL,
    at {time} NOT NULL,
    PRIMARY KEY (channel_id, address)
);
CREATE INDEX IF NOT EXISTS channel_person_at ON channel_person (channel_id, at);
CREATE TABLE IF NOT EXISTS early_status (
    id {id},
    channel_id bigint NOT NULL REFERENCES channel,
    provider_id text NOT NULL,
    status {json} NOT NULL,
    came_at {time} NOT NULL
);
CREATE INDEX IF NOT EXISTS early_status_provider_id ON early_status (channel_id, provider_id);
CREATE INDEX IF NOT EXISTS message_open ON message (contact_id, channel_id, id) WHERE status IN ('PENDING', 'SENDING');
CREATE INDEX IF NOT EXISTS message_updated_at ON message (workspace_id, updated_at);
CREATE INDEX IF NOT EXISTS conversation_updated_at ON conversation (workspace_id, updated_at)";
