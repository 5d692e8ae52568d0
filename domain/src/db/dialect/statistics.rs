//! What the planners know of the tables.

use crate::db::Db;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// Lets the planner know tables that have grown, so that what is asked next is answered by the right index: PostgreSQL notices by itself, but
/// up to a minute later.
///
/// # Errors
/// When the database refuses.
pub async fn refresh_statistics(db: &Db) -> Result<(), DbErr> {
    if db.backend() == DbBackend::Postgres {
        let tx = db.write().await?;
        // A third of the rows that PostgreSQL looks at by itself, later: whoever imports waits for it.
        let sql = "SET LOCAL default_statistics_target = 30;
            ANALYZE contact, contact_channel, contact_tag, segment_member, import_row";
        tx.execute_unprepared(sql).await?;
        return tx.commit().await;
    }
    let indexes = Statement::from_string(
        DbBackend::Sqlite,
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'contact'
        UNION ALL VALUES ('contact_channel'), ('contact_tag'), ('segment_member'), ('import_row')",
    );
    // One after the other: whoever wants to write waits for one of them at most. A sample of SQLite's would not do: it takes what is
    // frequent for rare.
    for row in db.read().query_all_raw(indexes).await? {
        let name: String = row.try_get("", "name")?;
        let tx = db.write().await?;
        tx.execute_unprepared(&format!("ANALYZE \"{name}\""))
            .await?;
        tx.commit().await?;
    }
    // A connection reads the statistics with the schema: one that changes, if only for a moment, is read again by all of them.
    let tx = db.write().await?;
    tx.execute_unprepared(
        "CREATE VIEW statistics_changed AS SELECT 1; DROP VIEW statistics_changed",
    )
    .await?;
    tx.commit().await
}
