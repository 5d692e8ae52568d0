//! What many watch in this process, and one task keeps fresh for all of them.

use futures_util::{Stream, stream};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};
use tokio::sync::watch::{self, Receiver, Sender};

/// The values that are watched, by what they are of. Cheap to clone.
pub(crate) struct Shared<K, T>(Arc<Mutex<Values<K, T>>>);

/// A value is there as long as somebody watches it.
type Values<K, T> = HashMap<K, Weak<Receiver<T>>>;

impl<K, T> Clone for Shared<K, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, T> Default for Shared<K, T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash, T> Shared<K, T> {
    /// The value of this key, if somebody keeps it fresh.
    pub(crate) fn get(&self, key: &K) -> Option<Arc<Receiver<T>>> {
        kept(&self.lock(), key)
    }

    /// Shares a value, and gives who is to keep it fresh the way to do so, until nobody watches it. Of several who read a value at the same time
    /// one keeps it fresh, and the others watch what that one has.
    pub(crate) fn begin(&self, key: K, first: T) -> (Arc<Receiver<T>>, Option<Sender<T>>) {
        let mut values = self.lock();
        if let Some(value) = kept(&values, &key) {
            return (value, None);
        }
        let (sender, receiver) = watch::channel(first);
        let value = Arc::new(receiver);
        values.retain(|_, value| value.strong_count() > 0);
        values.insert(key, Arc::downgrade(&value));
        (value, Some(sender))
    }

    fn lock(&self) -> MutexGuard<'_, Values<K, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kept<K: Eq + Hash, T>(values: &Values<K, T>, key: &K) -> Option<Arc<Receiver<T>>> {
    let value = values.get(key).and_then(Weak::upgrade)?;
    value.has_changed().is_ok().then_some(value)
}

/// The present value at once, then each change, and at last the one with which it does not go on.
pub(crate) fn follow<T: Clone>(
    value: Arc<Receiver<T>>,
    goes_on: fn(&T) -> bool,
) -> impl Stream<Item = T> {
    let mut receiver = Receiver::clone(&value);
    receiver.mark_changed();
    stream::unfold(Some((value, receiver)), move |watching| async move {
        let (value, mut receiver) = watching?;
        receiver.changed().await.ok()?;
        let now = receiver.borrow_and_update().clone();
        let goes_on = goes_on(&now);
        Some((now, goes_on.then_some((value, receiver))))
    })
}
