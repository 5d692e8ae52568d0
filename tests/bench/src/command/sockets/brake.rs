//! Lets an import commit once a second.

use crate::{
    client::Client,
    database::{Conn, Kind},
    site::Site,
};
use anyhow::{Result, bail};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// How often it looks whether the import has committed: after that it is held again, before it can do so twice.
const LOOK: Duration = Duration::from_millis(1);

/// An import begins within this time, its file read for keys.
const PATIENCE: Duration = Duration::from_secs(300);

/// Holds what the import needs to write.
pub(super) struct Brake {
    conn: Conn,
    begin: String,
    /// How far the import is.
    look: String,
    import: String,
}

impl Brake {
    pub(super) async fn new(site: &Site, import: &str) -> Result<Self> {
        let number: String = import.chars().filter(char::is_ascii_digit).collect();
        let begin = match site.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE".to_owned(),
            Kind::Postgres => {
                format!("BEGIN; SELECT 1 FROM import WHERE id = {number} FOR UPDATE")
            }
        };
        Ok(Self {
            conn: site.connect().await?,
            begin,
            look: format!("SELECT CAST(\"cursor\" AS text) FROM import WHERE id = {number}"),
            import: import.to_owned(),
        })
    }

    /// Waits until the import has committed rows.
    pub(super) async fn first_commit(&self, client: &Client) -> Result<()> {
        let begun = Instant::now();
        let query = "query ($id: ID!) { import(id: $id) { progress { done } } }";
        while begun.elapsed() < PATIENCE {
            let seen = client.query(query, json!({ "id": self.import })).await?;
            if seen["import"]["progress"]["done"].as_u64() > Some(0) {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        bail!("the import does not begin")
    }

    /// Holds and lets go, for ever.
    pub(super) async fn hold(mut self) -> Result<()> {
        let mut seconds = interval(SECOND);
        loop {
            self.conn.execute(&self.begin).await?;
            let before = self.cursor().await?;
            seconds.tick().await;
            self.conn.execute("COMMIT").await?;
            while self.cursor().await? == before {
                sleep(LOOK).await;
            }
        }
    }

    async fn cursor(&mut self) -> Result<String> {
        let mut cursor = String::new();
        self.conn.each(&self.look, |text| cursor = text).await?;
        Ok(cursor)
    }
}
