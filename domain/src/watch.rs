//! Watching background work: the row as it is now, then again whenever a hint says that it may have changed.
//!
//! However many watch one row, one task reads it.

use crate::{
    db::Db,
    error::Result,
    event::{Hint, Listener, WorkId},
    shared::{Shared, follow},
    viewer::Viewer,
};
use entity::{
    id::{Id, WorkspaceId},
    job::JobStatus,
};
use futures_util::{Stream, StreamExt};
use sea_orm::ConnectionTrait;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch::{Receiver, Sender};

/// Between two looks at a row: at most ten events a second.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// The row of background work.
pub trait Work: Clone + PartialEq + Send + Sync + 'static {
    /// Its id.
    type Id: Id + Into<WorkId> + Send + Sync + 'static;

    /// Where it stands.
    fn status(&self) -> JobStatus;

    /// Whether nothing of it will change any more.
    fn is_over(&self) -> bool {
        self.status().is_final()
    }

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
    rows: Shared<(WorkspaceId, WorkId), Row<W>>,
}

/// A row that is watched; none: it is gone.
type Row<W> = Option<Arc<W>>;

impl<W: Work> Watches<W> {
    /// Nothing is watched yet.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            rows: Shared::default(),
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
        let row = follow(row, |row: &Row<W>| {
            row.as_ref().is_some_and(|row| !row.is_over())
        });
        Ok(Some(row.filter_map(std::future::ready)))
    }

    /// The shared row, read for the first time where nobody watches it yet.
    async fn row(&self, viewer: &Viewer, id: W::Id) -> Result<Arc<Receiver<Row<W>>>> {
        let key = (viewer.workspace_id, id.into());
        if let Some(row) = self.rows.get(&key) {
            return Ok(row);
        }
        // Listening begins before the first look, so that nothing is missed between the two.
        let listener = self.db.hub().listen();
        let first = W::get(self.db.read(), viewer, id).await?.map(Arc::new);
        let (row, sender) = self.rows.begin(key, first);
        if let Some(sender) = sender {
            let (db, viewer) = (self.db.clone(), viewer.clone());
            tokio::spawn(keep_fresh(db, viewer, id, listener, sender));
        }
        Ok(row)
    }
}

/// Reads the row after every hint about it, until it has ended or nobody watches.
async fn keep_fresh<W: Work>(
    db: Db,
    viewer: Viewer,
    id: W::Id,
    mut listener: Listener,
    sender: Sender<Row<W>>,
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
                let ended = work.as_ref().is_none_or(|work| work.is_over());
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
