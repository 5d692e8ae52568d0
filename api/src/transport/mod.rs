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
mod brackets;
mod count;
mod events;
mod handshake;
mod http;
mod inputs;
mod merge;
mod multipart;
mod negotiate;
mod operation;
mod origin;
mod outcome;
mod parameters;
mod persisted;
mod protocol;
mod rate;
mod refusal;
mod remarks;
mod root;
mod rules;
mod scan;
mod session;
mod settings;
mod share;
mod sse;
mod sum;
mod upload;
mod values;
mod variables;
mod walk;
mod watch;
mod websocket;
mod weigh;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::{OperationType, Selection};
use async_graphql::{Executor, Request};
use axum::Router;
use axum::routing::any;
use futures_util::future::Either;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Span;

use count::Open;
use outcome::Outcome;
use parameters::Reader;
use persisted::Persisted;
use rate::{Buckets, Turn};
use refusal::Refusal;
use session::{Session, Sessions};
use share::Words;

pub use remarks::Remarks;
pub use session::Standing;
pub use settings::{Limits, Rate, Settings};
pub use upload::{Received, Upload, file_digests};
pub use weigh::Weights;

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
    type Viewer: Clone + PartialEq + Send + Sync + 'static;

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

    /// Whether this field of the subscriptions tells states: each of its events says all there is to say, and the present one comes at once. Who asks for one in the
    /// same words with the same token may share an execution, and skip states that come too fast.
    fn is_state(&self, _field: &str) -> bool {
        false
    }

    /// Which of all viewers it is: what is limited and what ends together.
    fn key(&self, viewer: &Self::Viewer) -> i64;

    /// Whether those whose sockets and streams are open may go on, in their order; asked every second for all of them together.
    fn recheck(
        &self,
        viewers: &[Self::Viewer],
    ) -> impl Future<Output = Result<Vec<Standing>, AuthError>> + Send;

    /// By which an answer is found in the log.
    fn request_id(&self) -> String;

    /// Runs an operation of a WebSocket as a request of its own, with an id in the log.
    fn as_request<F: Future<Output: Send> + Send>(
        &self,
        operation: F,
    ) -> impl Future<Output = F::Output> + Send;
}

/// All that the handlers share; a clone is another handle on the same.
pub struct Transport<E, A: Authenticate>(Arc<Shared<E, A>>);

struct Shared<E, A: Authenticate> {
    executor: E,
    authenticator: A,
    settings: Settings,
    weights: Weights,
    persisted: Persisted,
    buckets: Option<Buckets>,
    sessions: Sessions<A::Viewer>,
    shutdown: CancellationToken,
    sockets: TaskTracker,
}

