//! When a worker looks for the next job: once a second, and whenever it is poked.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Context;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How long a job that nobody was poked for waits at most: one enqueued by another process, or due for its next
/// attempt.
const TICK: Duration = Duration::from_secs(1);

/// Tells idle workers of this process to look for jobs now. Clones poke the same workers.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    notify: Arc<Notify>,
    pokes: AtomicU64,
}

impl Wake {
    /// Makes every worker that holds this look for jobs. Call it after the commit that enqueued one.
    pub fn poke(&self) {
        self.0.pokes.fetch_add(1, Ordering::SeqCst);
        self.0.notify.notify_waiters();
    }

    /// A count of pokes: whoever reads it before looking can tell whether to look once more.
    pub(super) fn pokes(&self) -> u64 {
        self.0.pokes.load(Ordering::SeqCst)
    }
}

/// The tick and the pokes of one worker.
pub(super) struct Poll {
    wake: Wake,
    poked: Pin<Box<OwnedNotified>>,
    tick: Interval,
}

impl Poll {
    pub(super) fn new(wake: Wake) -> Self {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let poked = Box::pin(Arc::clone(&wake.0.notify).notified_owned());
        Self { wake, poked, tick }
    }

    /// Arranges for the worker to be polled again at the next tick or poke, and says whether one has come. Both are
    /// polled until they are pending: a timer that has fired and is not polled again wakes nobody.
    pub(super) fn register(&mut self, cx: &mut Context<'_>) -> bool {
        let mut came = false;
        while self.tick.poll_tick(cx).is_ready() {
            came = true;
        }
        while self.poked.as_mut().poll(cx).is_ready() {
            came = true;
            self.poked = Box::pin(Arc::clone(&self.wake.0.notify).notified_owned());
        }
        came
    }
}
