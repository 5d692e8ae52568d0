//! `/livez`: the process runs. `/readyz`: it can serve. Neither needs a token, and neither tells anything else.

use crate::JobLoop;
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::db::Db;
use std::time::Duration;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Whoever asks wants an answer soon; a database that takes longer is as good as away.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Health {
    db: Db,
    job_loop: Option<JobLoop>,
    stop: CancellationToken,
}

/// The two routes.
pub(crate) fn router(db: Db, job_loop: Option<JobLoop>, stop: CancellationToken) -> Router {
    Router::new()
        .route("/livez", get(async || say(StatusCode::OK, "alive\n")))
        .route("/readyz", get(readyz))
        .with_state(Health { db, job_loop, stop })
}

async fn readyz(State(health): State<Health>) -> Response {
    if health.stop.is_cancelled() {
        return say(StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if health.job_loop.is_some_and(|lives| !lives()) {
        return say(StatusCode::SERVICE_UNAVAILABLE, "workers do not run\n");
    }
    match timeout(PATIENCE, health.db.is_ready()).await {
        Ok(Ok(true)) => say(StatusCode::OK, "ready\n"),
        Ok(Ok(false)) => say(StatusCode::SERVICE_UNAVAILABLE, "migrations pending\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            say(StatusCode::SERVICE_UNAVAILABLE, "database away\n")
        }
        Err(_) => say(StatusCode::SERVICE_UNAVAILABLE, "database slow\n"),
    }
}

fn say(status: StatusCode, text: &'static str) -> Response {
    (
        status,
        [(CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        text,
    )
        .into_response()
}
