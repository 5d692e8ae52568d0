//! Where the server is to be reached now, and when it was away.

use crate::client::Client;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What a killed process had begun is taken up within that: its heartbeats must be missed first.
pub(super) const RECOVERY: Duration = Duration::from_secs(10);

/// See the module. A server that is started again listens elsewhere; until it is known where, the old address is spoken to, as a provider would.
pub(super) struct Line(Mutex<State>);

struct State {
    client: Client,
    /// From when till when it was away.
    outages: Vec<(Instant, Option<Instant>)>,
}

impl Line {
    /// To the server of this client.
    pub(super) fn new(client: Client) -> Self {
        Self(Mutex::new(State {
            client,
            outages: Vec::new(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client of the server that is there now.
    pub(super) fn client(&self) -> Client {
        self.state().client.clone()
    }

    /// To be said before the process is killed.
    pub(super) fn goes_down(&self) {
        self.state().outages.push((Instant::now(), None));
    }

    /// Another process is ready.
    pub(super) fn is_up(&self, client: Client) {
        let mut state = self.state();
        state.client = client;
        if let Some((_, end)) = state.outages.last_mut() {
            *end = Some(Instant::now());
        }
    }

    /// Whether it was up all the time between two moments.
    pub(super) fn was_up(&self, from: Instant, to: Instant) -> bool {
        let state = self.state();
        let mut outages = state.outages.iter();
        !outages.any(|(down, up)| *down <= to && up.is_none_or(|up| up >= from))
    }

    /// Whether it was up all that time, and for [`RECOVERY`] before.
    pub(super) fn was_steady(&self, from: Instant, to: Instant) -> bool {
        self.was_up(from.checked_sub(RECOVERY).unwrap_or(from), to)
    }

    /// How long it was away each time.
    pub(super) fn outages(&self) -> Vec<Duration> {
        let state = self.state();
        let ended = state.outages.iter();
        ended
            .filter_map(|(down, up)| Some((*up)? - *down))
            .collect()
    }
}
