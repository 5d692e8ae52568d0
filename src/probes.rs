//! `/livez`, `/readyz` and `/metrics` at an address of their own, which no outsider reaches.

use crate::config::Config;
use anyhow::{Context, Result};
use api::JobLoop;
use domain::db::Db;
use jobs::Pulse;
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// Beats that a worker may miss before it counts as dead.
const MISSED: u32 = 10;

/// Says whether the workers of this process live; one that has beaten slowly under load is not dead yet.
pub(crate) fn job_loop(pulse: Pulse, config: &Config) -> JobLoop {
    let within = (config.job_heartbeat * MISSED).max(Duration::from_secs(10));
    Arc::new(move || pulse.is_beating(within))
}

/// Listens where the settings say; none where they say nothing.
pub(crate) async fn listen(config: &Config) -> Result<Option<TcpListener>> {
    let Some(address) = &config.metrics_listen else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {address}; --metrics-listen chooses another address")
    })?;
    tracing::info!(address = %listener.local_addr()?, "answering /livez, /readyz and /metrics");
    Ok(Some(listener))
}

/// Answers there until what is returned is dropped: also while everything else comes to its end, when `/readyz` says no.
pub(crate) fn answer(
    listener: Option<TcpListener>,
    (db, job_loop): (&Db, Option<JobLoop>),
    stop: &CancellationToken,
) -> Option<AbortOnDropHandle<()>> {
    let serving = api::serve_probes(listener?, db.clone(), job_loop, stop.clone());
    Some(AbortOnDropHandle::new(tokio::spawn(serving)))
}
