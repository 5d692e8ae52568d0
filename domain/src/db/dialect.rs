//! What differs between SQLite and PostgreSQL, all of it (the schema's few types apart, see `migration`).

mod clock;
mod document;
mod fault;
mod many;
mod statistics;

pub(crate) use clock::{greater, now_micros};
pub(crate) use document::*;
pub(crate) use fault::{is_of_values, is_passing};
pub use many::{any_of, list};
pub(crate) use many::{any_text, is_one_of, is_one_text};
pub use statistics::refresh_statistics;

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr,
    IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, Value,
    sea_query::{LikeExpr, SelectStatement},
};
use sqlx::sqlite::SqliteConnectOptions;
use std::time::Duration;

/// The PostgreSQL channel on which hints travel.
pub const NOTIFY_CHANNEL: &str = "roster";

/// Settings of every connection.
pub(super) fn tune(options: &mut ConnectOptions) {
    options.acquire_timeout(Duration::from_secs(30));
    options.map_sqlx_sqlite_opts(tuned);
    // A generic plan takes a scan for a rare value as readily as an index: lists are planned for their values. Compiling a statement takes
    // longer than most statements. Disks that find a page ten times slower than they read on are gone: with PostgreSQL's default, a tag's
    // contacts are joined with the whole table.
    options.map_sqlx_postgres_opts(|postgres| {
        postgres
            .options([
                ("plan_cache_mode", "force_custom_plan"),
                ("jit", "off"),
                ("random_page_cost", "1.1"),
            ])
            .application_name("roster")
    });
}

fn tuned(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(30))
        .pragma("journal_mode", "WAL")
        // FULL: what was acknowledged survives a power cut.
        .pragma("synchronous", "FULL")
        // Bounds the write-ahead log after a large import.
        .pragma("journal_size_limit", "67108864")
}

/// How many connections a pool has, and how many of them nobody uses.
pub(super) fn pool(conn: &DatabaseConnection) -> (u32, u32) {
    let (size, idle) = match conn.get_database_backend() {
        DbBackend::Postgres => {
            let pool = conn.get_postgres_connection_pool();
            (pool.size(), pool.num_idle())
        }
        _ => {
            let pool = conn.get_sqlite_connection_pool();
            (pool.size(), pool.num_idle())
        }
    };
    (size, u32::try_from(idle).unwrap_or(size))
}

/// The settings of the one connection that writes to SQLite; none: every connection may.
pub(super) fn writer(mut options: ConnectOptions) -> Option<ConnectOptions> {
    if !options.get_url().starts_with("sqlite:") {
        return None;
    }
    options.max_connections(1).map_sqlx_sqlite_opts(|sqlite| {
        tuned(sqlite)
            // 16 MiB: the upper pages of every index that an import writes to stay in memory.
            .pragma("cache_size", "-16384")
            // 32 MiB of log, eight times SQLite's own: an import touches pages of its indexes at random, and one that several batches touch is
            // copied into the file once. More would keep others waiting for longer than an edit may take.
            .pragma("wal_autocheckpoint", "8192")
    });
    Some(options)
}

/// A transaction that means to write says so at once: SQLite refuses one that reads first and writes later while another writes.
pub(super) fn write_options() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    }
}

/// A transaction whose statements all see the same moment. On SQLite each does.
pub(super) fn snapshot_options(backend: DbBackend) -> TransactionOptions {
    match backend {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..Default::default()
        },
        _ => TransactionOptions::default(),
    }
}

/// Whether each alternative of an OR must say the workspace for the planner to find the alternative's index.
pub(crate) fn is_scope_repeated(backend: DbBackend) -> bool {
    backend == DbBackend::Sqlite
}

/// Holds for contacts whose e-mail address has more than ASCII; as the index of these has it.
pub(crate) fn is_not_ascii_email(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "contact.email ~ '[^[:ascii:]]'",
        _ => "length(CAST(contact.email AS BLOB)) <> length(contact.email)",
    }
}

