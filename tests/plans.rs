//! What SQLite's planner is told of the tables that grow. Without it ten rows are what a workspace has, and whatever else a query names is read past.

use crate::harness::{Kind, Site};
use domain::db::Db;
use sea_orm::{ConnectionTrait, Statement};

/// Tables of which a workspace has few rows, or whose every query names what makes them few.
const SMALL: [&str; 18] = [
    "api_token",
    "attribute",
    "block",
    "bot_event",
    "bot_state",
    "broadcast",
    "channel",
    "contact_total",
    "conversation_number",
    "export",
    "import",
    "inbox",
    "member",
    "operation",
    "segment",
    "tag",
    "team",
    "template",
];

async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let rows = Statement::from_string(db.backend(), sql);
    let rows = db.read().query_all_raw(rows).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

#[tokio::test]
async fn every_index_of_a_whole_workspace_has_numbers() {
    let site = Site::new(Kind::Sqlite).await;
    let db = site.db().await;
    let sql = "SELECT tables.name || ' ' || indexes.name FROM sqlite_schema AS tables
        JOIN pragma_index_list(tables.name) AS indexes
        JOIN pragma_index_info(indexes.name) AS columns ON columns.seqno = 0
        WHERE tables.type = 'table' AND NOT indexes.partial AND columns.name = 'workspace_id'
            AND NOT EXISTS (SELECT 1 FROM sqlite_stat1 WHERE idx = indexes.name)";
    let bare = texts(&db, sql).await;
    let is_small = |found: &&String| {
        SMALL
            .iter()
            .any(|table| found.starts_with(&format!("{table} ")))
    };
    let missing: Vec<&String> = bare.iter().filter(|found| !is_small(found)).collect();
    assert!(
        missing.is_empty(),
        "give them numbers in a migration: {missing:#?}"
    );
    for (sql, index) in [
        (
            "SELECT * FROM message WHERE channel_id = 1 AND workspace_id + 0 = 1 AND provider_id IN (SELECT value FROM json_each('[]')) ORDER BY id",
            "message_provider_id",
        ),
        (
            "SELECT * FROM message WHERE workspace_id = 1 AND contact_id = 1 AND channel_id = 1 AND status = 'SENT'",
            "message_contact",
        ),
        (
            "SELECT * FROM message WHERE workspace_id = 1 ORDER BY updated_at",
            "message_updated_at",
        ),
        (
            "SELECT * FROM conversation WHERE workspace_id = 1 AND contact_id = 1 ORDER BY opened_at DESC",
            "conversation_contact",
        ),
        (
            "SELECT * FROM contact_channel WHERE workspace_id = 1 AND contact_id IN (1, 2, 3) ORDER BY id",
            "contact_channel_contact",
        ),
        (
            "SELECT * FROM delivery WHERE send_id = 1 AND status = 'PENDING' AND delivery.status IN ('PENDING', 'SENDING') ORDER BY next_at",
            "delivery_open",
        ),
    ] {
        let rows = Statement::from_string(db.backend(), format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = db.read().query_all_raw(rows).await.unwrap();
        let plan: String = rows[0].try_get("", "detail").unwrap();
        assert!(plan.contains(index), "{sql}: {plan}");
    }
    db.read().clone().close().await.unwrap();
    site.finish().await;
}
