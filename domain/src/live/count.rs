//! How many contacts a choice has, from now on.

use super::{Background, is_about, pace::Pace};
use crate::{
    contact::{self, Matching},
    db::Db,
    error::{Error, Result},
    event::Listener,
    page::Count,
    viewer::Viewer,
};
use entity::id::WorkspaceId;
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

/// Looks that are taken at the same time.
const AT_ONCE: usize = 2;

/// The counts that are watched in this process. Cheap to clone.
#[derive(Clone)]
pub struct Counts {
    db: Db,
    watched: Arc<Mutex<HashMap<String, Weak<Watched>>>>,
    /// What filters mean, as it was last read for a workspace: many looks follow the same hint.
    backgrounds: Arc<Mutex<HashMap<WorkspaceId, Arc<Background>>>>,
    /// Looks take turns, so many at once.
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
            backgrounds: Arc::default(),
            turn: Arc::new(Semaphore::new(AT_ONCE)),
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
        if let Some(watched) = shared(&self.lock(), &key) {
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
        let first = look.count(Instant::now()).await?;
        let mut all = self.lock();
        // Of several who begin at the same time, one looks for all of them.
        if let Some(watched) = shared(&all, &key) {
            return Ok(watched);
        }
        let (sender, receiver) = watch::channel(Counted::Count(first));
        let watched = Arc::new(receiver);
        all.retain(|_, watched| watched.strong_count() > 0);
        all.insert(key, Arc::downgrade(&watched));
        drop(all);
        tokio::spawn(look.keep_fresh(listener, sender));
        Ok(watched)
    }

    /// What filters mean, read at `since` or later.
    async fn background(&self, viewer: &Viewer, since: Instant) -> Result<Arc<Background>> {
        let key = viewer.workspace_id;
        let kept = || {
            let kept = self.backgrounds.lock();
            kept.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(found) = kept().get(&key).filter(|found| found.read >= since) {
            return Ok(Arc::clone(found));
        }
        let read = Arc::new(Background::load(self.db.read(), viewer).await?);
        kept().insert(key, Arc::clone(&read));
        Ok(read)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Weak<Watched>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The count of this key, if somebody looks after it.
fn shared(all: &HashMap<String, Weak<Watched>>, key: &str) -> Option<Arc<Watched>> {
    let watched = all.get(key).and_then(Weak::upgrade)?;
    watched.has_changed().is_ok().then_some(watched)
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
    async fn count(&self, since: Instant) -> Result<Count> {
        let conn = self.counts.db.read();
        let background = self.counts.background(&self.viewer, since).await?;
        let chosen = background
            .choose(conn, &self.viewer, &self.matching)
            .await?;
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
                    if !self.look(&sender, pace.hinted()).await {
                        return;
                    }
                    let together = self.counts.together.load(Ordering::Relaxed);
                    pace.looked(Instant::now(), Duration::from_micros(together));
                }
            }
        }
    }

    /// Counts once, as everything stands at `since` or later. Whether there is more to look at.
    async fn look(&mut self, sender: &watch::Sender<Counted>, since: Option<Instant>) -> bool {
        let Ok(_turn) = Arc::clone(&self.counts.turn).acquire_owned().await else {
            return false;
        };
        let begun = Instant::now();
        let counted = self.count(since.unwrap_or(begun)).await;
        self.note_cost(begun.elapsed());
        tracing::debug!(took = ?begun.elapsed(), matching = ?self.matching, "counted for those who watch");
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
