//! All that an import leaves behind and that must not hang on what happened on the way: no ids, no times.

use crate::harness::{Process, Site};
use reqwest::StatusCode;
use sea_orm::{FromQueryResult, JsonValue, Statement};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which rows are looked at, and which of their columns are ids, times or names that are drawn anew each time.
const TABLES: [(&str, &str, &[&str]); 6] = [
    ("contacts", "SELECT * FROM contact", &["id", "created_at", "updated_at"]),
    (
        "addresses",
        "SELECT channel_id, address, contact.* FROM contact_channel JOIN contact ON contact.id = contact_id",
        &["id", "created_at", "updated_at"],
    ),
    (
        "segment members",
        "SELECT segment.name AS segment, contact.email_key, contact.phone, contact.display_name FROM segment_member
            JOIN segment ON segment.id = segment_id JOIN contact ON contact.id = contact_id",
        &[],
    ),
    (
        "imports",
        "SELECT * FROM import",
        &["source_key", "result_key", "failed_key", "created_at", "started_at", "updated_at", "finished_at"],
    ),
    ("errors", "SELECT * FROM import_error", &[]),
    (
        "outcomes",
        "SELECT import_id, row, outcome, contact.email_key FROM import_row LEFT JOIN contact ON contact.id = contact_id",
        &[],
    ),
];

/// What is there.
pub(super) struct Snapshot {
    tables: BTreeMap<&'static str, Vec<String>>,
    files: [Vec<u8>; 2],
}

impl Snapshot {
    pub(super) async fn take(site: &Site, server: &Process, import: &Value) -> Self {
        let db = site.db().await;
        let mut tables = BTreeMap::new();
        for (name, sql, leave) in TABLES {
            let statement = Statement::from_string(db.backend(), sql);
            let rows = JsonValue::find_by_statement(statement).all(db.read());
            let mut rows: Vec<String> = rows
                .await
                .unwrap()
                .into_iter()
                .map(|mut row| {
                    let columns = row.as_object_mut().unwrap();
                    columns.retain(|column, _| !leave.contains(&column.as_str()));
                    row.to_string()
                })
                .collect();
            rows.sort();
            assert!(!rows.is_empty(), "{name}");
            tables.insert(name, rows);
        }
        db.read().clone().close().await.unwrap();
        let [result, failed] = ["resultFile", "failedRowsFile"]
            .map(|file| import[file]["url"].as_str().unwrap().to_owned());
        let files = [get(server, &result).await, get(server, &failed).await];
        Self { tables, files }
    }

    /// Fails with the first difference.
    pub(super) fn must_equal(&self, other: &Self) {
        for (name, rows) in &self.tables {
            let others = &other.tables[name];
            for (row, other) in rows.iter().zip(others) {
                assert_eq!(row, other, "{name}");
            }
            assert_eq!(rows.len(), others.len(), "{name}");
        }
        for (file, other) in self.files.iter().zip(&other.files) {
            assert!(!file.is_empty());
            assert!(file == other, "the files differ");
        }
    }
}

async fn get(server: &Process, link: &str) -> Vec<u8> {
    let (status, bytes) = server.download(link).await;
    assert_eq!(status, StatusCode::OK);
    bytes
}
