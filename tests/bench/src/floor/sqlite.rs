//! The floor on SQLite: a loop over prepared statements.

use super::{COLUMNS, Document, NOW};
use crate::person::Person;
use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::time::{Duration, Instant};

/// Writes one batch in one transaction, `at_once` rows a statement.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    rows: &[(i64, Person)],
    at_once: usize,
) -> Result<Duration> {
    let documents: Vec<Document> = rows
        .iter()
        .map(|(_, person)| Document::of(person))
        .collect();
    let begun = Instant::now();
    let mut transaction = conn.begin_with("BEGIN IMMEDIATE").await?;
    for (rows, documents) in rows.chunks(at_once).zip(documents.chunks(at_once)) {
        let sql = insert("contact", &COLUMNS, rows.len());
        let mut contacts = sqlx::query(AssertSqlSafe(sql));
        for ((id, person), document) in rows.iter().zip(documents) {
            contacts = contacts
                .bind(id)
                .bind(1)
                .bind(&person.name)
                .bind(&person.name_key)
                .bind(true)
                .bind(&person.name)
                .bind(&person.email)
                .bind(&person.email)
                .bind(&person.phone)
                .bind("ACTIVE")
                .bind(true)
                .bind(false)
                .bind(&document.attributes)
                .bind(&document.comparable)
                .bind(&document.search)
                .bind(&document.reach)
                .bind(1)
                .bind(NOW)
                .bind(NOW)
                .bind(person.city_key)
                .bind(person.plan)
                .bind(f64::from(person.score));
        }
        contacts.execute(&mut *transaction).await?;
        let sql = insert("contact_channel", &ADDRESS, rows.len());
        let mut addresses = sqlx::query(AssertSqlSafe(sql));
        for (id, person) in rows {
            addresses = addresses
                .bind(1)
                .bind(id)
                .bind(1)
                .bind(&person.phone)
                .bind(NOW);
        }
        addresses.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(begun.elapsed())
}

const ADDRESS: [&str; 5] = [
    "workspace_id",
    "contact_id",
    "channel_id",
    "address",
    "created_at",
];

fn insert(table: &str, columns: &[&str], rows: usize) -> String {
    let place = |column: &&str| match *column {
        "comparable" => "jsonb(?)",
        _ => "?",
    };
    let places: Vec<&str> = columns.iter().map(place).collect();
    let tuple = format!("({})", places.join(", "));
    let tuples = vec![tuple; rows].join(", ");
    format!(
        "INSERT INTO {table} ({}) VALUES {tuples}",
        columns.join(", ")
    )
}
