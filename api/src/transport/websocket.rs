//! graphql-transport-ws: many operations, of every kind, over one WebSocket.
//!
//! One task reads and writes the socket; each operation is a task of its own that hands its messages over through one short queue. A
//! client that does not read fills that queue, and then its operations wait: it costs the memory of a few messages and no more.

use std::collections::HashMap;

use async_graphql::{Executor, Request};
use axum::body::Bytes;
use axum::response::Response;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::count::Open;
use super::handshake::{self, Handshake, Socket};
use super::outcome::Kind;
use super::protocol::{self, ClientMessage, Close};
use super::refusal::Refusal;
use super::session::{Session, Standing};
use super::{AuthError, Authenticate, Transport};
use crate::code::Code;

/// How many messages of all operations wait for the socket.
const QUEUE: usize = 16;

/// Takes the connection over.
pub(super) fn upgrade<E: Executor, A: Authenticate>(
    transport: Transport<E, A>,
    handshake: Handshake,
) -> Response {
    let spoken = handshake.spoken;
    let (answer, socket) = handshake.accept(transport.settings().max_body);
    let sockets = transport.0.sockets.clone();
    sockets.spawn(async move {
        if let Some(socket) = socket.await {
            serve(transport, socket, spoken).await;
        }
    });
    answer
}

async fn serve<E: Executor, A: Authenticate>(
    transport: Transport<E, A>,
    mut socket: Socket,
    spoken: bool,
) {
    let _open = Open::websocket();
    let close = if spoken {
        Connection::new(transport).run(&mut socket).await
    } else {
        Err(Close::subprotocol())
    };
    if let Err(close) = close {
        handshake::goodbye(socket, close).await;
    }
}

/// What an operation hands over.
enum Said {
    /// A message, after which more will come.
    Next(Message),
    /// The last message.
    Last(Message),
    /// The connection must end.
    Close(Close),
}

/// Which operation said it. The number tells it from an earlier one that had the same id.
struct Operation {
    id: String,
    number: u64,
}

struct Connection<E, A: Authenticate> {
    transport: Transport<E, A>,
    /// Whether there was a `connection_init`: the token in it, and the session that it began.
    init: Option<(Option<String>, Session<A::Viewer>)>,
    operations: HashMap<String, (u64, AbortHandle)>,
    started: u64,
    /// Dropped with the connection, which ends all of them.
    tasks: JoinSet<()>,
    said: mpsc::Sender<(Operation, Said)>,
    heard: mpsc::Receiver<(Operation, Said)>,
}

impl<E: Executor, A: Authenticate> Connection<E, A> {
    fn new(transport: Transport<E, A>) -> Self {
        let (said, heard) = mpsc::channel(QUEUE);
        Self {
            transport,
            init: None,
            operations: HashMap::new(),
            started: 0,
            tasks: JoinSet::new(),
            said,
            heard,
        }
    }

    /// Serves until the client goes (`Ok`) or must be sent away (`Err`).
    async fn run(mut self, socket: &mut Socket) -> Result<(), Close> {
        let shutdown = self.transport.0.shutdown.clone();
        tokio::select! {
            result = self.converse(socket) => result,
            () = shutdown.cancelled() => Err(Close::going_away()),
        }
    }

