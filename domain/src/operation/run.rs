//! The steps of an operation's job: it takes the operation up, does one part of its list after the other, or gives it up.

use super::{
    act::{Outcome, act},
    end,
    list::fail,
    save,
};
use crate::{
    attribute, clock, contact,
    db::{
        Db, Tx,
        bulk::{self, Cell, Column},
        dialect::{self, Kind},
    },
    error::{Error, Result},
    viewer::Viewer,
};
use entity::{
    id::{ContactId, OperationId},
    job::JobStatus,
    operation::{self, Model},
    operation_error::BulkErrorCode,
    operation_part,
};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};

/// Takes an operation up: QUEUED becomes RUNNING. None where it has ended or is gone.
///
/// # Errors
/// When the database is away.
pub async fn take_up(db: &Db, viewer: &Viewer, id: OperationId) -> Result<Option<Model>> {
    let tx = db.write().await?;
    let Some(mut operation) = running(&tx, viewer, id).await? else {
        return Ok(None);
    };
    if operation.status == JobStatus::Queued {
        operation.status = JobStatus::Running;
        operation.started_at = operation.started_at.or_else(|| Some(clock::now()));
        operation = save(&tx, operation).await?;
        tx.commit().await?;
    }
    Ok(Some(operation))
}

/// Does the part of the list behind `cursor`, which is where this run left the operation; none where there is no more to do for this run.
///
/// # Errors
/// When the database is away; then nothing of the part is done.
pub async fn advance(
    db: &Db,
    viewer: &Viewer,
    id: OperationId,
    cursor: i64,
) -> Result<Option<Model>> {
    let tx = db.write().await?;
    dialect::expect_many_rows(&*tx).await?;
    let Some(operation) = running(&tx, viewer, id)
        .await?
        .filter(|operation| operation.cursor == cursor)
    else {
        return Ok(None);
    };
    let more = match part(&tx, &operation).await? {
        Some(contacts) => match act(&tx, viewer, &operation, &contacts).await? {
            Outcome::Done {
                changed,
                unchanged,
                failed,
            } => Some(note(&tx, operation, changed, unchanged, failed).await?),
            Outcome::Impossible(message) => {
                fail(&tx, operation, message).await?;
                None
            }
        },
        None => {
            complete(&tx, viewer, operation).await?;
            None
        }
    };
    tx.commit().await?;
    Ok(more)
}

/// Gives up an operation whose job has failed too often. What was changed stays; the message says so, and not how the program broke.
///
/// # Errors
/// When the database is away.
pub async fn give_up(db: &Db, id: OperationId) -> Result<()> {
    let Some(viewer) = Viewer::for_job::<operation::Entity>(db, id).await? else {
        return Ok(());
    };
    let tx = db.write().await?;
    let Some(operation) = running(&tx, &viewer, id).await? else {
        return Ok(());
    };
    let message = "An internal error stopped the operation, again and again. What was changed stays as the counts say; the log has the \
        cause. Asking for it again changes nobody twice.";
    fail(&tx, operation, message.to_owned()).await?;
    tx.commit().await?;
    Ok(())
}

/// The operation, locked, where it has not ended.
async fn running(tx: &Tx, viewer: &Viewer, id: OperationId) -> Result<Option<Model>> {
    let found = viewer.lock::<operation::Entity>(tx, id).await?;
    Ok(found.filter(|operation| !operation.status.is_final()))
}

/// The contacts of the next part; none behind the last one.
#[allow(
    clippy::disallowed_methods,
    reason = "the operation was found through the scope"
)]
async fn part(tx: &Tx, operation: &Model) -> Result<Option<Vec<ContactId>>> {
    let found = operation_part::Entity::find()
        .filter(operation_part::Column::OperationId.eq(operation.id))
        .filter(operation_part::Column::Part.eq(operation.cursor))
        .one(&**tx)
        .await?;
    Ok(found.map(|part| part.contacts.0))
}

/// Notes what became of a part, and moves the cursor.
async fn note(
    tx: &Tx,
    mut operation: Model,
    changed: i64,
    unchanged: i64,
    failed: Vec<(ContactId, BulkErrorCode, String)>,
) -> Result<Model> {
    operation.changed_count += changed;
    operation.unchanged_count += unchanged;
    operation.failed_count += i64::try_from(failed.len()).unwrap_or(i64::MAX);
    operation.cursor += 1;
    if changed > 0 {
        contact::announce(tx, operation.workspace_id, contact::Which::Many).await?;
    }
    let rows = failed.into_iter().map(|(contact, code, message)| {
        vec![
            Cell::Int(operation.id.0),
            Cell::Int(contact.0),
            Cell::Text(code.to_value()),
            Cell::Text(message),
        ]
    });
    bulk::insert(&**tx, "operation_error", &ERROR_COLUMNS, rows.collect(), "").await?;
    save(tx, operation).await
}

/// Ends an operation whose contacts all have an outcome.
async fn complete(tx: &Tx, viewer: &Viewer, mut operation: Model) -> Result<()> {
    let outcomes = operation.changed_count + operation.unchanged_count + operation.failed_count;
    if operation.total != Some(outcomes) {
        return Err(Error::Broken(format!(
            "{}: {outcomes} outcomes for {:?} contacts",
            operation.id, operation.total
        )));
    }
    attribute::conclude(tx, viewer, &operation).await?;
    operation.status = JobStatus::Completed;
    end(tx, operation).await?;
    Ok(())
}

const ERROR_COLUMNS: [Column; 4] = [
    ("operation_id", Kind::BigInt),
    ("contact_id", Kind::BigInt),
    ("code", Kind::Text),
    ("message", Kind::Text),
];
