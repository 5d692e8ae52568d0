//! graphql-transport-ws: many operations, of every kind, over one WebSocket.
//!
//! One task reads and writes the socket; each operation is a task of its own that hands its messages over through one short queue. A
//! client that does not read fills that queue, and then its operations wait: it costs the memory of a few messages and no more. States that are shared
//! need no task: the socket's own waits for them ([`super::events`]).

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_graphql::{Executor, Request};
use axum::body::Bytes;
use axum::response::Response;
use futures_util::{SinkExt, StreamExt, stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::count::Open;
use super::events::{Event, Events, over};
use super::handshake::{self, Handshake, Socket};
use super::operation::{End, Init, Operation, Said, authenticate, operate, told};
use super::protocol::{self, ClientMessage, Close};
use super::refusal::Refusal;
use super::session::Standing;
use super::{Authenticate, Transport};
use crate::code::Code;

/// How many messages of all operations wait for the socket.
const QUEUE: usize = 16;

/// How long queries and mutations that have begun may go on when the server stops.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

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
        Box::pin(Connection::new(transport).run(&mut socket)).await
    } else {
        Err(Close::subprotocol())
    };
    if let Err(close) = close {
        handshake::goodbye(socket, close).await;
    }
}

/// An operation that has not ended.
struct Running {
    number: u64,
    end: End,
    /// Whether it is known to be a subscription.
    subscribes: Arc<AtomicBool>,
}

struct Connection<E, A: Authenticate> {
    transport: Transport<E, A>,
    /// Whether there was a `connection_init`: what it began.
    init: Option<Arc<Init<A::Viewer>>>,
    events: Events,
    operations: HashMap<String, Running>,
    started: u64,
    /// Dropped with the connection, which ends all of them.
    tasks: JoinSet<()>,
    said: mpsc::Sender<Box<(Operation, Said)>>,
    heard: mpsc::Receiver<Box<(Operation, Said)>>,
}

impl<E: Executor, A: Authenticate> Connection<E, A> {
    fn new(transport: Transport<E, A>) -> Self {
        let (said, heard) = mpsc::channel(QUEUE);
        let (settings, stop) = (transport.settings(), transport.0.shutdown.clone());
        let events = Events::new(settings.init_timeout, settings.keep_alive, stop);
        Self {
            transport,
            init: None,
            events,
            operations: HashMap::new(),
            started: 0,
            tasks: JoinSet::new(),
            said,
            heard,
        }
    }

    /// Serves until the client goes (`Ok`) or must be sent away (`Err`).
    async fn run(mut self, socket: &mut Socket) -> Result<(), Close> {
        let mut heard_of = Instant::now();
        loop {
            let answer = tokio::select! {
                message = socket.next() => {
                    heard_of = Instant::now();
                    match message {
                        Some(Ok(message)) => self.receive(message).await?,
                        Some(Err(error)) => return Close::unreadable(&error).map_or(Ok(()), Err),
                        None => return Ok(()),
                    }
                }
                Some(heard) = self.heard.recv() => {
                    let (operation, said) = *heard;
                    self.pass_on(operation, said)?
                }
                Some(event) = self.events.next() => match event {
                    Event::Said(operation, said) => self.pass_on(operation, said)?,
                    // Several pings without a pong: the client is gone without a word.
                    Event::Ping if heard_of.elapsed() > self.idle_timeout() * 2 => return Ok(()),
                    Event::Ping => Some(Message::Ping(Bytes::new())),
                    Event::InitTimeout if self.init.is_some() => None,
                    Event::InitTimeout => return Err(Close::init_timeout()),
                    Event::Over(standing) => return Err(self.leave(standing, socket).await),
                },
            };
            let Some(answer) = answer else {
                continue;
            };
            let session = self.init.as_ref().map(|init| &init.session);
            let sent = tokio::select! {
                biased;
                sent = timeout(self.idle_timeout(), socket.send(answer)) => sent,
                standing = over(&self.transport.0.shutdown, session) => {
                    return Err(self.leave(standing, socket).await);
                }
            };
            match sent {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Ok(()),
                Err(_) => return Err(Close::too_slow()),
            }
        }
    }

    /// How long a client may read nothing.
    fn idle_timeout(&self) -> Duration {
        self.transport.settings().idle_timeout
    }

