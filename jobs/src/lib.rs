//! Placeholder.

pub mod daily;
pub mod queue;
pub mod run_import;

/// Placeholder.
pub struct Services {
    /// db
    pub db: domain::db::Db,
    /// store
    pub store: domain::store::Store,
}
