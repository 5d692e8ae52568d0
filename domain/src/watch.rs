//! Watching background work: the row as it is now, then again whenever a hint says that it may have changed.
//!
//! However many watch one row, one task reads it.

use crate::{
    db::Db,
    error::Result,
    event::{Hint, Listener, WorkId},
    viewer::Viewer,
};
use entity::{
    id::{Id, WorkspaceId},
    job::JobStatus,
};
use futures_util::{Stream, stream};
use sea_orm::ConnectionTrait;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::watch;

/// Between two looks at a row: at most ten events a second.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// The row of background work.
pub trait Work: Clone + PartialEq + Send + Sync + 'static {
    /// Its id.
    type Id: Id + Into<WorkId> + Send + Sync + 'static;

    /// Where it stands.
    fn status(&self) -> JobStatus;

    /// That of this id, as far as the viewer may see it.
    ///
    /// # Errors
    /// When the database is away.
    fn get(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>>> + Send;
}

/// The rows of a kind that are watched in this process. Cheap to clone.
#[derive(Clone)]
pub struct Watches<W> {
    db: Db,
    rows: Arc<Mutex<Rows<W>>>,
}

/// The rows that are watched.
type Rows<W> = HashMap<(WorkspaceId, WorkId), Weak<Row<W>>>;

/// A row that is watched; none: it is gone.
type Row<W> = watch::Receiver<Option<Arc<W>>>;

impl<W: Work> Watches<W> {
    /// Nothing is watched yet.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            rows: Arc::default(),
        }
    }

    /// The states of a row from now on: the present one at once, then at most ten a second, and always the last one, after which the
    /// stream ends. None where the viewer has no such row.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn progress(
        &self,
        viewer: &Viewer,
        id: W::Id,
    ) -> Result<Option<impl Stream<Item = Arc<W>> + use<W>>> {
        let row = self.row(viewer, id).await?;
        if row.borrow().is_none() {
            return Ok(None);
        }
        let mut receiver = Row::clone(&row);
        receiver.mark_changed();
        Ok(Some(stream::unfold(
            Some((row, receiver)),
            async |watched| {
                let (row, mut receiver) = watched?;
                receiver.changed().await.ok()?;
                let work = receiver.borrow_and_update().clone()?;
                let ended = work.status().is_final();
                Some((work, (!ended).then_some((row, receiver))))
            },
        )))
    }

    /// The shared row, read for the first time where nobody watches it yet.
    async fn row(&self, viewer: &Viewer, id: W::Id) -> Result<Arc<Row<W>>> {
        let key = (viewer.workspace_id, id.into());
        if let Some(row) = self.rows().get(&key).and_then(Weak::upgrade) {
            return Ok(row);
        }
        // Listening begins before the first look, so that nothing is missed between the two.
        let listener = self.db.hub().listen();
        let first = W::get(self.db.read(), viewer, id).await?.map(Arc::new);
        let (sender, receiver) = watch::channel(first);
        let row = Arc::new(receiver);
        let mut rows = self.rows();
        // Of several who begin at the same time, one looks for all of them.
        if let Some(row) = rows.get(&key).and_then(Weak::upgrade) {
            return Ok(row);
        }
        rows.retain(|_, row| row.strong_count() > 0);
        rows.insert(key, Arc::downgrade(&row));
        drop(rows);
        tokio::spawn(keep_fresh(
            self.db.clone(),
            viewer.clone(),
            id,
            listener,
            sender,
        ));
        Ok(row)
    }

    fn rows(&self) -> std::sync::MutexGuard<'_, Rows<W>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the row after every hint about it, until it has ended or nobody watches.
async fn keep_fresh<W: Work>(
    db: Db,
    viewer: Viewer,
    id: W::Id,
    mut listener: Listener,
    sender: watch::Sender<Option<Arc<W>>>,
) {
    loop {
        let hinted = async {
            loop {
                match listener.next().await {
                    Some(Hint::Work { workspace, work })
                        if workspace == viewer.workspace_id && work == id.into() =>
                    {
                        break;
                    }
                    Some(Hint::Anything { .. }) | None => break,
                    Some(_) => {}
                }
            }
        };
        tokio::select! {
            () = hinted => {}
            () = sender.closed() => return,
        }
        match W::get(db.read(), &viewer, id).await {
            Ok(work) => {
                let work = work.map(Arc::new);
                let ended = work.as_ref().is_none_or(|work| work.status().is_final());
                sender.send_if_modified(|now| {
                    let changed = *now != work;
                    *now = work;
                    changed
                });
                if ended {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a row that is watched cannot be read; trying again at the next hint")
            }
        }
        // Hints that come meanwhile wait: the look after the pause sees what they were about.
        tokio::time::sleep(PAUSE).await;
    }
}
