//! Lets an import commit about once a second.

use crate::{
    client::Client,
    database::{Conn, Kind},
    site::Site,
};
use anyhow::{Result, bail};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Of each second this much is held.
const HELD: Duration = Duration::from_millis(850);
const FREE: Duration = Duration::from_millis(150);

/// An import begins within this time, its file read for keys.
const PATIENCE: Duration = Duration::from_secs(300);

/// Holds what the import needs to write.
pub(super) struct Brake {
    conn: Conn,
    begin: String,
    import: String,
}

impl Brake {
    pub(super) async fn new(site: &Site, import: &str) -> Result<Self> {
        let begin = match site.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE".to_owned(),
            Kind::Postgres => {
                let number: String = import.chars().filter(char::is_ascii_digit).collect();
                format!("BEGIN; SELECT 1 FROM import WHERE id = {number} FOR UPDATE")
            }
        };
        Ok(Self {
            conn: site.connect().await?,
            begin,
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
        loop {
            self.conn.execute(&self.begin).await?;
            sleep(HELD).await;
            self.conn.execute("COMMIT").await?;
            sleep(FREE).await;
        }
    }
}