/// The ids of a contact's tags, as the text of a JSON list.
pub(crate) fn tags_of_contact(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "(SELECT json_agg(tag_id)::text FROM contact_tag WHERE contact_tag.contact_id = contact.id)"
        }
        _ => {
            "(SELECT json_group_array(tag_id) FROM contact_tag WHERE contact_tag.contact_id = contact.id)"
        }
    }
}

/// Sends a hint to the other processes with the commit. SQLite has no such way: there `PRAGMA data_version` is watched.
pub(super) async fn notify(conn: &impl ConnectionTrait, payload: &str) -> Result<(), DbErr> {
    if conn.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT pg_notify($1, $2)";
        conn.execute_raw(statement(
            conn,
            sql,
            [NOTIFY_CHANNEL.into(), payload.into()],
        ))
        .await?;
    }
    Ok(())
}

/// A statement of raw SQL, whose parameters are `$1`, `$2` … on both databases.
pub fn statement(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(conn.get_database_backend(), sql, values)
}

/// The type of a column, where PostgreSQL must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 64 bits.
    BigInt,
    /// 32 bits.
    Int,
    /// 16 bits.
    SmallInt,
    /// A double.
    Double,
    /// Text.
    Text,
    /// A JSON document, given as text.
    Json,
    /// The same, kept in the database's binary form: SQLite reads it twice as fast.
    JsonBinary,
    /// A boolean.
    Boolean,
    /// An instant.
    Time,
}

impl Kind {
    /// The name of the type in PostgreSQL.
    pub(crate) fn postgres(self) -> &'static str {
        match self {
            Self::BigInt => "bigint",
            Self::Int => "integer",
            Self::SmallInt => "smallint",
            Self::Double => "double precision",
            Self::Text => "text",
            Self::Json | Self::JsonBinary => "jsonb",
            Self::Boolean => "boolean",
            Self::Time => "timestamptz",
        }
    }
}

/// A LIKE pattern for texts that have `text` in them, whose escape character is `\`; `%` and `_` stand for themselves.
pub(crate) fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// [`pattern`] as an expression's right side.
pub fn containing(text: &str) -> LikeExpr {
    LikeExpr::new(pattern(text)).escape('\\')
}

/// The rows of `table` whose `column` is one of many values, `most` for each value: `SELECT columns … WHERE scope AND column IN (values)`.
///
/// On PostgreSQL each value is looked up by itself: the planner knows nothing of a table that has grown quickly, and takes a scan
/// of all of it for an index otherwise; and the `+ 0` keeps it from walking the primary key, in its order, past everybody. `scope` names
/// the columns that stand before `column` in the index, with `$1` and so on.
#[derive(Debug, Clone, Copy)]
pub struct Probe<'a> {
    /// What is selected.
    pub columns: &'a str,
    /// From where.
    pub table: &'a str,
    /// The conditions that hold for all of them.
    pub scope: &'a str,
    /// The column that is one of the values.
    pub column: &'a str,
    /// Its type.
    pub kind: Kind,
    /// Rows for each value at most.
    pub most: usize,
}

impl Probe<'_> {
    /// The statement, with the values as one parameter of this number.
    pub fn sql(&self, backend: DbBackend, parameter: usize) -> String {
        let Self {
            columns,
            table,
            scope,
            column,
            kind,
            most,
        } = self;
        match backend {
            DbBackend::Postgres => format!(
                "SELECT found.* FROM unnest(${parameter}::{}[]) AS wanted (value) CROSS JOIN LATERAL (
                    SELECT {columns} FROM {table} WHERE {scope} AND {column} = wanted.value ORDER BY id + 0 LIMIT {most}
                ) AS found",
                kind.postgres()
            ),
            _ => format!(
                "SELECT {columns} FROM {table} WHERE {scope} AND {column} IN (SELECT value FROM json_each(${parameter})) ORDER BY id"
            ),
        }
    }
}

