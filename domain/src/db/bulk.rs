//! Many rows in one statement: `unnest` of one array a column on PostgreSQL, VALUES in chunks on SQLite.
//!
//! PostgreSQL's arrays travel as text literals: the client library's arrays hold no NULL.

use super::dialect::{Kind, statement};
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Value};
use std::fmt::Write as _;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A whole number of any width.
    Int(i64),
    /// A double; never infinite, never NaN.
    Double(f64),
    /// Text, or a JSON document as text.
    Text(String),
    /// A boolean.
    Boolean(bool),
    /// An instant, to the microsecond.
    Time(DateTime<Utc>),
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, |text| Self::Text(text.to_owned()))
    }
}

impl From<Option<DateTime<Utc>>> for Cell {
    fn from(time: Option<DateTime<Utc>>) -> Self {
        time.map_or(Self::Null, Self::Time)
    }
}

/// A column of a table and its type.
pub type Column = (&'static str, Kind);

/// SQLite's statements are cut at this many rows: one text, prepared once, for almost all of them.
const SQLITE_CHUNK: usize = 128;

/// How many of `left` rows SQLite's next statement has: those that are left over are cut into powers of two, so that few texts are ever prepared.
fn chunk(left: usize) -> usize {
    match left {
        0..SQLITE_CHUNK => 1 << left.max(1).ilog2(),
        _ => SQLITE_CHUNK,
    }
}

/// Inserts `rows`, each with a cell for each of `columns`; `suffix` may hold ON CONFLICT. Columns that are empty throughout are left
/// out. Returns how many rows were written.
///
/// # Errors
/// When the database refuses one of the rows; the transaction is then to be given up.
pub async fn insert(
    conn: &impl ConnectionTrait,
    table: &str,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
    suffix: &str,
) -> Result<u64, DbErr> {
    if rows.is_empty() {
        return Ok(0);
    }
    let used: Vec<usize> = (0..columns.len())
        .filter(|&c| rows.iter().any(|row| row[c] != Cell::Null))
        .collect();
    let names: Vec<&str> = used.iter().map(|&c| columns[c].0).collect();
    let names = names.join(", ");
    if conn.get_database_backend() == DbBackend::Postgres {
        let (arrays, values) = arrays(columns, &used, &rows);
        let sql = format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {suffix}");
        return Ok(conn
            .execute_raw(statement(conn, &sql, values))
            .await?
            .rows_affected());
    }
    let mut written = 0;
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let size = chunk(rows.len());
        let chunk: Vec<Vec<Cell>> = rows.by_ref().take(size).collect();
        let sql = format!(
            "INSERT INTO {table} ({names}) VALUES {} {suffix}",
            tuples(chunk.len(), columns, &used)
        );
        written += conn
            .execute_raw(statement(conn, &sql, bind(chunk, &used)))
            .await?
            .rows_affected();
    }
    Ok(written)
}

/// Updates the rows whose first column (the key) is that of one of `rows` with all the other columns. Returns how many were there.
///
/// # Errors
/// When the database refuses one of the rows; the transaction is then to be given up.
pub async fn update(
    conn: &impl ConnectionTrait,
    table: &str,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
) -> Result<u64, DbErr> {
    if rows.is_empty() {
        return Ok(0);
    }
    let all: Vec<usize> = (0..columns.len()).collect();
    let key = columns[0].0;
    if conn.get_database_backend() == DbBackend::Postgres {
        let (arrays, values) = arrays(columns, &all, &rows);
        let names: Vec<&str> = columns.iter().map(|column| column.0).collect();
        let set: Vec<String> = names[1..]
            .iter()
            .map(|name| format!("{name} = new.{name}"))
            .collect();
        let sql = format!(
            "UPDATE {table} SET {} FROM unnest({arrays}) AS new ({}) WHERE {table}.{key} = new.{key}",
            set.join(", "),
            names.join(", ")
        );
        return Ok(conn
            .execute_raw(statement(conn, &sql, values))
            .await?
            .rows_affected());
    }
    let set: Vec<String> = columns
        .iter()
        .enumerate()
        .skip(1)
        .map(|(c, column)| format!("{} = new.column{}", column.0, c + 1))
        .collect();
    let mut written = 0;
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let size = chunk(rows.len());
        let chunk: Vec<Vec<Cell>> = rows.by_ref().take(size).collect();
        let sql = format!(
            "UPDATE {table} SET {} FROM (VALUES {}) AS new WHERE {table}.{key} = new.column1",
            set.join(", "),
            tuples(chunk.len(), columns, &all)
        );
        written += conn
            .execute_raw(statement(conn, &sql, bind(chunk, &all)))
            .await?
            .rows_affected();
    }
    Ok(written)
}

