//! A history of imports that stays fresh.

use crate::{
    db::Db,
    error::Result,
    event::{Hint, Listener, WorkId},
    page::Window,
    viewer::Viewer,
    watch::PAUSE,
};
use entity::{id::ImportId, import::Model as Import, job::JobStatus};
use futures_util::{Stream, stream};
use std::{collections::HashMap, sync::Arc};

/// Every import of the viewer's workspace from now on, as it is created or changes its status or gets its files.
///
/// # Errors
/// When the database is away.
pub async fn changes(db: &Db, viewer: &Viewer) -> Result<impl Stream<Item = Arc<Import>> + use<>> {
    let listener = db.hub().listen();
    let mut history = History {
        db: db.clone(),
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
            Hint::Work {
                workspace,
                work: WorkId::Import(id),
            } if workspace == self.viewer.workspace_id => self.look_at(id).await,
            Hint::Work { .. } | Hint::Contacts { .. } | Hint::Talk { .. } | Hint::Queued => Ok(()),
            Hint::Anything { .. } => {
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