    async fn converse(&mut self, socket: &mut Socket) -> Result<(), Close> {
        let settings = self.transport.settings().clone();
        let deadline = Instant::now() + settings.init_timeout;
        let mut heard_of = Instant::now();
        let mut pings = interval_at(Instant::now() + settings.keep_alive, settings.keep_alive);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let answer = tokio::select! {
                message = socket.next() => {
                    heard_of = Instant::now();
                    match message {
                        Some(Ok(message)) => self.receive(message).await?,
                        Some(Err(Error::Capacity(_))) => return Err(Close::too_large()),
                        Some(Err(_)) | None => return Ok(()),
                    }
                }
                Some((operation, said)) = self.heard.recv() => self.pass_on(&operation, said)?,
                () = sleep_until(deadline), if self.init.is_none() => {
                    return Err(Close::init_timeout());
                }
                standing = ended(self.init.as_ref()) => {
                    return Err(match standing {
                        Standing::Changed => Close::changed(),
                        Standing::Good | Standing::Gone => Close::forbidden(),
                    });
                }
                _ = pings.tick() => {
                    // Several pings without a pong: the client is gone without a word.
                    if heard_of.elapsed() > settings.idle_timeout * 2 {
                        return Ok(());
                    }
                    Some(Message::Ping(Bytes::new()))
                }
            };
            if let Some(answer) = answer {
                match timeout(settings.idle_timeout, socket.send(answer)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return Ok(()),
                    Err(_) => return Err(Close::too_slow()),
                }
            }
        }
    }

    /// Takes a message of the client, and answers what is to be answered at once.
    async fn receive(&mut self, message: Message) -> Result<Option<Message>, Close> {
        let message = match message {
            Message::Text(text) => ClientMessage::parse(&text)?,
            Message::Binary(_) => return Err(Close::invalid("Invalid message: it must be text")),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                return Ok(None);
            }
        };
        match message {
            ClientMessage::Init { .. } if self.init.is_some() => Err(Close::second_init()),
            ClientMessage::Init { authorization } => {
                let viewer = authenticate(&self.transport, authorization.as_deref()).await?;
                self.init = Some((authorization, self.transport.enter(&viewer)));
                Ok(Some(protocol::connection_ack()))
            }
            ClientMessage::Ping(payload) => Ok(Some(protocol::pong(payload))),
            ClientMessage::Pong => Ok(None),
            ClientMessage::Subscribe { id, parameters } => {
                let (authorization, _) = self.init.as_ref().ok_or_else(Close::unauthorized)?;
                if self.operations.contains_key(&id) {
                    return Err(Close::duplicate(&id));
                }
                match self.transport.reader().map(parameters) {
                    Ok(request) => Ok(self.start(id, authorization.clone(), request)),
                    Err(refusal) if refusal.code() == Code::BadUserInput => {
                        Err(Close::invalid(format!("Invalid message: {refusal}")))
                    }
                    Err(refusal) => Ok(Some(protocol::refused(&id, &refusal))),
                }
            }
            ClientMessage::Complete { id } => {
                if let Some((_, task)) = self.operations.remove(&id) {
                    task.abort();
                }
                Ok(None)
            }
        }
    }

    fn start(
        &mut self,
        id: String,
        authorization: Option<String>,
        request: Request,
    ) -> Option<Message> {
        while self.tasks.try_join_next().is_some() {}
        if self.operations.len() >= self.transport.settings().max_operations {
            let refusal = Refusal::excessive("too many operations on this connection");
            return Some(protocol::refused(&id, &refusal));
        }
        self.started += 1;
        let number = self.started;
        let operation = operate(
            self.transport.clone(),
            authorization,
            request,
            (id.clone(), number),
            self.said.clone(),
        );
        let authenticator = self.transport.0.authenticator.clone();
        let task = self
            .tasks
            .spawn(async move { authenticator.as_request(operation).await });
        self.operations.insert(id, (number, task));
        None
    }

    /// Lets a message of an operation through, unless the client has meanwhile had enough of it.
    fn pass_on(&mut self, from: &Operation, said: Said) -> Result<Option<Message>, Close> {
        let running = self.operations.get(&from.id);
        if running.is_none_or(|(number, _)| *number != from.number) {
            return Ok(None);
        }
        match said {
            Said::Next(message) => Ok(Some(message)),
            Said::Last(message) => {
                self.operations.remove(&from.id);
                Ok(Some(message))
            }
            Said::Close(close) => Err(close),
        }
    }
}

/// Waits for the end of the session; for ever where none has begun.
async fn ended<V>(init: Option<&(Option<String>, Session<V>)>) -> Standing {
    match init {
        Some((_, session)) => session.ended().await,
        None => std::future::pending().await,
    }
}

async fn authenticate<E: Executor, A: Authenticate>(
    transport: &Transport<E, A>,
    authorization: Option<&str>,
) -> Result<A::Viewer, Close> {
    let viewer = transport.authenticate(authorization).await;
    viewer.map_err(|error| match error {
        AuthError::Unauthenticated(_) => Close::forbidden(),
        AuthError::Unavailable => Close::try_again_later(),
    })
}

/// Runs one operation to its end. Fails only when nobody listens any more.
async fn operate<E: Executor, A: Authenticate>(
    transport: Transport<E, A>,
    authorization: Option<String>,
    mut request: Request,
    (id, number): (String, u64),
    said: mpsc::Sender<(Operation, Said)>,
) {
    let say = async |what| {
        let id = id.clone();
        said.send((Operation { id, number }, what)).await.is_ok()
    };
    let viewer = match authenticate(&transport, authorization.as_deref()).await {
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
    let mut outcomes = transport.stream(request, &viewer, kind);
    while let Some(outcome) = outcomes.next().await {
        if outcome.kind() != Kind::Executed {
            say(Said::Last(protocol::error(&id, outcome.errors()))).await;
            return;
        }
        if !say(Said::Next(protocol::next(&id, &outcome))).await {
            return;
        }
    }
    say(Said::Last(protocol::complete(&id))).await;
}
