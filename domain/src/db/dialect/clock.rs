//! The clock that all processes share, and what is compared with it.

use sea_orm::DbBackend;

/// The database's own clock, in microseconds since 1970, so that all who ask mean the same; SQLite's is that of the one machine.
pub(crate) fn now_micros(backend: DbBackend) -> String {
    match backend {
        DbBackend::Postgres => {
            "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)".to_owned()
        }
        _ => crate::clock::now().timestamp_micros().to_string(),
    }
}

/// The function that picks the greater of two values.
pub(crate) fn greater(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "greatest",
        _ => "max",
    }
}
