//! One operation of a WebSocket: what it says, and how it is ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::parser::types::OperationType;
use async_graphql::{Executor, Request};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, future};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::Message;

use super::outcome::{Kind, Outcome};
use super::protocol::{self, Close};
use super::refusal::Refusal;
use super::session::Session;
use super::{Answers, AuthError, Authenticate, Transport};

/// What an operation hands over.
pub(super) enum Said {
    /// A message, after which more will come.
    Next(Message),
    /// The last message.
    Last(Message),
    /// States from now on, which need nobody to execute anything.
    States(BoxStream<'static, Arc<Outcome>>),
    /// The connection must end.
    Close(Close),
}

/// Which operation said it. The number tells it from an earlier one that had the same id.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) id: Arc<str>,
    pub(super) number: u64,
}

/// How an operation is ended.
pub(super) enum End {
    Task(AbortHandle),
    States(future::AbortHandle),
}

impl End {
    pub(super) fn now(&self) {
        match self {
            Self::Task(task) => task.abort(),
            Self::States(states) => states.abort(),
        }
    }
}

/// What a `connection_init` begins.
pub(super) struct Init<V> {
    /// The token in it.
    pub(super) authorization: Option<String>,
    pub(super) session: Session<V>,
}

/// What an operation says of states that come.
pub(super) fn told(
    operation: Operation,
    states: impl Stream<Item = Arc<Outcome>>,
) -> impl Stream<Item = (Operation, Said)> {
    let id = Arc::clone(&operation.id);
    let last = Arc::clone(&operation.id);
    states
        .map(move |outcome| say_outcome(&id, &outcome))
        .chain(stream::once(async move {
            Said::Last(protocol::complete(&last))
        }))
        .map(move |said| (operation.clone(), said))
}

fn say_outcome(id: &str, outcome: &Outcome) -> Said {
    match outcome.kind() {
        Kind::Executed => Said::Next(protocol::next(id, outcome)),
        _ => Said::Last(protocol::error(id, outcome.errors())),
    }
}

pub(super) async fn authenticate<E: Executor, A: Authenticate>(
    transport: &Transport<E, A>,
    authorization: Option<&str>,
) -> Result<A::Viewer, Close> {
    let viewer = Box::pin(transport.authenticate(authorization)).await;
    viewer.map_err(|error| match error {
        AuthError::Unauthenticated(_) => Close::forbidden(),
        AuthError::Unavailable => Close::try_again_later(),
    })
}

/// Runs one operation to its end. Fails only when nobody listens any more.
pub(super) async fn operate<E: Executor, A: Authenticate>(
    transport: Transport<E, A>,
    init: Arc<Init<A::Viewer>>,
    (mut request, subscribes): (Request, Arc<AtomicBool>),
    (id, number): (Arc<str>, u64),
    said: mpsc::Sender<Box<(Operation, Said)>>,
) {
    let say = async |what| {
        let id = Arc::clone(&id);
        // Boxed: the queue has room for more of them than ever wait.
        said.send(Box::new((Operation { id, number }, what)))
            .await
            .is_ok()
    };
    let viewer = match authenticate(&transport, init.authorization.as_deref()).await {
        Ok(viewer) => viewer,
        Err(close) => {
            say(Said::Close(close)).await;
            return;
        }
    };
    let turn = transport.take_turn(&viewer);
    let admitted = match turn {
        Some(turn) if !turn.allowed => Err(Refusal::too_often()),
        _ => transport.admit(&mut request),
    };
    let kind = match admitted {
        Ok(kind) => kind,
        Err(refusal) => {
            say(Said::Last(protocol::refused(&id, &refusal))).await;
            return;
        }
    };
    if kind == Some(OperationType::Subscription) {
        subscribes.store(true, Ordering::Relaxed);
        if transport.0.shutdown.is_cancelled() {
            return;
        }
    }
    let mut outcomes = match transport.stream(request, (&viewer, &init.session), kind) {
        Answers::Own(outcomes) => outcomes,
        Answers::Shared(states) => {
            say(Said::States(states)).await;
            return;
        }
    };
    while let Some(outcome) = outcomes.next().await {
        let said = say_outcome(&id, &outcome);
        let is_last = matches!(said, Said::Last(_));
        if !say(said).await || is_last {
            return;
        }
    }
    say(Said::Last(protocol::complete(&id))).await;
}
