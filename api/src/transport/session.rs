//! Sockets and event streams that are open, by who opened them: so that they end when their token does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use tokio_util::sync::CancellationToken;

use super::share::Shares;

/// Whether a viewer may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As before.
    Good,
    /// They may do other things than when they came: they should come anew.
    Changed,
    /// They are let in no more.
    Gone,
}

/// The open sessions; those of one key share an entry.
pub(super) struct Sessions<V>(Mutex<HashMap<i64, Weak<Entry<V>>>>);

struct Entry<V> {
    viewer: V,
    shares: Arc<Shares>,
    end: CancellationToken,
    why: OnceLock<Standing>,
}

/// One socket or event stream. What was opened with one token ends together.
pub(super) struct Session<V>(Arc<Entry<V>>);

impl<V: Clone> Sessions<V> {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Begins one.
    pub(super) fn enter(&self, key: i64, viewer: &V) -> Session<V> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = open.get(&key).and_then(Weak::upgrade) {
            return Session(entry);
        }
        let entry = Arc::new(Entry {
            viewer: viewer.clone(),
            shares: Arc::default(),
            end: CancellationToken::new(),
            why: OnceLock::new(),
        });
        open.insert(key, Arc::downgrade(&entry));
        Session(entry)
    }

    /// Whose sessions are open.
    pub(super) fn viewers(&self) -> Vec<(i64, V)> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, entry| entry.strong_count() > 0);
        let viewers = open
            .iter()
            .filter_map(|(key, entry)| Some((*key, entry.upgrade()?.viewer.clone())));
        viewers.collect()
    }

    /// Ends those of a key.
    pub(super) fn end(&self, key: i64, why: Standing) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = open.remove(&key).and_then(|entry| entry.upgrade()) {
            let _ = entry.why.set(why);
            entry.end.cancel();
        }
    }
}

impl<V> Clone for Session<V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<V: PartialEq> Session<V> {
    /// What its viewer may join; none for whoever may do other things than when it began.
    pub(super) fn shares(&self, viewer: &V) -> Option<&Arc<Shares>> {
        (self.0.viewer == *viewer).then_some(&self.0.shares)
    }
}

impl<V> Session<V> {
    /// Waits until it must end, and says why.
    pub(super) fn ended(&self) -> impl Future<Output = Standing> + use<V> {
        let end = self.0.end.clone().cancelled_owned();
        let entry = Arc::clone(&self.0);
        async move {
            end.await;
            entry.why.get().copied().unwrap_or(Standing::Gone)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_one_token_opened_ends_together() {
        let sessions = Sessions::new();
        let (first, second) = (sessions.enter(1, &"Ada"), sessions.enter(1, &"Ada"));
        let other = sessions.enter(2, &"Bob");
        drop(sessions.enter(3, &"Cy"));
        let mut viewers = sessions.viewers();
        viewers.sort_unstable();
        assert_eq!(viewers, [(1, "Ada"), (2, "Bob")]);
        sessions.end(1, Standing::Changed);
        assert_eq!(first.ended().await, Standing::Changed);
        assert_eq!(second.ended().await, Standing::Changed);
        // Whoever comes now begins anew.
        let third = sessions.enter(1, &"Ada");
        assert!(!third.0.end.is_cancelled() && !other.0.end.is_cancelled());
    }
}
