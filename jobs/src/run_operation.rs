//! Runs a bulk operation: lists whom it is for, then changes one part of the list after the other.
//!
//! It may be killed anywhere and begins again behind the last commit, and it may run twice at the same time: each commit checks that the
//! cursor is where this run left it.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{
    job::RunOperation,
    operation::{
        list::{self, Listed},
        run,
    },
    viewer::Viewer,
};
use std::sync::Arc;

/// Runs one operation as far as it can.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn handle(
    services: Arc<Services>,
    job: RunOperation,
    context: Context,
) -> Result<Outcome, Error> {
    let (db, id) = (&services.db, job.operation_id);
    let Some(viewer) = Viewer::for_job::<entity::operation::Entity>(db, id).await? else {
        return Ok(Outcome::Done);
    };
    let Some(operation) = run::take_up(db, &viewer, id).await? else {
        return Ok(Outcome::Done);
    };
    let mut operation = match list::list(db, &viewer, operation, &context.stop).await? {
        Listed::Whole(operation) => *operation,
        Listed::Ended => return Ok(Outcome::Done),
        Listed::Stopped => return Ok(Outcome::Checkpointed),
    };
    loop {
        if context.stop.is_cancelled() {
            return Ok(Outcome::Checkpointed);
        }
        match run::advance(db, &viewer, id, operation.cursor).await? {
            Some(advanced) => operation = advanced,
            None => return Ok(Outcome::Done),
        }
    }
}

/// Says that an operation's job was given up.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn give_up(
    services: Arc<Services>,
    job: RunOperation,
    _error: String,
) -> Result<(), Error> {
    Ok(run::give_up(&services.db, job.operation_id).await?)
}
