//! Lists that hang on the rows of another list, as conversations on the contacts of a page: the same page of each is read at once, by the first row that is
//! asked for it.

use super::{
    error::Result,
    loader::{Once, once},
};
use domain::page::{Page, Window};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

/// A page of each list, by the row that it hangs on; what is empty may be left out.
type Pages<K, T> = HashMap<K, Page<T>>;

/// The same, read by the first who needs it.
type Read<K, T> = Arc<Once<Arc<Pages<K, T>>>>;

/// The pages that were read, by what was asked for.
pub(super) struct Lists<A, K, T>(Mutex<HashMap<A, Read<K, T>>>);

impl<A, K, T> Lists<A, K, T>
where
    A: Eq + Hash,
    K: Eq + Hash,
    T: Clone,
{
    /// Nothing is read yet.
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// The page of one row. `load` reads that of each row where nobody has yet; `wrap` makes items of the rows of all of them, so that what they name is read
    /// once for all.
    pub(super) async fn page<R>(
        &self,
        asked: A,
        own: K,
        window: &Window,
        load: impl Future<Output = domain::error::Result<Pages<K, R>>>,
        wrap: impl FnOnce(Vec<R>) -> Vec<T>,
    ) -> Result<Page<T>> {
        let pages = {
            let asked_before = self.0.lock();
            let mut asked_before = asked_before.unwrap_or_else(PoisonError::into_inner);
            Arc::clone(asked_before.entry(asked).or_default())
        };
        let pages = once(&pages, async { Ok(Arc::new(wrapped(load.await?, wrap))) }).await?;
        let own = pages.get(&own).cloned();
        Ok(own.unwrap_or_else(|| Page::empty(window)))
    }
}

fn wrapped<K: Eq + Hash, R, T>(
    pages: Pages<K, R>,
    wrap: impl FnOnce(Vec<R>) -> Vec<T>,
) -> Pages<K, T> {
    let (mut rows, mut places) = (Vec::new(), Vec::with_capacity(pages.len()));
    for (key, page) in pages {
        let (cursors, own): (Vec<String>, Vec<R>) = page.items.into_iter().unzip();
        rows.extend(own);
        places.push((key, cursors, page.has_next, page.has_previous));
    }
    let mut items = wrap(rows).into_iter();
    let places = places.into_iter();
    let pages = places.map(|(key, cursors, has_next, has_previous)| {
        let items = cursors.into_iter().zip(items.by_ref()).collect();
        let page = Page {
            items,
            has_next,
            has_previous,
        };
        (key, page)
    });
    pages.collect()
}