/// `$1::bigint[], $2::text[] …` and an array literal for each.
fn arrays(columns: &[Column], used: &[usize], rows: &[Vec<Cell>]) -> (String, Vec<Value>) {
    let mut sql = String::new();
    let mut values = Vec::with_capacity(used.len());
    for (n, &c) in used.iter().enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        let _ = write!(sql, "{comma}${}::{}[]", n + 1, columns[c].1.postgres());
        values.push(array_literal(rows.iter().map(|row| &row[c])).into());
    }
    (sql, values)
}

/// A PostgreSQL array as text: `{1,NULL,"a \"b\""}`.
pub(super) fn array_literal<'a>(cells: impl Iterator<Item = &'a Cell>) -> String {
    let mut text = String::from("{");
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            text.push(',');
        }
        match cell {
            Cell::Null => text.push_str("NULL"),
            Cell::Int(number) => {
                let _ = write!(text, "{number}");
            }
            Cell::Double(number) => {
                let _ = write!(text, "{number:?}");
            }
            Cell::Boolean(yes) => text.push(if *yes { 't' } else { 'f' }),
            Cell::Time(time) => {
                let _ = write!(
                    text,
                    "\"{}\"",
                    time.to_rfc3339_opts(SecondsFormat::Micros, true)
                );
            }
            Cell::Text(value) => quote(&mut text, value),
        }
    }
    text.push('}');
    text
}

fn quote(text: &mut String, value: &str) {
    text.push('"');
    let mut rest = value;
    while let Some(at) = rest.find(['"', '\\']) {
        text.push_str(&rest[..at]);
        text.push('\\');
        text.push_str(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    text.push('"');
}

/// A JSON array of numbers and texts, for SQLite's `json_each`.
pub(super) fn json_array(cells: &[Cell]) -> String {
    let values = cells.iter().map(|cell| match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Int(number) => (*number).into(),
        Cell::Double(number) => (*number).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Boolean(yes) => (*yes).into(),
        Cell::Time(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, false).into(),
    });
    serde_json::Value::Array(values.collect()).to_string()
}

/// `(?, ?), (?, ?)`: `rows` tuples of the columns used.
fn tuples(rows: usize, columns: &[Column], used: &[usize]) -> String {
    let place = |&c: &usize| match columns[c].1 {
        Kind::JsonBinary => "jsonb(?)",
        _ => "?",
    };
    let tuple = format!(
        "({})",
        used.iter().map(place).collect::<Vec<_>>().join(", ")
    );
    vec![tuple.as_str(); rows].join(", ")
}

fn bind(rows: Vec<Vec<Cell>>, used: &[usize]) -> Vec<Value> {
    let mut values = Vec::with_capacity(rows.len() * used.len());
    for mut row in rows {
        for &c in used {
            values.push(match std::mem::replace(&mut row[c], Cell::Null) {
                Cell::Null => Value::String(None),
                Cell::Int(number) => number.into(),
                Cell::Double(number) => number.into(),
                Cell::Text(text) => text.into(),
                Cell::Boolean(yes) => yes.into(),
                Cell::Time(time) => time.into(),
            });
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_over_is_cut_into_powers_of_two() {
        let cut = |mut left: usize| {
            let mut sizes = Vec::new();
            while left > 0 {
                sizes.push(chunk(left));
                left -= chunk(left);
            }
            sizes
        };
        assert_eq!(cut(300), [128, 128, 32, 8, 4]);
        assert_eq!(cut(127), [64, 32, 16, 8, 4, 2, 1]);
        assert!(cut(0).is_empty());
    }

    #[test]
    fn an_array_literal_keeps_nulls_quotes_and_backslashes() {
        let cells = [
            Cell::Null,
            Cell::Text("NULL".into()),
            Cell::Text("a \"b\" \\ {c},d".into()),
            Cell::Text(String::new()),
            Cell::Int(-1),
            Cell::Double(0.1),
        ];
        assert_eq!(
            array_literal(cells.iter()),
            r#"{NULL,"NULL","a \"b\" \\ {c},d","",-1,0.1}"#
        );
    }
}
