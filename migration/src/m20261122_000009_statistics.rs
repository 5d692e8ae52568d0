//! What SQLite's planner is to take for true of the tables that grow, until an import has them counted.
//!
//! Without any word it takes ten rows for what a workspace has, whatever else a query names: it read all messages of a workspace to find one by the
//! provider's name of it. These numbers stand for any large installation: rows in all, then those that agree in the first column of the index, in the first two,
//! and so on (`sqlite_stat1`, which SQLite's documentation names as the place to pin plans).

use sea_orm::{ConnectionTrait, DbBackend};
use sea_orm_migration::prelude::*;

/// See the module.
pub(crate) struct Migration;

/// Tables, their indexes, and the numbers. Indexes that no query can use without what makes them rare need none.
const NUMBERS: [(&str, &str, &str); 17] = [
    ("contact", "contact_created_at", "1000000 1000000 2 1"),
    ("contact", "contact_name_key", "1000000 1000000 2 1"),
    (
        "contact_channel",
        "sqlite_autoindex_contact_channel_1",
        "1000000 1000000 200000 1",
    ),
    ("contact_channel", "contact_channel_contact", "1000000 2"),
    (
        "conversation",
        "sqlite_autoindex_conversation_1",
        "1000000 1000000 1",
    ),
    ("conversation", "conversation_open", "100000 1 1"),
    ("conversation", "conversation_contact", "1000000 3 1 1"),
    (
        "conversation",
        "conversation_opened_at",
        "1000000 1000000 2 1",
    ),
    (
        "conversation",
        "conversation_updated_at",
        "1000000 1000000 2",
    ),
    ("conversation", "conversation_assignee", "500000 20000"),
    ("message", "message_provider_id", "1000000 200000 1"),
    ("message", "message_contact", "1000000 20 1 1"),
    ("message", "message_conversation", "1000000 10 1 1"),
    ("message", "message_updated_at", "1000000 1000000 2"),
    ("delivery", "delivery_contact", "1000000 5 1"),
    ("delivery", "delivery_address", "1000000 100000 1"),
    ("delivery", "delivery_open", "100000 50000 25000 10 1"),
];

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261122_000009_statistics"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if db.get_database_backend() == DbBackend::Postgres {
            return Ok(());
        }
        // Makes the table where nothing has been counted yet.
        db.execute_unprepared("ANALYZE sqlite_schema").await?;
        for (table, index, numbers) in NUMBERS {
            let sql = format!(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) SELECT '{table}', '{index}', '{numbers}'
                WHERE NOT EXISTS (SELECT 1 FROM sqlite_stat1 WHERE idx = '{index}')"
            );
            db.execute_unprepared(&sql).await?;
        }
        // A connection reads them with the schema, when that has changed.
        for sql in [
            "CREATE VIEW statistics_changed AS SELECT 1",
            "DROP VIEW statistics_changed",
        ] {
            db.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
