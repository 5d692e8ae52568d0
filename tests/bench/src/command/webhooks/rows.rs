//! What the rows of webhooks say themselves, which nothing of the API shows: that none waits any more, and how long each did.

use crate::{database::Kind, latency::Latency, site::Site};
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// What waits for longer is never applied.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until nothing waits to be applied.
pub(super) async fn drained(site: &Site) -> Result<()> {
    let mut conn = site.connect().await?;
    let begun = Instant::now();
    loop {
        let sql = "SELECT cast(count(*) AS text) FROM webhook WHERE applied_at IS NULL";
        let left = conn.text(sql).await?;
        if left == "0" {
            return conn.close().await;
        }
        ensure!(begun.elapsed() < PATIENCE, "{left} are never applied");
        sleep(Duration::from_millis(20)).await;
    }
}

/// From coming to applied, of each webhook, as their rows say.
pub(super) async fn lag(site: &Site) -> Result<Latency> {
    let sql = match site.kind {
        Kind::Postgres => {
            "SELECT cast(extract(epoch FROM applied_at - came_at) AS text) FROM webhook WHERE applied_at IS NOT NULL"
        }
        Kind::Sqlite => {
            "SELECT cast((julianday(applied_at) - julianday(came_at)) * 86400.0 AS text) FROM webhook WHERE applied_at IS NOT NULL"
        }
    };
    let mut conn = site.connect().await?;
    let mut lag = Latency::default();
    for seconds in conn.texts(sql).await? {
        lag.add(Duration::from_secs_f64(seconds.parse::<f64>()?.max(0.0)));
    }
    conn.close().await?;
    Ok(lag)
}