/// Whether the planner joins what several indexes name, told so by statements apart: PostgreSQL does, and SQLite writes a list for each.
/// PostgreSQL combines two indexes of its own accord only where they share no condition, and all of them begin with the workspace.
pub(crate) fn joins_indexes(backend: DbBackend) -> bool {
    backend == DbBackend::Postgres
}

/// An expression that spreads what many connections count over a few rows.
pub(crate) fn shard(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "pg_backend_pid() % 16",
        _ => "0",
    }
}

/// Locks the rows that a SELECT finds until the transaction ends. A writing transaction on SQLite has the whole file already.
pub fn for_update(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => " FOR UPDATE",
        _ => "",
    }
}

/// How long a transaction of background work may take where requests write beside it: on SQLite all of them wait for it.
pub(crate) fn longest_write(backend: DbBackend) -> Duration {
    Duration::from_millis(match backend {
        DbBackend::Postgres => 300,
        _ => 40,
    })
}

/// Takes the lock `key` until the transaction ends: those who ask for the same one take turns.
///
/// # Errors
/// When the database refuses.
pub async fn take_turn(conn: &impl ConnectionTrait, key: i64) -> Result<(), DbErr> {
    if conn.get_database_backend() == DbBackend::Postgres {
        conn.execute_raw(statement(
            conn,
            "SELECT pg_advisory_xact_lock($1)",
            [key.into()],
        ))
        .await?;
    }
    Ok(())
}

/// As [`take_turn`], but beside all others who share it: none of them is at it while somebody has it alone.
///
/// # Errors
/// When the database refuses.
pub async fn share_turn(conn: &impl ConnectionTrait, key: i64) -> Result<(), DbErr> {
    if conn.get_database_backend() == DbBackend::Postgres {
        let sql = "SELECT pg_advisory_xact_lock_shared($1)";
        conn.execute_raw(statement(conn, sql, [key.into()])).await?;
    }
    Ok(())
}

/// Says that the transaction writes many rows. PostgreSQL then plans the check of a foreign key once instead of for every row.
///
/// # Errors
/// When the database refuses.
pub async fn expect_many_rows(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    if conn.get_database_backend() == DbBackend::Postgres {
        conn.execute_unprepared("SET LOCAL plan_cache_mode = auto")
            .await?;
    }
    Ok(())
}

/// Keeps PostgreSQL from putting a subquery's expressions wherever their names stand: each is computed once a row.
pub(crate) fn keep_apart(backend: DbBackend, subquery: &mut SelectStatement) {
    if backend == DbBackend::Postgres {
        subquery.offset(0);
    }
}

/// Reserves `count` ids of a table; they are in no row yet, and will never be given again.
///
/// # Errors
/// When the database refuses.
pub async fn reserve_ids(
    conn: &impl ConnectionTrait,
    table: &str,
    count: usize,
) -> Result<Vec<i64>, DbErr> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(Vec::new());
    }
    match conn.get_database_backend() {
        DbBackend::Postgres => {
            // The name of the sequence is looked up once, not for every id.
            let sql = format!(
                "WITH sequence AS MATERIALIZED (SELECT pg_get_serial_sequence('{table}', 'id')::regclass AS id)
                SELECT array_agg(nextval(sequence.id)) AS ids FROM sequence, generate_series(1, $1::bigint)"
            );
            match conn
                .query_one_raw(statement(conn, &sql, [count.into()]))
                .await?
            {
                Some(row) => row.try_get("", "ids"),
                None => Ok(Vec::new()),
            }
        }
        _ => {
            let first_use = "INSERT INTO sqlite_sequence (name, seq)
                SELECT $1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)";
            conn.execute_raw(statement(conn, first_use, [table.into()]))
                .await?;
            let sql = "UPDATE sqlite_sequence SET seq = seq + $2 WHERE name = $1 RETURNING seq";
            let last: i64 = match conn
                .query_one_raw(statement(conn, sql, [table.into(), count.into()]))
                .await?
            {
                Some(row) => row.try_get("", "seq")?,
                None => return Err(DbErr::Custom(format!("{table} has no sequence"))),
            };
            Ok((last - count + 1..=last).collect())
        }
    }
}
