//! How many contacts a choice has, from now on.

use super::{choose, is_about, pace::Pace};
use crate::{
    contact::{self, Matching},
    db::Db,
    error::{Error, Result},
    event::Listener,
    page::Count,
    viewer::Viewer,
};
use futures_util::{Stream, stream};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, sleep_until},
};

/// The counts that are watched in this process. Cheap to clone.
#[derive(Clone)]
pub struct Counts {
    db: Db,
    watched: Arc<Mutex<HashMap<String, Weak<Watched>>>>,
    /// Looks take turns.
    turn: Arc<Semaphore>,
    /// Microseconds that a look at each of them takes, together.
    together: Arc<AtomicU64>,
}

/// A count that is watched.
type Watched = watch::Receiver<Counted>;

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// So many.
    Count(Count),
    /// It cannot be counted any more, since something that the choice names is gone: what to tell people.
    Gone(String),
}

impl Counts {
    /// Nothing is watched yet.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            watched: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
            together: Arc::default(),
        }
    }

    /// How many contacts match, counted up to `limit` (0: all): at once, then whenever it has changed, at most once a second; under a bulk
    /// write at most every ten seconds, and once it is over. Ends with [`Counted::Gone`].
    ///
    /// # Errors
    /// What does not fit in the choice; when the database is away.
    pub async fn watch(
        &self,
        viewer: &Viewer,
        matching: Matching,
        limit: u64,
    ) -> Result<impl Stream<Item = Counted> + use<>> {
        let watched = self.watched(viewer, matching, limit).await?;
        let mut receiver = Watched::clone(&watched);
        receiver.mark_changed();
        Ok(stream::unfold(
            Some((watched, receiver)),
            async |watching| {
                let (watched, mut receiver) = watching?;
                receiver.changed().await.ok()?;
                let counted = receiver.borrow_and_update().clone();
                let goes_on = matches!(counted, Counted::Count(_));
                Some((counted, goes_on.then_some((watched, receiver))))
            },
        ))
    }

    /// The shared count, taken for the first time where nobody watches it yet.
    async fn watched(
        &self,
        viewer: &Viewer,
        matching: Matching,
        limit: u64,
    ) -> Result<Arc<Watched>> {
        let member = viewer.member.as_ref().map(|member| member.id);
        let key = format!(
            "{} {member:?} {:?} {limit} {matching:?}",
            viewer.workspace_id, viewer.restrictions
        );
        if let Some(watched) = self.lock().get(&key).and_then(Weak::upgrade) {
            return Ok(watched);
        }
        let look = Look {
            counts: self.clone(),
            viewer: viewer.clone(),
            matching,
            limit,
            cost: 0,
        };
        // Listening begins before the first look, so that nothing is missed between the two.
        let listener = self.db.hub().listen();
        let first = look.count().await?;
        let (sender, receiver) = watch::channel(Counted::Count(first));
        let watched = Arc::new(receiver);
        let mut all = self.lock();
        all.retain(|_, watched| watched.strong_count() > 0);
        all.insert(key, Arc::downgrade(&watched));
        drop(all);
        tokio::spawn(look.keep_fresh(listener, sender));
        Ok(watched)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Weak<Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One who looks.
struct Look {
    counts: Counts,
    viewer: Viewer,
    matching: Matching,
    limit: u64,
    /// Microseconds that the last look took.
    cost: u64,
}

impl Look {
    async fn count(&self) -> Result<Count> {
        let conn = self.counts.db.read();
        let chosen = choose(conn, &self.viewer, &self.matching).await?;
        contact::count(conn, &self.viewer, &chosen, self.limit).await
    }

    /// Looks again after hints, until nobody watches.
    async fn keep_fresh(mut self, mut listener: Listener, sender: watch::Sender<Counted>) {
        let mut pace = Pace::new(Instant::now());
        loop {
            tokio::select! {
                hint = listener.next() => match hint {
                    Some(hint) if is_about(&hint, &self.viewer) => pace.hint(Instant::now()),
                    Some(_) => {}
                    None => return,
                },
                () = sender.closed() => return,
                () = sleep_until(pace.due()) => {
                    if !self.look(&sender).await {
                        return;
                    }
                    let together = self.counts.together.load(Ordering::Relaxed);
                    pace.looked(Instant::now(), Duration::from_micros(together));
                }
            }
        }
    }

    /// Whether there is more to look at.
    async fn look(&mut self, sender: &watch::Sender<Counted>) -> bool {
        let Ok(_turn) = Arc::clone(&self.counts.turn).acquire_owned().await else {
            return false;
        };
        let begun = Instant::now();
        let counted = self.count().await;
        self.note_cost(begun.elapsed());
        let counted = match counted {
            Ok(count) => Counted::Count(count),
            Err(error) => match error.for_people() {
                Ok(message) => Counted::Gone(message),
                Err(error) => {
                    tracing::warn!(%error, "a count that is watched cannot be taken; trying again at the next hint");
                    return true;
                }
            },
        };
        let goes_on = matches!(counted, Counted::Count(_));
        sender.send_if_modified(|now| {
            let changed = *now != counted;
            *now = counted;
            changed
        });
        goes_on
    }

    fn note_cost(&mut self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.counts.together.fetch_add(took, Ordering::Relaxed);
        self.counts.together.fetch_sub(self.cost, Ordering::Relaxed);
        self.cost = took;
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        self.counts.together.fetch_sub(self.cost, Ordering::Relaxed);
    }
}

impl From<Counted> for Result<Count> {
    fn from(counted: Counted) -> Self {
        match counted {
            Counted::Count(count) => Ok(count),
            Counted::Gone(message) => Err(Error::bad_input("filter", message)),
        }
    }
}
