//! Imports with an outcome for each row, and the objects on their way into the store.

pub(super) const IMPORTS: &str = "
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
    segment_id bigint REFERENCES segment ON DELETE SET NULL,
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
    created_by_member_id bigint REFERENCES member ON DELETE SET NULL,
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
CREATE INDEX IF NOT EXISTS import_row_contact ON import_row (contact_id, import_id) WHERE outcome < 3;
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
{no_rowid};
CREATE TABLE IF NOT EXISTS pending_object (
    key text PRIMARY KEY,
    created_at {time} NOT NULL
);
CREATE INDEX IF NOT EXISTS pending_object_created_at ON pending_object (created_at)";
