//! Jobs of one channel take turns within a process: they would wait for the same rows of the database anyway, each with a connection that others need.

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

#[cfg(test)]
mod tests {
    use super::*;

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
