//! The API of Roster: GraphQL at `/graphql`, signed downloads at `/files/…`, what providers tell at `/webhooks/…`, health at `/livez` and `/readyz`.
//!
//! What lives here: routes, the transport, the schema, who may call. What does not: rules and writes (`domain`), jobs, the command line.

mod auth;
mod browser;
mod code;
mod files;
pub mod graphql;
mod health;
mod home;
mod listen;
mod metrics;
mod problem;
mod request;
pub mod transport;
mod webhooks;

use auth::Caller;
use axum::{Router, middleware};
use domain::{channel::Providers, db::Db, link::Signer, store::Store};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use transport::Transport;

pub use code::Code;
pub use metrics::recorder;
pub use transport::{Limits, Rate, Settings};

/// All that requests need.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// Uploads and result files.
    pub store: Store,
    /// Makes and opens signed links.
    pub signer: Signer,
    /// Speaks to the providers of channels.
    pub providers: Providers,
    /// Whether the jobs of this process run; none where others run them.
    pub job_loop: Option<JobLoop>,
    /// Whether `/livez`, `/readyz` and `/metrics` are answered beside the API.
    pub has_probes: bool,
    /// What the installation allows.
    pub settings: Settings,
}

/// Says whether the workers of this process live.
pub type JobLoop = Arc<dyn Fn() -> bool + Send + Sync>;

/// What is asked of a process by machines that look after it: `/livez`, `/readyz` and `/metrics`.
fn probes(db: Db, job_loop: Option<JobLoop>, stop: CancellationToken) -> Router {
    Router::new()
        .merge(health::router(db.clone(), job_loop, stop))
        .merge(metrics::router(db))
}

/// Answers requests that come to `listener` until `stop` is cancelled; returns once those under way, downloads and sockets included,
/// have come to an end. Whoever cannot wait that long drops this future.
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) {
    let (router, transport) = routes(app, stop.clone());
    tokio::join!(listen::serve(listener, router, stop), transport.watch());
    transport.closed().await;
}

/// Answers what is asked of a process by machines that look after it, at an address of their own, until this future is dropped; `/readyz` says no
/// from when `stop` is cancelled.
pub async fn serve_probes(
    listener: TcpListener,
    db: Db,
    job_loop: Option<JobLoop>,
    stop: CancellationToken,
) {
    let router = probes(db, job_loop, stop);
    listen::serve(listener, router, CancellationToken::new()).await;
}

fn routes(app: App, stop: CancellationToken) -> (Router, Transport<graphql::Schema, Caller>) {
    let introspection = app.settings.limits.introspection;
    let files = graphql::Files::new(app.db.clone(), app.store.clone(), app.signer.clone());
    let caller = Caller::new(app.db.clone());
    let transport = Transport::new(
        graphql::schema(files, app.providers.clone(), introspection),
        caller,
        (app.settings.clone(), graphql::weights()),
        stop.clone(),
    );
    let probes = match app.has_probes {
        true => probes(app.db.clone(), app.job_loop, stop),
        false => Router::new(),
    };
    let router = Router::new()
        .merge(probes)
        .merge(browser::compressed(browser::shared(
            transport::router(transport.clone()),
            &app.settings.origins,
        )))
        .merge(browser::shared(
            files::router(app.store, app.signer),
            &app.settings.origins,
        ))
        .merge(webhooks::router(app.db, app.providers))
        .merge(browser::compressed(home::router()))
        .fallback(async || problem::not_found("There is nothing at this address."))
        .layer(middleware::from_fn(request::observe));
    (router, transport)
}
