//! What a database holds, asked of itself: a number, or everything, to tell whether anything has changed.

use super::Harness;
use domain::db::Db;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::collections::BTreeMap;

/// What changes although nobody does anything: keys that are told again, and who is alive.
const RESTLESS: [&str; 3] = ["idempotency_key", "Workers", "workers"];

/// When a token was used last says nothing of what was done with it.
const USED: &str = "last_used_at";

impl Harness {
    /// The number that a statement answers with.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let row = rows(&self.db, sql).await.swap_remove(0);
        row.try_get_by_index(0).unwrap()
    }
}

/// The rows of every table as text, in no order of the database's.
pub(crate) async fn contents(db: &Db) -> BTreeMap<String, Vec<String>> {
    let columns = match db.backend() {
        DbBackend::Postgres => {
            "SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS source, table_name AS name,
                'coalesce(' || quote_ident(column_name) || '::text, ''null'')' AS cell, column_name AS of
             FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
             WHERE table_schema IN ('public', 'apalis') AND table_type = 'BASE TABLE' ORDER BY 1, ordinal_position"
        }
        _ => {
            "SELECT '\"' || t.name || '\"' AS source, t.name, 'quote(\"' || c.name || '\")' AS cell, c.name AS of
             FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 1, c.cid"
        }
    };
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows(db, columns).await {
        let get = |column| row.try_get::<String>("", column).unwrap();
        if !RESTLESS.contains(&get("name").as_str()) && get("of") != USED {
            tables.entry(get("source")).or_default().push(get("cell"));
        }
    }
    let mut contents = BTreeMap::new();
    for (table, cells) in tables {
        let sql = format!("SELECT {} AS line FROM {table}", cells.join(" || ', ' || "));
        let lines = rows(db, &sql).await.into_iter();
        let mut lines: Vec<String> = lines.map(|row| row.try_get("", "line").unwrap()).collect();
        lines.sort_unstable();
        contents.insert(table, lines);
    }
    contents
}

async fn rows(db: &Db, sql: &str) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_string(db.backend(), sql);
    db.read().query_all_raw(statement).await.unwrap()
}
