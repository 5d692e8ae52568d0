//! Where `bench load` has its pages from: Roster, or the same SQL on a pool of connections.

use super::query::{self, Choice, Form, Values};
use crate::{
    client::Client,
    database::{Kind, sqlite_options},
    page_sql::{FIELDS, NEWEST, ROWS, SCOPE},
    person::CITY,
    random::Random,
    site::Site,
};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, SqlitePool, postgres::PgConnectOptions};
use std::{str::FromStr, sync::Arc};

/// A pool of connections to the database alone.
#[derive(Clone)]
pub(super) enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

/// As many connections as there are clients, planning as Roster's own do.
pub(super) async fn pool(site: &Site, connections: u32) -> Result<Pool> {
    let url = &site.settings.database;
    Ok(match site.kind {
        Kind::Postgres => {
            let options = PgConnectOptions::from_str(url)?
                .options([("plan_cache_mode", "force_custom_plan")]);
            let pool = sqlx::postgres::PgPoolOptions::new().max_connections(connections);
            Pool::Postgres(pool.connect_with(options).await?)
        }
        Kind::Sqlite => {
            let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(connections);
            Pool::Sqlite(pool.connect_with(sqlite_options(url)?).await?)
        }
    })
}

/// Places all over the list, as Roster and as SQL tells them.
pub(super) struct Keys {
    cursors: Vec<Value>,
    rows: Vec<(String, i64)>,
}

impl Keys {
    pub(super) async fn find(site: &Site, client: &Client) -> Result<Self> {
        let query = "query($after: String) {
            contacts(first: 500, after: $after) { pageInfo { hasNextPage endCursor } } }";
        let mut cursors = vec![Value::Null];
        loop {
            let mut data = client
                .query(query, json!({ "after": cursors.last() }))
                .await?;
            let page = &mut data["contacts"]["pageInfo"];
            if page["hasNextPage"] != true {
                break;
            }
            cursors.push(page["endCursor"].take());
        }
        let sql = "SELECT cast(created_at AS text) || '|' || cast(id AS text) FROM contact WHERE id % 97 = 0";
        let mut conn = site.connect().await?;
        let lines = conn.texts(sql).await?;
        conn.close().await?;
        let row = |line: &String| {
            let (key, id) = line.split_once('|').context("no id")?;
            Ok((key.to_owned(), id.parse()?))
        };
        let rows = lines.iter().map(row).collect::<Result<_>>()?;
        Ok(Self { cursors, rows })
    }
}

/// Where pages come from.
pub(super) struct Source {
    choice: Choice,
    keys: Arc<Keys>,
    from: From,
}

enum From {
    Roster {
        client: Client,
        form: Form,
        text: String,
    },
    Floor {
        pool: Pool,
        page: String,
        count: Option<String>,
    },
}

impl Source {
    /// Roster's; tried once, and the answer read.
    pub(super) async fn roster(
        client: &Client,
        form: Form,
        choice: Choice,
        keys: &Arc<Keys>,
    ) -> Result<Self> {
        let text = query::text(form, choice);
        let data = client
            .query(&text, query::variables(form, None, None))
            .await?;
        let list = if matches!(form, Form::Rows) {
            "rows"
        } else {
            "nodes"
        };
        let found = data["contacts"][list].as_array().map_or(0, Vec::len);
        ensure!(found == 50, "{found} contacts on a page");
        Ok(Self {
            choice,
            keys: Arc::clone(keys),
            from: From::Roster {
                client: client.clone(),
                form,
                text,
            },
        })
    }

    /// SQL alone.
    pub(super) fn floor(pool: &Pool, choice: Choice, keys: &Arc<Keys>) -> Self {
        let filter = match pool {
            Pool::Postgres(_) => "s1 = $1 AND n1 >= $2::bigint",
            Pool::Sqlite(_) => "s1 = $1 AND n1 >= $2",
        };
        let page = match choice {
            Choice::Plain => {
                let time = match pool {
                    Pool::Postgres(_) => "$1::text::timestamptz",
                    Pool::Sqlite(_) => "$1",
                };
                format!(
                    "SELECT {FIELDS} FROM contact WHERE {SCOPE} AND (created_at, id) < ({time}, $2) ORDER BY {NEWEST} LIMIT {ROWS}"
                )
            }
            // In the newest first, as far as Roster itself looks there.
            Choice::Filtered | Choice::Counted => format!(
                "SELECT {FIELDS} FROM (SELECT * FROM contact WHERE {SCOPE} ORDER BY {NEWEST} LIMIT 20000) AS contact
                    WHERE {filter} ORDER BY {NEWEST} LIMIT {ROWS}"
            ),
        };
        let count = (choice == Choice::Counted).then(|| {
            format!("SELECT count(*) FROM (SELECT 1 FROM contact WHERE {SCOPE} AND {filter} LIMIT 10001) AS counted")
        });
        Self {
            choice,
            keys: Arc::clone(keys),
            from: From::Floor {
                pool: pool.clone(),
                page,
                count,
            },
        }
    }

    pub(super) fn is_roster(&self) -> bool {
        matches!(self.from, From::Roster { .. })
    }

    /// Fetches one page, any.
    pub(super) async fn page(&self, random: &mut Random) -> Result<()> {
        let (city, city_key) = *random.pick(&CITY);
        let score = random.below(500);
        let plain = self.choice == Choice::Plain;
        match &self.from {
            From::Roster { client, form, text } => {
                let after = plain.then(|| random.pick(&self.keys.cursors));
                let values = Values { city, score };
                let values = (!plain).then_some(&values);
                let variables = query::variables(*form, after, values);
                let body = json!({ "query": text, "variables": variables });
                client.query_unread("contacts", body.to_string()).await
            }
            From::Floor { pool, page, count } => {
                let (time, id) = random.pick(&self.keys.rows);
                let (first, second) = match plain {
                    true => (time.as_str(), *id),
                    false => (city_key, i64::try_from(score)?),
                };
                for sql in [Some(page), count.as_ref()].into_iter().flatten() {
                    pool.fetch(sql, first, second).await?;
                }
                Ok(())
            }
        }
    }
}

impl Pool {
    async fn fetch(&self, sql: &str, first: &str, second: i64) -> Result<usize> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Self::Postgres(pool) => {
                let query = sqlx::query(sql).bind(first).bind(second);
                query.fetch_all(pool).await?.len()
            }
            Self::Sqlite(pool) => {
                let query = sqlx::query(sql).bind(first).bind(second);
                query.fetch_all(pool).await?.len()
            }
        })
    }
}
