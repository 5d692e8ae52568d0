//! Jobs of one channel take turns within a process, or one is at work alone: they would wait for the same rows of the database anyway, each with a connection
//! that others need.

use entity::id::ChannelId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Whose turn it is, for each channel. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Mutex<HashMap<ChannelId, Weak<Turn<()>>>>>);

impl Turns {
    /// Waits for the turn at a channel; it ends when what is given back is dropped.
    pub(crate) async fn take(&self, id: ChannelId) -> OwnedMutexGuard<()> {
        self.of(id).lock_owned().await
    }

    fn of(&self, id: ChannelId) -> Arc<Turn<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(&id).and_then(Weak::upgrade) {
            return turn;
        }
        // Those that nobody waits for any more.
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(id, Arc::downgrade(&turn));
        turn
    }
}

/// The channels that a job is at work for, each with whether another has come meanwhile. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct AtWork(Arc<Mutex<HashMap<ChannelId, bool>>>);

impl AtWork {
    /// Begins with a channel; none where another is at work for it, which then looks once more before it ends.
    pub(crate) fn begin(&self, id: ChannelId) -> Option<Working> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(has_come) = all.get_mut(&id) {
            *has_come = true;
            return None;
        }
        all.insert(id, false);
        Some(Working {
            all: self.clone(),
            id,
            is_over: false,
        })
    }
}

/// A job that is at work for a channel, until this is dropped.
#[derive(Debug)]
pub(crate) struct Working {
    all: AtWork,
    id: ChannelId,
    is_over: bool,
}

impl Working {
    /// Ends the work, unless another has come since it began or this was asked last: then there is something to look at once more.
    pub(crate) fn is_over(&mut self) -> bool {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get_mut(&self.id).is_some_and(std::mem::take) {
            return false;
        }
        all.remove(&self.id);
        self.is_over = true;
        true
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if !self.is_over {
            let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_another_at_work_leaves_and_that_one_looks_once_more() {
        let all = AtWork::default();
        let mut first = all.begin(ChannelId(1)).unwrap();
        assert!(all.begin(ChannelId(2)).is_some());
        assert!(all.begin(ChannelId(1)).is_none());
        assert!(!first.is_over(), "another has come");
        assert!(first.is_over(), "and was seen");
        let second = all.begin(ChannelId(1)).unwrap();
        drop(first);
        assert!(all.begin(ChannelId(1)).is_none(), "the second is at work");
        drop(second);
        assert!(all.begin(ChannelId(1)).is_some());
    }

    #[tokio::test]
    async fn only_those_of_one_channel_wait_for_each_other() {
        let turns = Turns::default();
        let first = turns.take(ChannelId(1)).await;
        drop(turns.take(ChannelId(2)).await);
        assert!(turns.of(ChannelId(1)).try_lock().is_err());
        drop(first);
        drop(turns.take(ChannelId(1)).await);
        assert!(turns.0.lock().unwrap().len() <= 2);
    }
}
