//! What contacts are grouped by: segments, tags.

pub(super) const GROUPS: &str = "
CREATE TABLE IF NOT EXISTS segment (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    name_key text NOT NULL,
    kind text NOT NULL,
    rules {json} NOT NULL,
    created_by_import_id bigint,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, name_key)
);
CREATE TABLE IF NOT EXISTS segment_member (
    segment_id bigint NOT NULL REFERENCES segment ON DELETE CASCADE,
    contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    PRIMARY KEY (segment_id, contact_id)
{no_rowid};
CREATE INDEX IF NOT EXISTS segment_member_contact ON segment_member (contact_id, segment_id);
CREATE TABLE IF NOT EXISTS inbox (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    filter {json},
    search text,
    shared boolean NOT NULL,
    created_by_member_id bigint REFERENCES member ON DELETE SET NULL,
    created_at {time} NOT NULL
);
CREATE INDEX IF NOT EXISTS inbox_workspace ON inbox (workspace_id, id);
CREATE TABLE IF NOT EXISTS tag (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    name_key text NOT NULL,
    colour text,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, name_key)
);
CREATE TABLE IF NOT EXISTS contact_tag (
    tag_id bigint NOT NULL REFERENCES tag ON DELETE CASCADE,
    contact_id bigint NOT NULL REFERENCES contact ON DELETE CASCADE,
    PRIMARY KEY (tag_id, contact_id)
{no_rowid};
CREATE INDEX IF NOT EXISTS contact_tag_contact ON contact_tag (contact_id, tag_id)";
