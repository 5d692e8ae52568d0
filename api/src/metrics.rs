//! `/metrics`: figures of this process and of the queue, in the text format of Prometheus.
//!
//! Counters are counted where things happen (`metrics::counter!`); what is true of the database is asked when somebody looks. No figure tells of
//! one workspace or person.

use crate::{code::Code, problem::problem};
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{db::Db, queue};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{
    collections::BTreeSet,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::time::sleep;

/// Of requests, in seconds: from a page that is there to the longest that a request may take.
const SECONDS: [f64; 14] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0,
];

/// How often measurements that nobody has asked for are put into their buckets: until then each is kept by itself.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count, once a process; what was counted before is lost. To be called in a runtime.
///
/// # Errors
/// Where something else counts in this process already.
pub fn recorder() -> Result<&'static PrometheusHandle, String> {
    static RECORDER: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    RECORDER.get_or_init(install).as_ref().map_err(Clone::clone)
}

fn install() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new();
    let durations = Matcher::Suffix("_seconds".to_owned());
    let builder = builder.set_buckets_for_metric(durations, &SECONDS);
    let handle = builder
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| error.to_string())?;
    describe_counter!(
        "roster_http_requests_total",
        "Requests answered, by method, route and status."
    );
    describe_histogram!(
        "roster_http_request_duration_seconds",
        Unit::Seconds,
        "From a request's head to its answer's head, by route."
    );
    describe_counter!(
        "roster_graphql_operations_total",
        "GraphQL operations, by kind and by how they ended."
    );
    describe_gauge!("roster_websockets_open", "WebSockets that are open.");
    describe_gauge!(
        "roster_subscriptions_open",
        "Subscriptions that are open, over WebSocket and as event streams."
    );
    describe_counter!(
        "roster_job_runs_total",
        "Runs of jobs that ended in this process, by kind and outcome."
    );
    describe_gauge!(
        "roster_jobs",
        "Jobs that wait, are scheduled or run, in the whole installation, by kind and state."
    );
    describe_gauge!(
        "roster_job_oldest_waiting_seconds",
        Unit::Seconds,
        "How long the oldest job that could begin has waited, in the whole installation, by kind."
    );
    describe_counter!(
        "roster_import_rows_total",
        "Rows of imports that this process has brought to an end, by outcome."
    );
    describe_gauge!(
        "roster_db_connections",
        "Connections of requests and jobs to the database, by state."
    );
    describe_gauge!(
        "roster_db_statements",
        "Statements that this process has sent to the database since its start."
    );
    describe_gauge!("roster_build_info", "1; the label says which version runs.");
    let kept = handle.clone();
    tokio::spawn(async move {
        loop {
            sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(handle)
}

/// The route.
pub(crate) fn router(db: Db) -> Router {
    Router::new().route("/metrics", get(figures)).with_state(db)
}

async fn figures(State(db): State<Db>) -> Response {
    let recorder = match recorder() {
        Ok(recorder) => recorder,
        Err(error) => {
            tracing::error!(error, "nothing is counted");
            return problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                Code::Internal,
                "internal error",
            );
        }
    };
    gauge!("roster_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1);
    let (busy, idle) = db.connections();
    gauge!("roster_db_connections", "state" => "busy").set(busy);
    gauge!("roster_db_connections", "state" => "idle").set(idle);
    #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
    gauge!("roster_db_statements").set(db.statements() as f64);
    if let Err(error) = queue_figures(&db).await {
        // The others are worth something by themselves, above all when the database is away.
        tracing::warn!(%error, "the queue cannot be counted");
    }
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(CONTENT_TYPE, text)], recorder.render()).into_response()
}

/// Kinds of jobs that were seen once: those of which none is left go to 0 and do not stay as they were.
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

async fn queue_figures(db: &Db) -> domain::error::Result<()> {
    let standings = queue::standings(db.read()).await?;
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    seen.extend(standings.iter().map(|standing| standing.kind.clone()));
    for kind in seen.iter() {
        let standing = standings.iter().find(|standing| standing.kind == *kind);
        let counts = standing.map_or([0; 3], |standing| {
            [standing.waiting, standing.scheduled, standing.running]
        });
        for (state, count) in ["waiting", "scheduled", "running"].into_iter().zip(counts) {
            #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
            gauge!("roster_jobs", "kind" => kind.clone(), "state" => state).set(count as f64);
        }
        let oldest = standing.map_or(0.0, |standing| standing.oldest);
        gauge!("roster_job_oldest_waiting_seconds", "kind" => kind.clone()).set(oldest);
    }
    Ok(())
}
