//! Bulk operations, with the contacts that they are about to change and those that they could not.

pub(super) const OPERATIONS: &str = "
CREATE TABLE IF NOT EXISTS operation (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    action text NOT NULL,
    argument {json} NOT NULL,
    selection {json} NOT NULL,
    status text NOT NULL,
    lister text,
    total bigint,
    cursor bigint NOT NULL,
    changed_count bigint NOT NULL,
    unchanged_count bigint NOT NULL,
    failed_count bigint NOT NULL,
    failure_message text,
    created_by_member_id bigint REFERENCES member ON DELETE SET NULL,
    created_by_name text NOT NULL,
    created_at {time} NOT NULL,
    started_at {time},
    finished_at {time},
    CONSTRAINT every_contact_has_one_outcome CHECK (changed_count + unchanged_count + failed_count <= COALESCE(total, 0)),
    CONSTRAINT no_contact_is_left_out
        CHECK (status <> 'COMPLETED' OR changed_count + unchanged_count + failed_count = total)
);
CREATE INDEX IF NOT EXISTS operation_workspace ON operation (workspace_id, id);
CREATE TABLE IF NOT EXISTS operation_part (
    operation_id bigint NOT NULL REFERENCES operation ON DELETE CASCADE,
    part bigint NOT NULL,
    contacts {json} NOT NULL,
    PRIMARY KEY (operation_id, part)
);
CREATE TABLE IF NOT EXISTS operation_error (
    operation_id bigint NOT NULL REFERENCES operation ON DELETE CASCADE,
    contact_id bigint NOT NULL,
    code text NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (operation_id, contact_id)
{no_rowid}";
