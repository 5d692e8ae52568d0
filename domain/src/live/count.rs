//! How many contacts a choice has, from now on.

use super::{Background, is_about, pace::Pace};
use crate::{
    contact::{self, Matching},
    db::Db,
    error::{Error, Result},
    event::Listener,
    page::Count,
    shared::{Shared, follow},
    viewer::Viewer,
};
use entity::id::WorkspaceId;
use futures_util::Stream;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{
        Semaphore,
        watch::{Receiver, Sender},
    },
    time::{Instant, sleep_until},
};

/// Looks that are taken at the same time.
const AT_ONCE: usize = 2;

/// The counts that are watched in this process. Cheap to clone.
#[derive(Clone)]
pub struct Counts {
    db: Db,
    watched: Shared<String, Counted>,
    /// What filters mean, as it was last read for a workspace: many looks follow the same hint.
    backgrounds: Arc<Mutex<HashMap<WorkspaceId, Arc<Background>>>>,
    /// Looks take turns, so many at once.
    turn: Arc<Semaphore>,
    /// Microseconds that a look at each of them takes, together.
    together: Arc<AtomicU64>,
}

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
            watched: Shared::default(),
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
        Ok(follow(watched, |counted| {
            matches!(counted, Counted::Count(_))
        }))
    }

    /// The shared count, taken for the first time where nobody watches it yet.
    async fn watched(
        &self,
        viewer: &Viewer,
        matching: Matching,
        limit: u64,
    ) -> Result<Arc<Receiver<Counted>>> {
        let member = viewer.member.as_ref().map(|member| member.id);
        let key = format!(
            "{} {member:?} {:?} {limit} {matching:?}",
            viewer.workspace_id, viewer.restrictions
        );
        if let Some(watched) = self.watched.get(&key) {
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
        let (watched, sender) = self.watched.begin(key, Counted::Count(first));
        if let Some(sender) = sender {
            tokio::spawn(look.keep_fresh(listener, sender));
        }
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
    async fn keep_fresh(mut self, mut listener: Listener, sender: Sender<Counted>) {
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
    async fn look(&mut self, sender: &Sender<Counted>, since: Option<Instant>) -> bool {
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
