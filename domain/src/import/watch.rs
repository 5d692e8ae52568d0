//! Watching imports: the row as it is now, then again whenever a hint says that it may have changed.
//!
//! However many watch one import, one task reads its row.

use crate::{
    db::Db,
    error::Result,
    event::{Hint, Listener},
    page::Window,
    viewer::Viewer,
};
use entity::{
    id::{ImportId, WorkspaceId},
    import::{JobStatus, Model as Import},
};
use futures_util::{Stream, stream};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::sync::watch;

/// Between two looks at a row: at most ten events a second.
const PAUSE: Duration = Duration::from_millis(100);

/// The imports that are watched in this process. Cheap to clone.
#[derive(Clone)]
pub struct Watches {
    db: Db,
    rows: Arc<Mutex<Rows>>,
}

/// The rows that are watched.
type Rows = HashMap<(WorkspaceId, ImportId), Weak<Row>>;

/// A row that is watched; none: it is gone.
type Row = watch::Receiver<Option<Arc<Import>>>;

impl Watches {
    /// Nothing is watched yet.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            rows: Arc::default(),
        }
    }

    /// The states of an import from now on: the present one at once, then at most ten a second, and always the last one, after which the
    /// stream ends. None where the viewer has no such import.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn progress(
        &self,
        viewer: &Viewer,
        id: ImportId,
    ) -> Result<Option<impl Stream<Item = Arc<Import>> + use<>>> {
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
                let import = receiver.borrow_and_update().clone()?;
                let ended = import.status.is_final();
                Some((import, (!ended).then_some((row, receiver))))
            },
        )))
    }

    /// The shared row, read for the first time where nobody watches it yet.
    async fn row(&self, viewer: &Viewer, id: ImportId) -> Result<Arc<Row>> {
        let key = (viewer.workspace_id, id);
        if let Some(row) = self.rows().get(&key).and_then(Weak::upgrade) {
            return Ok(row);
        }
        // Listening begins before the first look, so that nothing is missed between the two.
        let listener = self.db.hub().listen();
        let first = super::get(self.db.read(), viewer, id).await?.map(Arc::new);
        let (sender, receiver) = watch::channel(first);
        let row = Arc::new(receiver);
        let mut rows = self.rows();
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

    fn rows(&self) -> std::sync::MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every import of the viewer's workspace from now on, as it is created or changes its status or gets its files.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn changed(
        &self,
        viewer: &Viewer,
    ) -> Result<impl Stream<Item = Arc<Import>> + use<>> {
        let listener = self.db.hub().listen();
        let mut history = History {
            db: self.db.clone(),
            viewer: viewer.clone(),
            listener,
            seen: HashMap::new(),
            news: Vec::new(),
        };
        history.look_at_newest().await?;
        history.news.clear();
        Ok(stream::unfold(history, async |mut history| {
            loop {
                if let Some(import) = history.news.pop() {
                    return Some((import, history));
                }
                history.wait().await?;
            }
        }))
    }
}

/// Reads the row after every hint about it, until it has ended or nobody watches.
async fn keep_fresh(
    db: Db,
    viewer: Viewer,
    id: ImportId,
    mut listener: Listener,
    sender: watch::Sender<Option<Arc<Import>>>,
) {
    loop {
        let hinted = async {
            loop {
                match listener.next().await {
                    Some(Hint::Import { workspace, import })
                        if workspace == viewer.workspace_id && import == id =>
                    {
                        break;
                    }
                    Some(Hint::Anything) | None => break,
                    Some(_) => {}
                }
            }
        };
        tokio::select! {
            () = hinted => {}
            () = sender.closed() => return,
        }
        match super::get(db.read(), &viewer, id).await {
            Ok(import) => {
                let import = import.map(Arc::new);
                let ended = import
                    .as_ref()
                    .is_none_or(|import| import.status.is_final());
                sender.send_if_modified(|now| {
                    let changed = *now != import;
                    *now = import;
                    changed
                });
                if ended {
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "an import that is watched cannot be read; trying again at the next hint")
            }
        }
        // Hints that come meanwhile wait: the look after the pause sees what they were about.
        tokio::time::sleep(PAUSE).await;
    }
}

/// What a watcher of the history has seen.
struct History {
    db: Db,
    viewer: Viewer,
    listener: Listener,
    seen: HashMap<ImportId, (JobStatus, bool)>,
    /// Still to be told, the newest first.
    news: Vec<Arc<Import>>,
}

/// Imports that are looked at when hints were lost: whoever has more of them under way reads the history.
const NEWEST: i32 = 100;

impl History {
    /// Waits for a hint and looks; none once there will be no more.
    async fn wait(&mut self) -> Option<()> {
        let looked = match self.listener.next().await? {
            Hint::Import { workspace, import } if workspace == self.viewer.workspace_id => {
                self.look_at(import).await
            }
            Hint::Import { .. } | Hint::Queued => Ok(()),
            Hint::Anything => {
                let looked = self.look_at_newest().await;
                tokio::time::sleep(PAUSE).await;
                looked
            }
        };
        if let Err(error) = looked {
            tracing::warn!(%error, "the imports cannot be read; trying again at the next hint");
        }
        Some(())
    }

    async fn look_at(&mut self, id: ImportId) -> Result<()> {
        if let Some(import) = super::get(self.db.read(), &self.viewer, id).await? {
            self.note(import);
        }
        Ok(())
    }

    async fn look_at_newest(&mut self) -> Result<()> {
        let window = Window::new(Some(NEWEST), None, None, None)?;
        let page = super::imports(self.db.read(), &self.viewer, None, None, &window).await?;
        for (_, import) in page.items {
            self.note(import);
        }
        Ok(())
    }

    fn note(&mut self, import: Import) {
        let state = (import.status, import.result_key.is_some());
        if self.seen.insert(import.id, state) != Some(state) {
            self.news.push(Arc::new(import));
        }
    }
}
