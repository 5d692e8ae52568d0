//! What contacts are grouped by: segments, inboxes, tags; and how tables of them look.

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
CREATE TABLE IF NOT EXISTS table_view (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    member_id bigint REFERENCES member ON DELETE CASCADE,
    token_id bigint REFERENCES api_token ON DELETE CASCADE,
    inbox text NOT NULL,
    inbox_id bigint REFERENCES inbox ON DELETE CASCADE,
    team_id bigint REFERENCES team ON DELETE CASCADE,
    columns {json},
    sort {json},
    UNIQUE (member_id, inbox),
    UNIQUE (token_id, inbox),
    CONSTRAINT somebody_has_it CHECK ((member_id IS NULL) <> (token_id IS NULL))
);
CREATE INDEX IF NOT EXISTS table_view_inbox ON table_view (inbox_id) WHERE inbox_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS table_view_team ON table_view (team_id) WHERE team_id IS NOT NULL;
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
