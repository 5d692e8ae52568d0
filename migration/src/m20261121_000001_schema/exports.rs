//! Exports.

pub(super) const EXPORTS: &str = "
CREATE TABLE IF NOT EXISTS export (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    selection {json} NOT NULL,
    columns {json} NOT NULL,
    sort {json},
    format text NOT NULL,
    masked boolean NOT NULL,
    narrowed boolean NOT NULL,
    status text NOT NULL,
    writing_key text,
    total bigint,
    row_count bigint NOT NULL,
    snapshot_at {time},
    failure_message text,
    file_key text,
    file_size bigint NOT NULL,
    sha256 text,
    created_by_member_id bigint REFERENCES member ON DELETE SET NULL,
    created_by_name text NOT NULL,
    created_at {time} NOT NULL,
    started_at {time},
    finished_at {time},
    CONSTRAINT no_contact_is_left_out CHECK (status <> 'COMPLETED' OR row_count = total)
);
CREATE INDEX IF NOT EXISTS export_workspace ON export (workspace_id, id)";
