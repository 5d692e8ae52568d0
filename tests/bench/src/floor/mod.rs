//! The floor: the contacts and addresses of a file written into the same tables with nothing of Roster around.
//!
//! It is given every value as the database stores it, and writes what an import must write for the good rows, and nothing else: no
//! outcomes, no errors, no cursor. Only the database's work is timed, not the making of values.

mod postgres;
mod sqlite;

use crate::{
    database::{Conn, Kind},
    person::Person,
    site::Site,
    source::Source,
};
use anyhow::Result;
use std::time::Duration;

/// The columns of a contact that have a value, in the order of both floors.
const COLUMNS: [&str; 22] = [
    "id",
    "workspace_id",
    "display_name",
    "name_key",
    "named",
    "name",
    "email",
    "email_key",
    "phone",
    "status",
    "bot_active",
    "receives_support_requests",
    "attributes",
    "comparable",
    "search",
    "reach",
    "version",
    "created_at",
    "updated_at",
    "s1",
    "s2",
    "n1",
];

/// The workspace and the channel, as Roster itself would make them first.
const SURROUNDINGS: &str = "
    INSERT INTO workspace (id, name, time_zone, broadcast_list_row_limit, created_at)
        VALUES (1, 'Floor', 'UTC', 1000, '2026-01-01 00:00:00+00:00');
    INSERT INTO channel (id, workspace_id, name, name_key, kind, provider, status, created_at)
        VALUES (1, 1, 'Bench SMS', 'bench sms', 'SMS', 'HTTP', 'READY', '2026-01-01 00:00:00+00:00')";

/// When the floor's contacts were made, written as Roster's client library writes instants on SQLite.
const NOW: &str = "2026-01-01T00:00:00.123456+00:00";

/// How the floor writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Floor {
    /// Rows of a transaction.
    pub(crate) batch: usize,
    /// Rows of a statement, on SQLite.
    pub(crate) statement: usize,
}

impl Floor {
    /// Writes the good rows of a file into the empty, migrated database of a site; returns how long the database took.
    pub(crate) async fn load(self, site: &Site, source: &Source) -> Result<Duration> {
        let mut conn = site.connect().await?;
        conn.execute(SURROUNDINGS).await?;
        let mut people = source.people();
        let mut next_id = 1;
        let mut took = Duration::ZERO;
        if let Conn::Postgres(conn) = &mut conn {
            postgres::prepare(conn).await?;
        }
        loop {
            let batch = people.by_ref().take(self.batch);
            let rows: Vec<(i64, Person)> = (next_id..).zip(batch).collect();
            let Some((last, _)) = rows.last() else {
                break;
            };
            next_id = last + 1;
            took += match &mut conn {
                Conn::Postgres(conn) => postgres::write(conn, &rows).await?,
                Conn::Sqlite(conn) => sqlite::write(conn, &rows, self.statement).await?,
            };
        }
        conn.close().await?;
        Ok(took)
    }

    /// The same in words.
    pub(crate) fn manner(self, kind: Kind) -> String {
        let Self { batch, statement } = self;
        match kind {
            Kind::Postgres => format!(
                "COPY into a temporary table, INSERT … SELECT … ON CONFLICT into both tables, {batch} rows a transaction"
            ),
            Kind::Sqlite => format!(
                "prepared INSERTs of {statement} rows by sqlx, {batch} rows a transaction, WAL, synchronous FULL"
            ),
        }
    }
}

/// What Roster writes of a person's values, and of what filters and the search box look at.
struct Document {
    attributes: String,
    comparable: String,
    search: String,
    reach: String,
}

impl Document {
    fn of(person: &Person) -> Self {
        let values = person.values().into_iter().enumerate();
        let values = values.map(|(at, value)| ((at + 1).to_string(), value));
        let (search, reach) = person.searched();
        Self {
            attributes: serde_json::Value::Object(values.collect()).to_string(),
            comparable: person.comparable().to_string(),
            search,
            reach,
        }
    }
}
