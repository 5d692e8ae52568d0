//! The e-mail addresses beyond ASCII, told apart so that PostgreSQL's planner knows how few they are.
//!
//! It takes a comparison of two lengths for true of almost everybody, and then reads the table for one address; of a pattern it asks the
//! histogram of the addresses. SQLite's index stays: its planner takes a partial index as it is.

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000003_email"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for statement in POSTGRES {
            let conn = manager.get_connection();
            conn.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// As the first step: it can run again after a crash.
    fn use_transaction(&self) -> Option<bool> {
        None
    }
}

const POSTGRES: [&str; 2] = [
    "CREATE INDEX IF NOT EXISTS contact_email_beyond_ascii ON contact (workspace_id, id) WHERE email ~ '[^[:ascii:]]'",
    "DROP INDEX IF EXISTS contact_email_others",
];
