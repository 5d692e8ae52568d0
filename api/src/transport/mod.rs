//! GraphQL over HTTP, WebSocket and server-sent events, for any [`Executor`].
//!
//! What lives here: methods, media types, status codes, uploads, sockets, and the shape of answers. What does not: the schema, what a
//! token means ([`Authenticate`]) and which page shows GraphiQL. One path, `/graphql`, serves everything:
//!
//! | request | answered by |
//! |---|---|
//! | `POST` with JSON, `GET` with a query string | `http`, as the GraphQL-over-HTTP draft says |
//! | `POST` with `multipart/form-data` | `multipart`, the GraphQL multipart request specification |
//! | `Accept: text/event-stream` | `sse`, distinct connections mode of graphql-sse |
//! | `Upgrade: websocket` | `websocket`, graphql-transport-ws |

mod body;
mod http;
mod multipart;
mod negotiate;
mod nesting;
mod outcome;
mod parameters;
mod protocol;
mod refusal;
mod remarks;
mod settings;
mod sse;
mod upload;
mod variables;
mod websocket;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::{Executor, Request, Response};
use axum::Router;
use axum::routing::any;
use futures_util::future::Either;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use outcome::Outcome;

pub use remarks::Remarks;
pub use settings::Settings;
pub use upload::{Received, Upload, file_digests};

/// Why a caller is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthError {
    /// There is no token, or it is not valid; the message is shown to the caller.
    Unauthenticated(String),
    /// It cannot be told now (the database does not answer).
    Unavailable,
}

/// What the transport asks of the application: who calls, and what goes with each request.
pub trait Authenticate: Clone + Send + Sync + 'static {
    /// Who calls; put into each request's data, where resolvers find it with `ctx.data::<Viewer>()`.
    type Viewer: Clone + Send + Sync + 'static;

    /// Finds the viewer for an `Authorization` header, or for `authorization` in the payload of `connection_init`.
    ///
    /// Called for each request, and on a WebSocket for each operation too, so that a revoked token ends at once.
    fn authenticate(
        &self,
        authorization: Option<&str>,
    ) -> impl Future<Output = Result<Self::Viewer, AuthError>> + Send;

    /// Adds what one request needs afresh, such as dataloaders, whose caches must not outlive it.
    fn prepare(&self, request: Request, _viewer: &Self::Viewer) -> Request {
        request
    }

    /// Looks at an answer before it is sent, for example to log it or to add a request id to its errors.
    ///
    /// Errors without `extensions.code` come from resolvers that failed: after this they become "internal error" with INTERNAL.
    fn finish(&self, response: Response) -> Response {
        response
    }
}

/// All that the handlers share; a clone is another handle on the same.
pub struct Transport<E, A>(Arc<Shared<E, A>>);

struct Shared<E, A> {
    executor: E,
    authenticator: A,
    settings: Settings,
    shutdown: CancellationToken,
    sockets: TaskTracker,
}

impl<E, A> Clone for Transport<E, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E: Executor, A: Authenticate> Transport<E, A> {
    /// A transport that ends its sockets and event streams when `shutdown` is cancelled.
    pub fn new(
        executor: E,
        authenticator: A,
        settings: Settings,
        shutdown: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            executor,
            authenticator,
            settings,
            shutdown,
            sockets: TaskTracker::new(),
        }))
    }

    /// Waits, after a shutdown, until every WebSocket has been closed: axum's graceful shutdown does not wait for them.
    pub async fn closed(&self) {
        self.0.sockets.close();
        self.0.sockets.wait().await;
    }

    async fn authenticate(&self, authorization: Option<&str>) -> Result<A::Viewer, AuthError> {
        self.0.authenticator.authenticate(authorization).await
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn prepare(&self, request: Request, viewer: &A::Viewer) -> (Request, Remarks) {
        let remarks = Remarks::default();
        let request = request.data(viewer.clone()).data(remarks.clone());
        (self.0.authenticator.prepare(request, viewer), remarks)
    }

    /// Executes a query or a mutation. A panic of a resolver costs its own request alone.
    async fn execute(&self, mut request: Request, viewer: &A::Viewer) -> Outcome {
        if let Some(response) = variables::missing(&mut request) {
            return Outcome::new(response, &self.0.authenticator);
        }
        let (request, remarks) = self.prepare(request, viewer);
        let execution = AssertUnwindSafe(self.0.executor.execute(request));
        match execution.catch_unwind().await {
            Ok(mut response) => {
                remarks.put_into(&mut response);
                Outcome::new(response, &self.0.authenticator)
            }
            Err(_) => Outcome::failed(&self.0.authenticator),
        }
    }

    /// Executes an operation of any kind as a stream of answers.
    fn stream(
        &self,
        mut request: Request,
        viewer: &A::Viewer,
    ) -> impl Stream<Item = Outcome> + Send + Unpin + use<E, A> {
        if let Some(response) = variables::missing(&mut request) {
            let outcome = Outcome::new(response, &self.0.authenticator);
            return Either::Left(stream::iter([outcome]));
        }
        let (request, remarks) = self.prepare(request, viewer);
        let transport = self.clone();
        let answers =
            AssertUnwindSafe(self.0.executor.execute_stream(request, None)).catch_unwind();
        Either::Right(answers.map(move |response| match response {
            Ok(mut response) => {
                remarks.put_into(&mut response);
                Outcome::new(response, &transport.0.authenticator)
            }
            Err(_) => Outcome::failed(&transport.0.authenticator),
        }))
    }
}

/// A router with `/graphql` alone.
pub fn router<E: Executor, A: Authenticate>(transport: Transport<E, A>) -> Router {
    Router::new()
        .route("/graphql", any(http::handle::<E, A>))
        .with_state(transport)
}
