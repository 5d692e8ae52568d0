//! What one client's requests come to: how long each took, and what went wrong.

use crate::latency::{ENOUGH, Latency, WARM_UP};
use anyhow::Result;
use std::time::{Duration, Instant};

/// Where so many requests fail, the next one is not asked.
const MOST_ERRORS: usize = 50;

/// Requests that are slow warm up no longer than this.
const WARM_ENOUGH: Duration = Duration::from_secs(5);

/// Of a request that takes longer than [`SLOW`], so many samples do.
const FEW: usize = 20;
const SLOW: Duration = Duration::from_millis(300);

/// See the module.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) latency: Latency,
    pub(crate) errors: Vec<String>,
}

impl Asked {
    /// Asks until `enough`; the first requests only warm up.
    pub(crate) async fn ask<T>(
        request: impl AsyncFnMut() -> Result<T>,
        enough: &impl Fn(&Latency) -> bool,
    ) -> Self {
        Self::ask_after(WARM_UP, request, enough).await
    }

    /// The same where each request counts, since what is measured happens once.
    pub(crate) async fn ask_at_once<T>(
        request: impl AsyncFnMut() -> Result<T>,
        enough: &impl Fn(&Latency) -> bool,
    ) -> Self {
        Self::ask_after(0, request, enough).await
    }

    async fn ask_after<T>(
        warm_up: usize,
        mut request: impl AsyncFnMut() -> Result<T>,
        enough: &impl Fn(&Latency) -> bool,
    ) -> Self {
        let mut asked = Self::default();
        let first = Instant::now();
        let mut requests = 0;
        while !enough(&asked.latency) && asked.errors.len() < MOST_ERRORS {
            let begun = Instant::now();
            let answer = request().await;
            requests += 1;
            match answer {
                Err(error) => asked.errors.push(format!("{error:#}")),
                Ok(_) if requests > warm_up || begun - first > WARM_ENOUGH => {
                    asked.latency.add(begun.elapsed());
                }
                Ok(_) => {}
            }
        }
        asked
    }

    /// Asks as often as a figure needs: less often where each takes long.
    pub(crate) async fn sample<T>(request: impl AsyncFnMut() -> Result<T>) -> Self {
        let enough = |latency: &Latency| {
            let count = latency.count();
            count >= ENOUGH || (count == FEW && latency.quantile(0.5) > SLOW)
        };
        Self::ask(request, &enough).await
    }
}
