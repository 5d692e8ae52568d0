//! Workspaces, members with their teams, tokens; the channels of a workspace.

pub(super) const PEOPLE: &str = "
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
    member_id bigint REFERENCES member ON DELETE CASCADE,
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
CREATE INDEX IF NOT EXISTS api_token_workspace ON api_token (workspace_id, id);
CREATE TABLE IF NOT EXISTS team (
    id {id},
    workspace_id bigint NOT NULL REFERENCES workspace,
    name text NOT NULL,
    name_key text NOT NULL,
    created_at {time} NOT NULL,
    UNIQUE (workspace_id, name_key)
);
CREATE TABLE IF NOT EXISTS team_member (
    team_id bigint NOT NULL REFERENCES team ON DELETE CASCADE,
    member_id bigint NOT NULL REFERENCES member ON DELETE CASCADE,
    PRIMARY KEY (team_id, member_id)
{no_rowid};
CREATE INDEX IF NOT EXISTS team_member_member ON team_member (member_id, team_id)";

pub(super) const CHANNELS: &str = "
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
