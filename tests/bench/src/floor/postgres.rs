//! The floor on PostgreSQL: the fastest way that writes rows which may be there already.

use super::{COLUMNS, Document, NOW};
use crate::person::Person;
use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    fmt::Write,
    time::{Duration, Instant},
};

/// Makes the table that batches are copied into; as a temporary one it is not logged.
pub(super) async fn prepare(conn: &mut PgConnection) -> Result<()> {
    let columns = COLUMNS.join(", ");
    let sql = format!(
        "CREATE TEMPORARY TABLE staging ON COMMIT DELETE ROWS AS SELECT {columns} FROM contact LIMIT 0"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

/// Writes one batch in one transaction.
pub(super) async fn write(conn: &mut PgConnection, rows: &[(i64, Person)]) -> Result<Duration> {
    let mut text = String::new();
    for (id, person) in rows {
        line(&mut text, *id, person);
    }
    let set = COLUMNS[1..].iter();
    let set: Vec<String> = set
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    let contacts = format!(
        "INSERT INTO contact ({columns}) SELECT {columns} FROM staging ON CONFLICT (id) DO UPDATE SET {}",
        set.join(", "),
        columns = COLUMNS.join(", "),
    );
    let begun = Instant::now();
    let mut transaction = conn.begin().await?;
    let mut copy = transaction.copy_in_raw("COPY staging FROM STDIN").await?;
    copy.send(text.as_bytes()).await?;
    copy.finish().await?;
    sqlx::query(AssertSqlSafe(contacts))
        .execute(&mut *transaction)
        .await?;
    sqlx::query(ADDRESSES).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(begun.elapsed())
}

const ADDRESSES: &str =
    "INSERT INTO contact_channel (workspace_id, contact_id, channel_id, address, created_at)
    SELECT workspace_id, id, 1, phone, created_at FROM staging
    ON CONFLICT (workspace_id, channel_id, address) DO UPDATE SET contact_id = excluded.contact_id";

/// One line of COPY's text format.
fn line(text: &mut String, id: i64, person: &Person) {
    let document = Document::of(person);
    let [attributes, comparable] =
        [document.attributes, document.comparable].map(|json| json.replace('\\', "\\\\"));
    let (search, reach) = (document.search, document.reach);
    let Person {
        email,
        name,
        name_key,
        phone,
        city_key,
        plan,
        score,
        ..
    } = person;
    let _ = writeln!(
        text,
        "{id}\t1\t{name}\t{name_key}\tt\t{name}\t{email}\t{email}\t{phone}\tACTIVE\tt\tf\t{attributes}\t{comparable}\t{search}\t{reach}\t1\t{NOW}\t{NOW}\t{city_key}\t{plan}\t{score}"
    );
}
