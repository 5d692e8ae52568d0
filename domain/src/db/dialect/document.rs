//! How the databases look into the JSON documents of a contact: its values, and the comparable copies of them.

use sea_orm::DbBackend;

/// A text of the contact's comparable document, or whatever stands there as text; NULL where there is nothing. `key` has letters and digits alone.
pub(crate) fn comparable(backend: DbBackend, key: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("(contact.comparable ->> '{key}')"),
        _ => format!("(contact.comparable ->> '$.\"{key}\"')"),
    }
}

/// What [`comparable`] gives, as a number.
pub(crate) fn as_double(backend: DbBackend, comparable: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST({comparable} AS double precision)"),
        _ => comparable.to_owned(),
    }
}

/// What [`comparable`] gives, as a whole number.
pub(crate) fn as_bigint(backend: DbBackend, comparable: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST({comparable} AS bigint)"),
        _ => comparable.to_owned(),
    }
}

/// Behind what [`comparable`] gives: whether it is true, or false.
pub(crate) fn is_true(backend: DbBackend, wanted: bool) -> &'static str {
    match (backend, wanted) {
        (DbBackend::Postgres, true) => " = 'true'",
        (DbBackend::Postgres, false) => " = 'false'",
        (_, true) => " = 1",
        (_, false) => " = 0",
    }
}

/// The number at a place of a list in the comparable document.
pub(crate) fn item_as_double(backend: DbBackend, key: &str, place: usize) -> String {
    match backend {
        DbBackend::Postgres => {
            format!("CAST(contact.comparable -> '{key}' ->> {place} AS double precision)")
        }
        _ => format!("(contact.comparable ->> '$.\"{key}\"[{place}]')"),
    }
}

/// How many items a list in the comparable document has; NULL where there is none.
pub(crate) fn array_length(backend: DbBackend, key: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("jsonb_array_length(contact.comparable -> '{key}')"),
        _ => format!("json_array_length(contact.comparable, '$.\"{key}\"')"),
    }
}

/// What stands before and behind a [`list`] of texts, to say that a list in the comparable document has one of them.
pub(crate) fn has_item(backend: DbBackend, key: &str) -> (String, &'static str) {
    match backend {
        DbBackend::Postgres => (
            format!("jsonb_exists_any(contact.comparable -> '{key}', "),
            "::text[])",
        ),
        _ => (
            format!(
                "EXISTS (SELECT 1 FROM json_each(contact.comparable, '$.\"{key}\"') AS item WHERE item.value IN (SELECT value FROM json_each("
            ),
            ")))",
        ),
    }
}

/// Whether the contact's document of values has an entry of this key, which has digits alone.
pub(crate) fn has_value(backend: DbBackend, key: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("jsonb_exists(contact.attributes, '{key}')"),
        _ => format!("json_type(contact.attributes, '$.\"{key}\"') IS NOT NULL"),
    }
}

/// The function that lists the entries of a JSON document, each with its `key`.
pub(crate) fn entries(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "jsonb_each",
        _ => "json_each",
    }
}