    /// Why the client must go, whose session is over; the server stops where that is not the reason.
    async fn leave(&mut self, standing: Option<Standing>, socket: &mut Socket) -> Close {
        if let Some(standing) = standing {
            return Close::ended(standing);
        }
        let _ = timeout(LAST_ANSWERS, self.finish(socket)).await;
        Close::going_away()
    }

    /// Answers the queries and mutations that have begun; nothing new begins, and subscriptions end.
    async fn finish(&mut self, socket: &mut Socket) {
        self.operations.retain(|_, running| {
            let subscribes = running.subscribes.load(Ordering::Relaxed);
            if subscribes {
                running.end.now();
            }
            !subscribes
        });
        loop {
            let heard = tokio::select! {
                biased;
                heard = self.heard.recv() => heard,
                ended = self.tasks.join_next() => match ended {
                    Some(_) => continue,
                    // The last of them has ended; what it has said meanwhile is still there.
                    None => self.heard.try_recv().ok(),
                },
            };
            let Some((operation, said)) = heard.map(|heard| *heard) else {
                return;
            };
            if let Ok(Some(answer)) = self.pass_on(operation, said)
                && socket.send(answer).await.is_err()
            {
                return;
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
                let viewer = authenticate(&self.transport, authorization.as_deref());
                let viewer = self.transport.0.shutdown.run_until_cancelled(viewer);
                let viewer = viewer.await.ok_or_else(Close::going_away)??;
                let session = self.transport.enter(&viewer);
                self.events.add_end(&session);
                let init = Init {
                    authorization,
                    session,
                };
                self.init = Some(Arc::new(init));
                Ok(Some(protocol::connection_ack()))
            }
            ClientMessage::Ping(payload) => Ok(Some(protocol::pong(payload))),
            ClientMessage::Pong => Ok(None),
            ClientMessage::Subscribe { id, parameters } => {
                let init = self.init.as_ref().ok_or_else(Close::unauthorized)?;
                if self.operations.contains_key(&id) {
                    return Err(Close::duplicate(&id));
                }
                match self.transport.reader().map(parameters) {
                    Ok(request) => Ok(self.start(id, Arc::clone(init), request)),
                    Err(refusal) if refusal.code() == Code::BadUserInput => {
                        Err(Close::invalid(format!("Invalid message: {refusal}")))
                    }
                    Err(refusal) => Ok(Some(protocol::refused(&id, &refusal))),
                }
            }
            ClientMessage::Complete { id } => {
                if let Some(running) = self.operations.remove(&id) {
                    running.end.now();
                }
                Ok(None)
            }
        }
    }

    fn start(
        &mut self,
        id: String,
        init: Arc<Init<A::Viewer>>,
        request: Request,
    ) -> Option<Message> {
        while self.tasks.try_join_next().is_some() {}
        if self.operations.len() >= self.transport.settings().max_operations {
            let refusal = Refusal::excessive("too many operations on this connection");
            return Some(protocol::refused(&id, &refusal));
        }
        self.started += 1;
        let number = self.started;
        let subscribes = Arc::<AtomicBool>::default();
        let operation = operate(
            self.transport.clone(),
            init,
            (request, Arc::clone(&subscribes)),
            (id.as_str().into(), number),
            self.said.clone(),
        );
        let authenticator = self.transport.0.authenticator.clone();
        // Boxed, here and below: what is moved from one future into the next keeps its room in each of them.
        let operation = Box::pin(operation);
        let task = self
            .tasks
            .spawn(async move { authenticator.as_request(operation).await });
        let running = Running {
            number,
            end: End::Task(task),
            subscribes,
        };
        self.operations.insert(id, running);
        None
    }

    /// Lets a message of an operation through, unless the client has meanwhile had enough of it.
    fn pass_on(&mut self, from: Operation, said: Said) -> Result<Option<Message>, Close> {
        let running = self.operations.get_mut(&*from.id);
        let Some(running) = running.filter(|running| running.number == from.number) else {
            return Ok(None);
        };
        match said {
            Said::Next(message) => Ok(Some(message)),
            Said::Last(message) => {
                self.operations.remove(&*from.id);
                Ok(Some(message))
            }
            Said::States(states) => {
                let (states, end) = stream::abortable(states);
                running.end = End::States(end);
                self.events.add_states(told(from, states));
                Ok(None)
            }
            Said::Close(close) => Err(close),
        }
    }
}
