//! The floor of an export: the same columns by SQL, written to a file.

use super::Run;
use crate::{
    crowd::{ATTRIBUTES, table::Table},
    database::Conn,
};
use anyhow::{Context, Result};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, PgConnection, Row, SqliteConnection};
use std::{
    fs::File,
    io::{BufWriter, Write},
    time::Instant,
};

/// Once over the whole table.
pub(super) async fn run(table: &Table) -> Result<Run> {
    let path = table.site.path().join("floor.csv");
    let mut file = BufWriter::new(File::create(&path)?);
    let mut conn = table.site.connect().await?;
    let ids = ids(&mut conn).await?;
    let begun = Instant::now();
    match &mut conn {
        Conn::Postgres(conn) => copy(conn, &ids, &mut file).await?,
        Conn::Sqlite(conn) => read(conn, &ids, &mut file).await?,
    }
    file.flush()?;
    let took = begun.elapsed();
    conn.close().await?;
    let bytes = std::fs::metadata(&path)?.len();
    std::fs::remove_file(path)?;
    Ok(Run {
        took,
        bytes,
        above_idle: None,
    })
}

/// The attributes' ids, by which their values are kept.
async fn ids(conn: &mut Conn) -> Result<Vec<String>> {
    let lines = conn
        .texts("SELECT key || ' ' || cast(id AS text) FROM attribute")
        .await?;
    let id = |key: &str| {
        let line = lines
            .iter()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
        line.map(str::to_owned)
            .with_context(|| format!("no attribute {key}"))
    };
    ATTRIBUTES.iter().map(|(key, _, _)| id(key)).collect()
}

const FIELDS: [&str; 5] = ["display_name", "phone", "email", "status", "created_at"];

async fn copy(conn: &mut PgConnection, ids: &[String], file: &mut impl Write) -> Result<()> {
    let values = ids.iter().map(|id| format!("attributes ->> '{id}'"));
    let columns: Vec<String> = FIELDS
        .map(str::to_owned)
        .into_iter()
        .chain(values)
        .collect();
    let sql = format!(
        "COPY (SELECT {} FROM contact WHERE workspace_id = 1 AND status = 'ACTIVE') TO STDOUT (FORMAT csv)",
        columns.join(", ")
    );
    let mut chunks = conn.copy_out_raw(&sql).await?;
    while let Some(chunk) = chunks.try_next().await? {
        file.write_all(&chunk)?;
    }
    Ok(())
}

async fn read(conn: &mut SqliteConnection, ids: &[String], file: &mut impl Write) -> Result<()> {
    let values = ids.iter().map(|id| format!("attributes ->> '$.\"{id}\"'"));
    let values = values.map(|value| format!("cast({value} AS text)"));
    let columns: Vec<String> = FIELDS
        .map(str::to_owned)
        .into_iter()
        .chain(values)
        .collect();
    let sql = format!(
        "SELECT {} FROM contact WHERE workspace_id = 1 AND status = 'ACTIVE'",
        columns.join(", ")
    );
    let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        for at in 0..FIELDS.len() + ids.len() {
            if at > 0 {
                file.write_all(b",")?;
            }
            cell(
                file,
                row.try_get::<Option<&str>, _>(at)?.unwrap_or_default(),
            )?;
        }
        file.write_all(b"\r\n")?;
    }
    Ok(())
}

fn cell(file: &mut impl Write, text: &str) -> Result<()> {
    if text.contains([',', '"', '\n']) {
        write!(file, "\"{}\"", text.replace('"', "\"\""))?;
    } else {
        file.write_all(text.as_bytes())?;
    }
    Ok(())
}
