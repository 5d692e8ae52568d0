//! Watches an import's row until it is over. The row says what is true, whoever does the work.

use super::report::Report;
use anyhow::{Context, Result};
use domain::{
    db::Db,
    event::{Hint, Listener, WorkId},
    import,
    viewer::Viewer,
};
use entity::{id::ImportId, import::Model as Import, job::JobStatus};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// At most ten looks a second.
const PAUSE: Duration = Duration::from_millis(100);

/// A look without a hint: one may have been lost, and time passes in the display.
const TICK: Duration = Duration::from_secs(1);

/// How long a cancelled import's result file is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Shows the import until nothing more will happen to it; returns it then.
pub(super) async fn until_over(
    db: &Db,
    viewer: &Viewer,
    id: ImportId,
    report: &Report,
) -> Result<Import> {
    let mut hints = db.hub().listen();
    let mut ended: Option<Instant> = None;
    loop {
        let import = import::get(db.read(), viewer, id).await?;
        let import = import.context("the import is gone")?;
        report.progress(&import);
        if import.status.is_final() {
            let since = ended.get_or_insert_with(Instant::now);
            let whole = import.result_key.is_some() || import.status == JobStatus::Failed;
            if whole || since.elapsed() > PATIENCE {
                return Ok(import);
            }
        }
        sleep(PAUSE).await;
        // No answer in time is an answer too: look again.
        let _ = timeout(TICK, about(&mut hints, id)).await;
    }
}

/// Waits for a hint that this import may have changed.
async fn about(hints: &mut Listener, id: ImportId) {
    while let Some(hint) = hints.next().await {
        match hint {
            Hint::Work { work, .. } if work == WorkId::Import(id) => return,
            Hint::Anything { .. } => return,
            Hint::Work { .. } | Hint::Contacts { .. } | Hint::Talk { .. } | Hint::Queued => {}
        }
    }
}
