//! Jobs of one channel take turns within a process, or one is at work alone: they would wait for the same rows of the database anyway, each with a connection
//! that others need.

use entity::id::ChannelId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// The jobs of each channel that take turns. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Mutex<HashMap<ChannelId, Weak<Line>>>>);

/// Those of one channel.
#[derive(Debug, Default)]
struct Line(Arc<Turn<()>>);

/// A job's place among those of its channel, until this is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Line>);

impl Turns {
    /// Joins those of a channel.
    pub(crate) fn join(&self, id: ChannelId) -> Place {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.get(&id).and_then(Weak::upgrade) {
            return Place(line);
        }
        // Those in which nobody is any more.
        lines.retain(|_, line| line.strong_count() > 0);
        let line = Arc::default();
        lines.insert(id, Arc::downgrade(&line));
        Place(line)
    }
}

impl Place {
    /// Waits for the turn at the channel; it ends when what is given back is dropped.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0.0).lock_owned().await
    }

    /// How many jobs take turns, this one included.
    pub(crate) fn jobs(&self) -> u32 {
        u32::try_from(Arc::strong_count(&self.0)).unwrap_or(u32::MAX)
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
        let places = [1, 1, 2].map(|id| turns.join(ChannelId(id)));
        let first = places[0].turn().await;
        drop(places[2].turn().await);
        assert!(places[1].0.0.try_lock().is_err());
        drop(first);
        drop(places[1].turn().await);
        assert_eq!(places.each_ref().map(Place::jobs), [2, 2, 1]);
        drop(places);
        assert_eq!(turns.join(ChannelId(1)).jobs(), 1);
        assert_eq!(
            turns.0.lock().unwrap().len(),
            1,
            "nobody is left at the other"
        );
    }
}
