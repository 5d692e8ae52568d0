//! The API of Roster: GraphQL at `/graphql`, signed downloads at `/files/…`, what providers tell at `/webhooks/…`, health at `/livez` and `/readyz`.
//!
//! What lives here: routes, the transport, the schema, who may call. What does not: rules and writes (`domain`), jobs, the command line.

mod auth;
mod files;
pub mod graphql;
mod health;
mod home;
mod problem;
mod request;
pub mod transport;
mod webhooks;

use auth::Caller;
use axum::{Router, middleware, serve::ListenerExt};
use domain::{channel::Providers, db::Db, link::Signer, store::Store};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use transport::Transport;

pub use request::RequestId;

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
    /// What the installation allows.
    pub settings: Settings,
}

/// What the installation allows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The largest file that can be uploaded, in bytes.
    pub max_upload: u64,
}

/// All routes. Sockets and event streams end, and `/readyz` says no, once `stop` is cancelled.
pub fn router(app: App, stop: CancellationToken) -> Router {
    routes(app, stop).0
}

/// Answers requests that come to `listener` until `stop` is cancelled; returns once those under way, downloads and sockets included,
/// have come to an end. Whoever cannot wait that long drops this future.
///
/// # Errors
/// Never in practice: connections that fail cost themselves alone.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let (router, transport) = routes(app, stop.clone());
    let listener = listener.tap_io(|connection| {
        // Answers are written whole; waiting for more only delays them. Where it fails they are merely late.
        let _ = connection.set_nodelay(true);
    });
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await?;
    transport.closed().await;
    Ok(())
}

fn routes(app: App, stop: CancellationToken) -> (Router, Transport<graphql::Schema, Caller>) {
    let settings = transport::Settings::new(app.store.temporary_dir(), app.settings.max_upload);
    let files = graphql::Files::new(app.db.clone(), app.store.clone(), app.signer.clone());
    let caller = Caller::new(app.db.clone());
    let transport = Transport::new(
        graphql::schema(files, app.providers.clone()),
        caller,
        settings,
        stop.clone(),
    );
    let router = Router::new()
        .merge(transport::router(transport.clone()))
        .merge(files::router(app.store, app.signer))
        .merge(webhooks::router(app.db.clone(), app.providers.clone()))
        .merge(health::router(app.db, stop))
        .merge(home::router())
        .fallback(async || problem::not_found("There is nothing at this address."))
        .layer(middleware::from_fn(request::observe));
    (router, transport)
}