impl<E, A: Authenticate> Clone for Transport<E, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// What an operation is answered with.
enum Answers {
    /// By an execution of its own, which goes on as the answers are asked for.
    Own(BoxStream<'static, Arc<Outcome>>),
    /// By one that goes on elsewhere.
    Shared(BoxStream<'static, Arc<Outcome>>),
}

impl<E: Executor, A: Authenticate> Transport<E, A> {
    /// A transport that ends its sockets and event streams when `shutdown` is cancelled.
    pub fn new(
        executor: E,
        authenticator: A,
        (settings, weights): (Settings, Weights),
        shutdown: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            executor,
            authenticator,
            persisted: Persisted::new(settings.persisted),
            buckets: settings.rate.map(Buckets::new),
            sessions: Sessions::new(),
            settings,
            weights,
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

    fn reader(&self) -> Reader<'_> {
        Reader {
            limits: &self.0.settings.limits,
            persisted: &self.0.persisted,
        }
    }

    /// Counts a request of a viewer; none where they may ask as often as they like.
    fn take_turn(&self, viewer: &A::Viewer) -> Option<Turn> {
        let buckets = self.0.buckets.as_ref()?;
        Some(buckets.take(self.0.authenticator.key(viewer)))
    }

    /// Begins a socket or an event stream.
    fn enter(&self, viewer: &A::Viewer) -> Session<A::Viewer> {
        let key = self.0.authenticator.key(viewer);
        self.0.sessions.enter(key, viewer)
    }

    /// Refuses a document that asks for too much; else says of which kind the operation is, or none where execution will say what is wrong.
    fn admit(&self, request: &mut Request) -> Result<Option<OperationType>, Refusal> {
        let variables = std::mem::take(&mut request.variables);
        let (chosen, limits) = (request.operation_name.clone(), &self.0.settings.limits);
        let weighed = match request.parsed_query() {
            Ok(document) => {
                let asked = (chosen.as_deref(), &variables);
                self.0.weights.check(document, asked, limits)
            }
            Err(_) => Ok(()),
        };
        request.variables = variables;
        weighed?;
        let kind = parameters::operation(request).map(|operation| operation.ty);
        if kind == Some(OperationType::Subscription) {
            root::unfold(request);
        }
        Ok(kind)
    }

    fn prepare(&self, request: Request, viewer: &A::Viewer) -> (Request, Remarks) {
        let remarks = Remarks::default();
        let request = request.data(viewer.clone()).data(remarks.clone());
        (self.0.authenticator.prepare(request, viewer), remarks)
    }

    /// Executes a query or a mutation, for as long as it may take. A panic of a resolver costs its own request alone.
    async fn execute(
        &self,
        request: Request,
        viewer: &A::Viewer,
        (kind, patience): (Option<OperationType>, Duration),
    ) -> Outcome {
        let outcome = self.run(request, viewer, patience).await;
        count::operation(kind, &outcome);
        outcome
    }

    async fn run(&self, mut request: Request, viewer: &A::Viewer, patience: Duration) -> Outcome {
        let id = self.0.authenticator.request_id();
        if let Some(response) = variables::missing(&mut request) {
            return Outcome::new(response, &id);
        }
        let (request, remarks) = self.prepare(request, viewer);
        let execution = AssertUnwindSafe(self.0.executor.execute(request)).catch_unwind();
        match timeout(patience, execution).await {
            Ok(Ok(mut response)) => {
                remarks.put_into(&mut response);
                Outcome::new(response, &id)
            }
            Ok(Err(_)) => Outcome::failed(&id),
            Err(_) => Outcome::timed_out(&id, patience),
        }
    }

    /// Executes an operation of any kind as a stream of answers.
    fn stream(
        &self,
        request: Request,
        (viewer, session): (&A::Viewer, &Session<A::Viewer>),
        kind: Option<OperationType>,
    ) -> Answers {
        if kind == Some(OperationType::Subscription) {
            return self.subscribe(request, (viewer, session));
        }
        let (transport, viewer) = (self.clone(), viewer.clone());
        let patience = self.0.settings.request_timeout;
        let answer = async move {
            let outcome = transport.execute(request, &viewer, (kind, patience)).await;
            Arc::new(outcome)
        };
        Answers::Own(stream::once(answer).boxed())
    }

    /// Executes a subscription, or joins one of the same words.
    fn subscribe(
        &self,
        mut request: Request,
        (viewer, session): (&A::Viewer, &Session<A::Viewer>),
    ) -> Answers {
        let open = Open::subscription();
        let counted = move |outcome| (&open, outcome).1;
        let shares = session.shares(viewer);
        let shares = shares.filter(|_| self.is_state(&mut request));
        let Some((shares, words)) = shares.zip(Words::of(&request)) else {
            let outcomes = self.listen(request, viewer).map(Arc::new);
            return Answers::Own(outcomes.map(counted).boxed());
        };
        let (states, share) = shares.join(words);
        if let Some(share) = share {
            let (transport, viewer) = (self.clone(), viewer.clone());
            // A request of its own: it may outlive the one that began it.
            tokio::spawn(async move {
                let run = async { share.run(transport.listen(request, &viewer)).await };
                transport.0.authenticator.as_request(run).await;
            });
        }
        Answers::Shared(states.map(counted).boxed())
    }

    /// Whether a subscription asks for a state alone.
    fn is_state(&self, request: &mut Request) -> bool {
        let operation = parameters::operation(request);
        let fields = operation.map(|operation| operation.selection_set.node.items.as_slice());
        match fields {
            Some([field]) => match &field.node {
                Selection::Field(field) => self.0.authenticator.is_state(&field.node.name.node),
                Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
            },
            _ => false,
        }
    }

    fn listen(
        &self,
        mut request: Request,
        viewer: &A::Viewer,
    ) -> impl Stream<Item = Outcome> + Send + Unpin + use<E, A> {
        let id = self.0.authenticator.request_id();
        if let Some(response) = variables::missing(&mut request) {
            return Either::Left(stream::iter([Outcome::new(response, &id)]));
        }
        let (request, remarks) = self.prepare(request, viewer);
        let answers = self.0.executor.execute_stream(request, None);
        let mut answers = AssertUnwindSafe(answers).catch_unwind();
        let span = Span::current();
        // Whoever polls a stream later is in no span of its request.
        let answers =
            stream::poll_fn(move |context| span.in_scope(|| answers.poll_next_unpin(context)));
        Either::Right(answers.map(move |response| match response {
            Ok(mut response) => {
                remarks.put_into(&mut response);
                Outcome::new(response, &id)
            }
            Err(_) => Outcome::failed(&id),
        }))
    }
}

/// A router with `/graphql` alone.
pub fn router<E: Executor, A: Authenticate>(transport: Transport<E, A>) -> Router {
    Router::new()
        .route("/graphql", any(http::handle::<E, A>))
        .with_state(transport)
}
