//! A page of contacts by SQL written by hand: what Roster's own pages are compared with.

/// Rows of a page, and one more, which tells that there are more.
pub(crate) const ROWS: u32 = 51;

/// The columns of a contact that Roster itself reads for a page.
pub(crate) const FIELDS: &str = "id, workspace_id, display_name, name_key, name, first_name, last_name, username, title, account, email, email_key,
    phone, country, language, status, blocked_at, opted_out_at, bot_active, receives_support_requests, attributes, version,
    created_at, updated_at";

/// Whose contacts.
pub(crate) const SCOPE: &str = "workspace_id = 1 AND status IN ('ACTIVE')";

/// The first page of those for whom `condition` holds, sorted by `order`.
pub(crate) fn page(condition: &str, order: &str) -> String {
    format!(
        "SELECT {FIELDS} FROM contact WHERE {SCOPE} AND {condition} ORDER BY {order} LIMIT {ROWS}"
    )
}

/// The newest first.
pub(crate) const NEWEST: &str = "created_at DESC, id DESC";
