//! Attributes, and contacts with their slots, addresses and search index.
//!
//! A contact's values stand in `attributes`; `comparable` holds a copy of every text and value in the form in which filters compare it.
//! The search box looks into two folded texts: `search`, and `reach` with phone number, e-mail address and addresses, which some may not see.

/// The contact's columns of its own, and the pool of slots, each with its one index: the status stands in it too, so that a count need not look at
/// the contacts.
///
/// `contact.workspace_id` has no foreign key: workspaces are never deleted, and the check would be paid for every row of an import.
///
/// The indexes of assignee and team begin with these, not with the workspace: whose member or team is deleted is found through them.
pub(super) fn contacts() -> String {
    let columns: String = slots()
        .map(|(name, kind)| format!(",\n    {name} {kind}"))
        .collect();
    let indexes: String = slots()
        .map(|(name, _)| {
            format!(
                ";\nCREATE INDEX IF NOT EXISTS contact_{name} ON contact (workspace_id, {name}, id, status) WHERE {name} IS NOT NULL"
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
    slot_state text,
    created_by_import_id bigint,
    created_at {time} NOT NULL,
    deleted_at {time},
    UNIQUE (workspace_id, slot),
    CONSTRAINT a_slot_has_a_state CHECK ((slot IS NULL) = (slot_state IS NULL))
);
CREATE UNIQUE INDEX IF NOT EXISTS attribute_key ON attribute (workspace_id, key_folded) WHERE deleted_at IS NULL;";

const CONTACT: &str = "
CREATE TABLE IF NOT EXISTS contact (
    id {id},
    workspace_id bigint NOT NULL,
    display_name text NOT NULL,
    name_key {sorted} NOT NULL,
    named boolean NOT NULL,
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
    assignee_id bigint REFERENCES member ON DELETE SET NULL,
    team_id bigint REFERENCES team ON DELETE SET NULL,
    last_channel_id bigint REFERENCES channel,
    first_contact_at {time},
    last_interaction_at {time},
    last_incoming_at {time},
    attributes {json} NOT NULL,
    comparable {jsonb} NOT NULL,
    search text NOT NULL,
    reach text NOT NULL,
    version integer NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL";

const CONTACT_INDEXES: &str = "
CREATE INDEX IF NOT EXISTS contact_created_at ON contact (workspace_id, created_at, id);
CREATE INDEX IF NOT EXISTS contact_name_key ON contact (workspace_id, name_key, id);
CREATE INDEX IF NOT EXISTS contact_phone ON contact (workspace_id, phone, id) WHERE phone IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_email_key ON contact (workspace_id, email_key, id) WHERE email_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_blocked_at ON contact (workspace_id, blocked_at, id) WHERE blocked_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_assignee ON contact (assignee_id, workspace_id, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_team ON contact (team_id, workspace_id, id) WHERE team_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_first_contact_at ON contact (workspace_id, first_contact_at, id) WHERE first_contact_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_last_interaction_at ON contact (workspace_id, last_interaction_at, id) WHERE last_interaction_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS contact_last_incoming_at ON contact (workspace_id, last_incoming_at, id) WHERE last_incoming_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS contact_channel (
    id {id},
    workspace_id bigint NOT NULL,
    contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    channel_id bigint NOT NULL REFERENCES channel,
    address text NOT NULL,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, channel_id, address)
);
CREATE INDEX IF NOT EXISTS contact_channel_contact ON contact_channel (contact_id);
CREATE TABLE IF NOT EXISTS contact_total (
    workspace_id bigint NOT NULL,
    shard integer NOT NULL,
    active bigint NOT NULL,
    inactive bigint NOT NULL,
    changes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, shard)
{no_rowid}";

/// The e-mail addresses that are not what their folded texts are; on PostgreSQL an index of trigrams, so that the search box finds any part of a word.
pub(super) const SEARCH_POSTGRES: [&str; 3] = [
    "CREATE INDEX IF NOT EXISTS contact_email_others ON contact (workspace_id, id) WHERE octet_length(email) <> char_length(email)",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX IF NOT EXISTS contact_search ON contact USING gin (search gin_trgm_ops, reach gin_trgm_ops)",
];

/// The same on SQLite: a table of trigrams without the texts themselves, kept in step by triggers.
pub(super) const SEARCH_SQLITE: [&str; 5] = [
    "CREATE INDEX IF NOT EXISTS contact_email_others ON contact (workspace_id, id) WHERE length(CAST(email AS BLOB)) <> length(email)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS contact_search USING fts5(
        search, reach, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
    )",
    "CREATE TRIGGER IF NOT EXISTS contact_search_insert AFTER INSERT ON contact BEGIN
        INSERT INTO contact_search (rowid, search, reach) VALUES (new.id, new.search, new.reach);
    END",
    "CREATE TRIGGER IF NOT EXISTS contact_search_update AFTER UPDATE OF search, reach ON contact
    WHEN new.search <> old.search OR new.reach <> old.reach BEGIN
        UPDATE contact_search SET search = new.search, reach = new.reach WHERE rowid = new.id;
    END",
    "CREATE TRIGGER IF NOT EXISTS contact_search_delete AFTER DELETE ON contact BEGIN
        DELETE FROM contact_search WHERE rowid = old.id;
    END",
];
