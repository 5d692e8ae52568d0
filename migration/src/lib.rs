//! The schema of the database, step by step. Each step is one file and is never changed once released.
//!
//! [`run`] may be called by any number of processes at once: they take turns, and the first migrates.

mod lock;
mod m20261121_000001_schema;
mod m20261122_000001_channels;
mod m20261122_000002_messages;
mod m20261122_000003_email;
mod m20261122_000004_broadcasts;
mod m20261122_000006_bot;
mod m20261122_000007_preferences;
mod m20261122_000008_tries;
mod m20261122_000009_statistics;
mod m20261122_000010_sends;
mod m20261123_000011_idempotency;
mod m20261123_000012_import_times;
mod m20261124_000013_idempotency_free;
pub mod queue;
mod sql;

use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// The list of steps.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_schema::Migration),
            Box::new(m20261122_000001_channels::Migration),
            Box::new(m20261122_000002_messages::Migration),
            Box::new(m20261122_000003_email::Migration),
            Box::new(m20261122_000004_broadcasts::Migration),
            Box::new(m20261122_000006_bot::Migration),
            Box::new(m20261122_000007_preferences::Migration),
            Box::new(m20261122_000008_tries::Migration),
            Box::new(m20261122_000009_statistics::Migration),
            Box::new(m20261122_000010_sends::Migration),
            Box::new(m20261123_000011_idempotency::Migration),
            Box::new(m20261123_000012_import_times::Migration),
            Box::new(m20261124_000013_idempotency_free::Migration),
        ]
    }
}

/// Brings the database to the newest schema, that of the job queue included.
///
/// `db` must be a pool of **one** connection: on PostgreSQL the lock belongs to a session.
///
/// # Errors
/// When the database refuses a statement; what was migrated before stays, and the next call goes on from there.
pub async fn run(db: &DatabaseConnection) -> Result<(), DbErr> {
    let lock = lock::acquire(db).await?;
    let migrated = match Migrator::up(db, None).await {
        Ok(()) => queue::up(db).await,
        Err(error) => Err(error),
    };
    lock.release(db).await?;
    migrated
}

/// Whether the database has every step of this program.
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_current(db: &DatabaseConnection) -> Result<bool, DbErr> {
    Ok(Migrator::get_pending_migrations(db).await?.is_empty())
}
