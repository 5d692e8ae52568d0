//! Writes an export's file. It may be killed anywhere and begins anew; of two that run at the same time, the first one's file is for nobody.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{
    export::run::{self, Ran},
    job::RunExport,
};
use std::sync::Arc;

/// Writes one export's file.
///
/// # Errors
/// When the database or the object store is away; the queue tries again.
pub async fn handle(
    services: Arc<Services>,
    job: RunExport,
    context: Context,
) -> Result<Outcome, Error> {
    let (db, store) = (&services.db, &services.store);
    Ok(
        match run::run(db, store, job.export_id, &context.stop).await? {
            Ran::Over => Outcome::Done,
            Ran::Stopped => Outcome::Checkpointed,
        },
    )
}

/// Says that an export's job was given up.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn give_up(services: Arc<Services>, job: RunExport, _error: String) -> Result<(), Error> {
    Ok(run::give_up(&services.db, job.export_id).await?)
}
