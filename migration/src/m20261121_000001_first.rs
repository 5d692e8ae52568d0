//! Workspaces and their people, channels, contacts with attribute slots, segments, imports.

use crate::sql;
use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for part in [PEOPLE, CHANNELS, &contacts(), SEGMENTS, IMPORTS] {
            sql::run(manager, part).await?;
        }
        Ok(())
    }

    /// SQLite has no transaction around a step, so a step must be able to run again after a crash: hence IF NOT EXISTS throughout.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

const PEOPLE: &str = "
CREATE TABLE IF NOT EXISTS workspace (
    id {id},
    name text NOT NULL UNIQUE,
    default_country text,
    time_zone text NOT NULL,
    broadcast_list_row_limit integer NOT NULL CHECK (broadcast_list_row_limit > 0),
    created_at {time} NOT NULL
);
CREATE TABLE IF NOT EXISTS member (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    restrictions {json} NOT NULL,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, email)
);
CREATE TABLE IF NOT EXISTS api_token (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    member_id bigint REFERENCES member,
    name text NOT NULL,
    role text NOT NULL,
    restrictions {json} NOT NULL,
    prefix text NOT NULL,
    hash text NOT NULL UNIQUE,
    created_at {time} NOT NULL,
    last_used_at {time},
    expires_at {time},
    revoked_at {time}
);
CREATE INDEX IF NOT EXISTS api_token_workspace ON api_token (workspace_id, id)";

const CHANNELS: &str = "
CREATE TABLE IF NOT EXISTS channel (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    name_key text NOT NULL,
    kind text NOT NULL,
    provider text NOT NULL,
    status text NOT NULL,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, name_key)
)";

/// The contact's columns of its own, and the pool of slots, each with its one index.
///
/// `contact.workspace_id` has no foreign key: workspaces are never deleted, and the check would be paid for every row of an import.
fn contacts() -> String {
    let columns: String = slots()
        .map(|(name, kind)| format!(",\n    {name} {kind}"))
        .collect();
    let indexes: String = slots()
        .map(|(name, _)| {
            format!(
                ";\nCREATE INDEX IF NOT EXISTS contact_{name} ON contact (workspace_id, {name}, id) WHERE {name} IS NOT NULL"
            )
        })
        .collect();
    format!("{ATTRIBUTE}{CONTACT}{columns}\n);{CONTACT_INDEXES}{indexes}")
}

/// The slot columns with their types.
fn slots() -> impl Iterator<Item = (String, &'static str)> {
    [('n', "{double}"), ('s', "{sorted}")]
        .into_iter()
        .flat_map(|(kind, sql)| (1..=10).map(move |number| (format!("{kind}{number}"), sql)))
}

const ATTRIBUTE: &str = "
CREATE TABLE IF NOT EXISTS attribute (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    key text NOT NULL,
    key_folded text NOT NULL,
    label text NOT NULL,
    type text NOT NULL,
    description text,
    slot text,
    created_by_import_id bigint,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, key_folded),
    UNIQUE (workspace_id, slot)
);";

const CONTACT: &str = "
CREATE TABLE IF NOT EXISTS contact (
    id {id},
    workspace_id bigint NOT NULL,
    display_name text NOT NULL,
    name_key {sorted} NOT NULL,
    name text,
    first_name text,
    last_name text,
    username text,
    title text,
    account text,
    email text,
    email_key {sorted},
    phone {sorted},
    country text,
    language text,
    status {sorted} NOT NULL,
    blocked_at {time},
    opted_out_at {time},
    bot_active boolean NOT NULL,
    receives_support_requests boolean NOT NULL,
    attributes {json} NOT NULL,
    version integer NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL";

const CONTACT_INDEXES: &str = "
CREATE INDEX IF NOT EXISTS contact_created_at ON contact (workspace_id, created_at, id);
CREATE INDEX IF NOT EXISTS contact_name_key ON contact (workspace_id, name_key, id);
CREATE INDEX IF NOT EXISTS contact_phone ON contact (workspace_id, phone, id) WHERE phone IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_email_key ON contact (workspace_id, email_key, id) WHERE email_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_blocked_at ON contact (workspace_id, blocked_at, id) WHERE blocked_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS contact_channel (
    id {id},
    workspace_id bigint NOT NULL,
    contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    channel_id bigint NOT NULL REFERENCES channel,
    address text NOT NULL,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, channel_id, address)
);
CREATE INDEX IF NOT EXISTS contact_channel_contact ON contact_channel (contact_id)";

const SEGMENTS: &str = "
CREATE TABLE IF NOT EXISTS segment (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    name_key text NOT NULL,
    kind text NOT NULL,
    created_by_import_id bigint,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, name_key)
);
CREATE TABLE IF NOT EXISTS segment_member (
    segment_id bigint NOT NULL REFERENCES segment ON DELETE CASCADE,
    contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    PRIMARY KEY (segment_id, contact_id)
{no_rowid};
CREATE INDEX IF NOT EXISTS segment_member_contact ON segment_member (contact_id, segment_id)";

const IMPORTS: &str = "
CREATE TABLE IF NOT EXISTS import (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    kind text NOT NULL,
    status text NOT NULL,
    file_name text NOT NULL,
    source_key text,
    source_size bigint NOT NULL,
    source_sha256 text NOT NULL,
    inspection {json},
    mapping {json} NOT NULL,
    channel_id bigint REFERENCES channel,
    country text,
    segment_name text,
    segment_id bigint REFERENCES segment,
    match_by {json} NOT NULL,
    on_invalid text NOT NULL,
    empty_clears boolean NOT NULL,
    time_zone text NOT NULL,
    row_limit bigint,
    row_count bigint,
    cursor bigint NOT NULL,
    created_count bigint NOT NULL,
    updated_count bigint NOT NULL,
    unchanged_count bigint NOT NULL,
    failed_count bigint NOT NULL,
    duplicate_count bigint NOT NULL,
    discarded_count bigint NOT NULL,
    failure_code text,
    failure_message text,
    failure_header text,
    result_key text,
    result_size bigint NOT NULL,
    failed_key text,
    failed_size bigint NOT NULL,
    created_by_member_id bigint REFERENCES member,
    created_by_name text NOT NULL,
    created_at {time} NOT NULL,
    started_at {time},
    finished_at {time},
    CONSTRAINT every_row_has_an_outcome CHECK (cursor =
        created_count + updated_count + unchanged_count + failed_count + duplicate_count + discarded_count)
);
CREATE INDEX IF NOT EXISTS import_workspace ON import (workspace_id, id);
CREATE TABLE IF NOT EXISTS import_row (
    import_id bigint NOT NULL,
    row bigint NOT NULL,
    outcome smallint NOT NULL,
    contact_id bigint,
    PRIMARY KEY (import_id, row)
{no_rowid};
CREATE TABLE IF NOT EXISTS import_error (
    import_id bigint NOT NULL,
    row bigint NOT NULL,
    seq integer NOT NULL,
    line bigint NOT NULL,
    header text,
    value text,
    code text NOT NULL,
    message text NOT NULL,
    dropped boolean NOT NULL,
    PRIMARY KEY (import_id, row, seq)
{no_rowid}";
