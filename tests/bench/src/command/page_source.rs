//! Where `bench pages` has its pages from: Roster, or the same SQL on a pool of connections.

use super::edits::{PAGE, columns};
use crate::{
    client::Client,
    database::{Conn, Kind, sqlite_options},
    random::Random,
    site::Site,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool, postgres::PgConnectOptions};
use std::str::FromStr;

/// A page with each cell and its text, not as plain rows.
const CELLS: &str = "query($after: String, $orderBy: [ContactOrder!], $columns: [String!]!) {
    contacts(first: 50, after: $after, orderBy: $orderBy) { pageInfo { endCursor }
        rows: nodes { id cells(columns: $columns) { value text } } } }";

/// How the pages are sorted.
#[derive(Clone, Copy)]
pub(super) enum Order {
    CreatedAt,
    Score,
}

/// Where pages come from, anywhere in the list.
pub(super) enum PageSource {
    Roster {
        client: Client,
        query: &'static str,
        order: Value,
        cursors: Vec<Value>,
    },
    Postgres(PgPool, String, Vec<(String, i64)>),
    Sqlite(SqlitePool, String, Vec<(String, i64)>),
}

impl Order {
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::CreatedAt => "createdAt",
            Self::Score => "attr.score",
        }
    }

    fn argument(self) -> Value {
        let direction = match self {
            Self::CreatedAt => "DESC",
            Self::Score => "ASC",
        };
        json!([{ "column": self.column(), "direction": direction }])
    }
}

/// The columns of a contact that Roster itself reads for a page.
const FIELDS: &str = "id, workspace_id, display_name, name_key, name, first_name, last_name, username, title, account, email, email_key,
    phone, country, language, status, blocked_at, opted_out_at, bot_active, receives_support_requests, attributes, version,
    created_at, updated_at";

/// Roster's pages; `cells` rather than rows.
pub(super) async fn roster(client: &Client, order: Order, cells: bool) -> Result<PageSource> {
    let query = "query($after: String, $orderBy: [ContactOrder!]) {
        contacts(first: 500, after: $after, orderBy: $orderBy) { pageInfo { hasNextPage endCursor } } }";
    let order = order.argument();
    let mut cursors = vec![Value::Null];
    loop {
        let after = cursors.last().cloned();
        let variables = json!({ "after": after, "orderBy": order });
        let mut data = client.query(query, variables).await?;
        let page = &mut data["contacts"]["pageInfo"];
        if page["hasNextPage"] != true {
            break;
        }
        cursors.push(page["endCursor"].take());
    }
    Ok(PageSource::Roster {
        client: client.clone(),
        query: if cells { CELLS } else { PAGE },
        order,
        cursors,
    })
}

/// The same pages by SQL alone.
pub(super) async fn floor(site: &Site, order: Order, connections: u32) -> Result<PageSource> {
    let url = &site.settings.database;
    let sql = sql(site.kind, order);
    let keys = keys(site, order).await?;
    Ok(match site.kind {
        Kind::Postgres => {
            let options = PgConnectOptions::from_str(url)?
                .options([("plan_cache_mode", "force_custom_plan")]);
            let pool = sqlx::postgres::PgPoolOptions::new().max_connections(connections);
            PageSource::Postgres(pool.connect_with(options).await?, sql, keys)
        }
        Kind::Sqlite => {
            let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(connections);
            PageSource::Sqlite(pool.connect_with(sqlite_options(url)?).await?, sql, keys)
        }
    })
}

fn sql(kind: Kind, order: Order) -> String {
    let (key, cast, filter, compare, direction) = match (order, kind) {
        (Order::CreatedAt, Kind::Postgres) => {
            ("created_at", "$1::text::timestamptz", "", "<", "DESC")
        }
        (Order::CreatedAt, Kind::Sqlite) => ("created_at", "$1", "", "<", "DESC"),
        (Order::Score, Kind::Postgres) => {
            ("n1", "$1::text::float8", "n1 IS NOT NULL AND", ">", "ASC")
        }
        (Order::Score, Kind::Sqlite) => {
            ("n1", "CAST($1 AS REAL)", "n1 IS NOT NULL AND", ">", "ASC")
        }
    };
    format!(
        "SELECT {FIELDS}, {key} AS key_0, id AS key_1 FROM contact WHERE workspace_id = 1 AND status IN ('ACTIVE') AND {filter}
            ({key}, id) {compare} ({cast}, $2) ORDER BY {key} {direction}, id {direction} LIMIT 51"
    )
}

/// Places all over the list, far enough from its end.
async fn keys(site: &Site, order: Order) -> Result<Vec<(String, i64)>> {
    let key = match order {
        Order::CreatedAt => "created_at",
        Order::Score => "n1",
    };
    let sql = format!(
        "SELECT cast({key} AS text) || '|' || cast(id AS text) FROM contact WHERE id % 97 = 0 AND {key} IS NOT NULL"
    );
    let mut conn: Conn = site.connect().await?;
    let lines = conn.texts(&sql).await?;
    conn.close().await?;
    let key = |line: &String| {
        let (key, id) = line.split_once('|').context("no id")?;
        Ok((key.to_owned(), id.parse()?))
    };
    lines.iter().map(key).collect()
}

impl PageSource {
    /// Fetches one page, any.
    pub(super) async fn page(&self, random: &mut Random) -> Result<()> {
        let rows = match self {
            Self::Roster {
                client,
                query,
                order,
                cursors,
            } => {
                let after = random.pick(cursors);
                let variables = json!({ "after": after, "orderBy": order, "columns": columns() });
                let data = client.query(query, variables).await?;
                data["contacts"]["rows"].as_array().map_or(0, Vec::len)
            }
            Self::Postgres(pool, sql, keys) => {
                let (key, id) = random.pick(keys);
                let query = sqlx::query(AssertSqlSafe(sql.as_str())).bind(key).bind(id);
                query.fetch_all(pool).await?.len()
            }
            Self::Sqlite(pool, sql, keys) => {
                let (key, id) = random.pick(keys);
                let query = sqlx::query(AssertSqlSafe(sql.as_str())).bind(key).bind(id);
                query.fetch_all(pool).await?.len()
            }
        };
        // The list's last page may be short.
        ensure!(rows <= 51, "{rows} rows");
        Ok(())
    }
}
