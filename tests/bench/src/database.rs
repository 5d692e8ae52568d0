//! Throw-away databases of both kinds, and plain SQL on them, without Roster.

use anyhow::{Context, Result};
use clap::ValueEnum;
use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection,
    postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};
use std::{
    collections::hash_map::DefaultHasher,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
    time::Duration,
};

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// Which of them a benchmark runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    Sqlite,
    Postgres,
    Both,
}

impl Choice {
    /// Those chosen.
    pub(crate) fn kinds(self) -> Vec<Kind> {
        match self {
            Self::Sqlite => vec![Kind::Sqlite],
            Self::Postgres => vec![Kind::Postgres],
            Self::Both => vec![Kind::Sqlite, Kind::Postgres],
        }
    }
}

/// A connection of this program's own.
pub(crate) enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Conn {
    /// Connects, on SQLite with the settings that Roster's connections have.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        if url.starts_with("postgres") {
            let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
            return Ok(Self::Postgres(PgConnection::connect_with(&options).await?));
        }
        Ok(Self::Sqlite(
            SqliteConnection::connect_with(&sqlite_options(url)?).await?,
        ))
    }

    /// Runs statements.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(conn) => {
                sqlx::raw_sql(sql).execute(conn).await?;
            }
            Self::Postgres(conn) => {
                sqlx::raw_sql(sql).execute(conn).await?;
            }
        }
        Ok(())
    }

    /// Calls `with` for each row of a query of one text.
    pub(crate) async fn each(&mut self, sql: &str, mut with: impl FnMut(String)) -> Result<()> {
        let context = || sql.to_owned();
        let query = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(conn) => {
                let mut rows = sqlx::query_scalar::<_, String>(query).fetch(conn);
                while let Some(text) = rows.try_next().await.with_context(context)? {
                    with(text);
                }
            }
            Self::Postgres(conn) => {
                let mut rows = sqlx::query_scalar::<_, String>(query).fetch(conn);
                while let Some(text) = rows.try_next().await.with_context(context)? {
                    with(text);
                }
            }
        }
        Ok(())
    }

    /// All rows of a query of one text.
    pub(crate) async fn texts(&mut self, sql: &str) -> Result<Vec<String>> {
        let mut texts = Vec::new();
        self.each(sql, |text| texts.push(text)).await?;
        Ok(texts)
    }

    /// The one text of a query.
    pub(crate) async fn text(&mut self, sql: &str) -> Result<String> {
        let texts = self.texts(sql).await?;
        texts.into_iter().next().context("no row")
    }

    /// How many rows a query has; they are fetched and not decoded. It is planned for its values, and not kept.
    pub(crate) async fn rows(&mut self, sql: &str) -> Result<usize> {
        let query = AssertSqlSafe(sql.to_owned());
        let context = || sql.to_owned();
        Ok(match self {
            Self::Sqlite(conn) => {
                let query = sqlx::query(query).persistent(false);
                query.fetch_all(conn).await.with_context(context)?.len()
            }
            Self::Postgres(conn) => {
                let query = sqlx::query(query).persistent(false);
                query.fetch_all(conn).await.with_context(context)?.len()
            }
        })
    }

    /// How many rows of one text there are, and a sum over them that hangs on each, but not on their order.
    pub(crate) async fn digest(&mut self, sql: &str) -> Result<(u64, u64)> {
        let mut digest = (0, 0_u64);
        let add = |text: String| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            digest = (digest.0 + 1, digest.1.wrapping_add(hasher.finish()));
        };
        self.each(sql, add).await?;
        Ok(digest)
    }

    /// Says goodbye; SQLite's last connection moves its write-ahead log into the file.
    pub(crate) async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.close().await?,
            Self::Postgres(conn) => conn.close().await?,
        }
        Ok(())
    }
}

/// The settings of Roster's own connections (domain/src/db/dialect.rs).
pub(crate) fn sqlite_options(url: &str) -> Result<SqliteConnectOptions> {
    Ok(SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(30))
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", "FULL")
        .pragma("journal_size_limit", "67108864")
        .disable_statement_logging())
}
