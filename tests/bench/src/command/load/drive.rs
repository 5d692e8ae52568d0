//! Many clients at once, for a while.

use super::source::Source;
use crate::{latency::Latency, postgres, proc, random::Random};
use anyhow::Result;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep_until};

/// How a load is driven.
pub(super) struct Drive {
    pub(super) connections: u32,
    pub(super) warm: Duration,
    /// What is counted comes after that.
    pub(super) counted: Duration,
    pub(super) seed: u64,
    /// Roster's process.
    pub(super) roster: u32,
    pub(super) server: Option<postgres::Server>,
}

/// What a load came to. Figures that there are not are NaN.
pub(super) struct Run {
    /// Requests a second.
    pub(super) rate: f64,
    /// In ms, as the next.
    pub(super) p50: f64,
    pub(super) p99: f64,
    /// For each request, in ms, as the next.
    pub(super) roster_cpu: f64,
    pub(super) server_cpu: f64,
}

impl Drive {
    /// Runs it once.
    pub(super) async fn run(&self, source: &Arc<Source>) -> Result<Run> {
        let warm = Instant::now() + self.warm;
        let end = warm + self.counted;
        let mut clients = JoinSet::new();
        for number in 0..u64::from(self.connections) {
            let (source, mut random) = (Arc::clone(source), Random::of(self.seed, number));
            clients.spawn(async move {
                let mut latency = Latency::default();
                while Instant::now() < end {
                    let begun = Instant::now();
                    source.page(&mut random).await?;
                    let now = Instant::now();
                    if now >= warm && now < end {
                        latency.add(now - begun);
                    }
                }
                anyhow::Ok(latency)
            });
        }
        sleep_until(warm.into()).await;
        let before = self.cpu()?;
        sleep_until(end.into()).await;
        let after = self.cpu()?;
        let mut all = Latency::default();
        while let Some(latency) = clients.join_next().await {
            all.append(latency??);
        }
        let requests = all.count() as f64;
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let each = |at: usize| match (before[at], after[at]) {
            (Some(before), Some(after)) => ms(after.saturating_sub(before)) / requests,
            _ => f64::NAN,
        };
        let roster_cpu = if source.is_roster() {
            each(0)
        } else {
            f64::NAN
        };
        Ok(Run {
            rate: requests / self.counted.as_secs_f64(),
            p50: ms(all.quantile(0.5)),
            p99: ms(all.quantile(0.99)),
            roster_cpu,
            server_cpu: each(1),
        })
    }

    /// Of Roster and of PostgreSQL, so far.
    fn cpu(&self) -> Result<[Option<Duration>; 2]> {
        let server = self.server.map(postgres::Server::cpu).transpose()?;
        Ok([Some(proc::cpu(self.roster)?), server])
    }
}
