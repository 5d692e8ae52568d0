//! Bulk operations: one change of many contacts, in the background.
//!
//! Whom it is for is listed before the first contact is changed ([`list`]), since a change may be what decides who matches. Then its job
//! takes one part of the list after the other ([`run`]); what happens to the contacts of a part stands in `act`, the one place to add an
//! action.

mod act;
mod attribute;
mod create;
pub mod list;
pub mod run;

pub(crate) use attribute::{on_attribute, supersede};
pub(crate) use create::of_attribute;
pub use create::{add_to_segment, remove_from_segment, tag, untag};

use crate::{
    clock,
    db::Tx,
    error::{Error, Result, UserError},
    event::Hint,
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    progress::Progress,
    viewer::Viewer,
    watch::Work,
};
use entity::{
    id::OperationId,
    job::JobStatus,
    operation::{self, BulkAction, Model},
    operation_error, operation_part,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    Order as Direction, QueryFilter,
};
use std::collections::HashMap;

/// One page of the operations, newest first.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn operations(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    window: &Window,
) -> Result<Page<Model>> {
    let order = Order::newest_first(operation::Column::Id);
    page::fetch(conn, viewer.find::<operation::Entity>(), &order, window).await
}

/// One page of the contacts that each of these operations which the viewer has found could not change, by their age, for those that have any: in one statement.
///
/// # Errors
/// When the window does not fit, or the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the operations were found through the scope"
)]
pub async fn errors(
    conn: &impl ConnectionTrait,
    operations: impl IntoIterator<Item = OperationId>,
    window: &Window,
) -> Result<HashMap<OperationId, Page<operation_error::Model>>> {
    let by = operation_error::Column::OperationId;
    let lists = operations.into_iter();
    let lists = lists.map(|id| operation_error::Entity::find().filter(by.eq(id)));
    let stretch = Stretch {
        filter: None,
        keys: vec![Key::of(operation_error::Column::ContactId, KeyKind::Int)],
        direction: Direction::Asc,
    };
    let order = Order::new("contacts", vec![stretch]);
    let pages = page::fetch_first(conn, lists.collect(), by, &order, window).await?;
    let pages = pages.into_iter();
    Ok(pages.map(|(id, page)| (OperationId(id), page)).collect())
}

/// How far an operation is.
pub fn progress(operation: &Model) -> Progress {
    let done = operation.changed_count + operation.unchanged_count + operation.failed_count;
    Progress::new(
        operation.status,
        operation.total,
        done,
        operation.started_at,
        operation.finished_at,
    )
}

/// Stops an operation that has not ended. From the commit on no further contact is changed; what was changed stays.
///
/// # Errors
/// NOT_FOUND, CONFLICT for one that has ended, or INVALID for one that cleans up behind a deletion.
pub async fn cancel(tx: &Tx, viewer: &Viewer, id: OperationId) -> Result<Model> {
    let found = viewer.lock::<operation::Entity>(tx, id).await?;
    let mut operation = found.ok_or_else(|| UserError::not_found("id", "operation"))?;
    if operation.status.is_final() {
        let message = "This operation has ended already.";
        return Err(Error::user("id", "CONFLICT", message));
    }
    if operation.action == BulkAction::DeleteAttribute {
        let message =
            "The attribute is deleted already: what is left of its values goes in any case.";
        return Err(Error::user("id", "INVALID", message));
    }
    operation.status = JobStatus::Cancelled;
    end(tx, operation).await
}

impl Work for Model {
    type Id = OperationId;

    fn status(&self) -> JobStatus {
        self.status
    }

    async fn get(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        id: OperationId,
    ) -> Result<Option<Self>> {
        let found = viewer.by_ids::<operation::Entity>(conn, [id]).await?;
        Ok(found.into_iter().next())
    }
}

/// Writes the operation's row as it now stands, and tells those who watch it with the commit.
async fn save(tx: &Tx, operation: Model) -> Result<Model> {
    let operation = operation
        .into_active_model()
        .reset_all()
        .update(&**tx)
        .await?;
    tx.announce(Hint::Work {
        workspace: operation.workspace_id,
        work: operation.id.into(),
    })
    .await?;
    Ok(operation)
}

/// Ends the operation with the status that it has been given: its list is needed no longer.
#[allow(
    clippy::disallowed_methods,
    reason = "the operation was found through the scope"
)]
async fn end(tx: &Tx, mut operation: Model) -> Result<Model> {
    operation_part::Entity::delete_many()
        .filter(operation_part::Column::OperationId.eq(operation.id))
        .exec(&**tx)
        .await?;
    operation.finished_at = Some(clock::now());
    save(tx, operation).await
}
