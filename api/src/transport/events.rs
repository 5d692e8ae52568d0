//! What a WebSocket's task waits for beside its client's messages and its operations' answers.
//!
//! All of it is one stream, which looks only at what has woken it. Ten thousand sockets that are told one state at once cost what each of them looks at: with a
//! branch of its own for each of these, every message that goes out would look at timers and at tokens that all sockets share.

use std::time::Duration;

use futures_util::stream::{self, BoxStream, SelectAll};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::CancellationToken;

use super::operation::{Operation, Said};
use super::session::{Session, Standing};

/// What happens to a socket.
pub(super) enum Event {
    /// An operation that is told states has one.
    Said(Operation, Said),
    /// It is time to ask whether the client is still there.
    Ping,
    /// The time for a `connection_init` is over.
    InitTimeout,
    /// The session must not go on; none: the server stops.
    Over(Option<Standing>),
}

/// Waits until a connection must not go on, as [`Event::Over`] has it.
pub(super) async fn over<V>(
    stop: &CancellationToken,
    session: Option<&Session<V>>,
) -> Option<Standing> {
    let Some(session) = session else {
        stop.cancelled().await;
        return None;
    };
    stop.run_until_cancelled(session.ended()).await
}

/// What has happened, in no particular order.
pub(super) struct Events(SelectAll<BoxStream<'static, Event>>);

impl Events {
    /// Of a connection that has just begun.
    pub(super) fn new(init: Duration, pings: Duration, stop: CancellationToken) -> Self {
        let stopping = async move {
            stop.cancelled_owned().await;
            Event::Over(None)
        };
        let late = async move {
            sleep(init).await;
            Event::InitTimeout
        };
        let mut ticks = interval_at(Instant::now() + pings, pings);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let pings = stream::unfold(ticks, async |mut ticks| {
            ticks.tick().await;
            Some((Event::Ping, ticks))
        });
        let mut events = SelectAll::new();
        events.push(stopping.into_stream().boxed());
        events.push(late.into_stream().boxed());
        events.push(pings.boxed());
        Self(events)
    }

    /// From now on the end of a session too.
    pub(super) fn add_end<V: Send + Sync + 'static>(&mut self, session: &Session<V>) {
        self.0.push(
            session
                .ended()
                .map(|standing| Event::Over(Some(standing)))
                .into_stream()
                .boxed(),
        );
    }

    /// From now on what an operation says too.
    pub(super) fn add_states(
        &mut self,
        told: impl Stream<Item = (Operation, Said)> + Send + 'static,
    ) {
        self.0
            .push(told.map(|(from, said)| Event::Said(from, said)).boxed());
    }

    /// The next; never none, since pings do not end.
    pub(super) async fn next(&mut self) -> Option<Event> {
        self.0.next().await
    }
}
