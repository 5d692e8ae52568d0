//! Operations that bring the contacts along with what became of an attribute: given a slot, left without, deleted. They are asked for by
//! `attribute`, and are for everybody, whoever asked.

use super::{act::Outcome, end};
use crate::{attribute, contact, db::Tx, error::Result, viewer::Viewer};
use entity::{
    attribute::SlotState,
    id::{AttributeId, ContactId},
    job::JobStatus,
    operation::{self, BulkAction, Model},
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

/// Those on this attribute that have not ended, locked: none of them goes on before the transaction ends.
pub(crate) async fn on_attribute(tx: &Tx, viewer: &Viewer, id: AttributeId) -> Result<Vec<Model>> {
    let actions = [
        BulkAction::IndexAttribute,
        BulkAction::UnindexAttribute,
        BulkAction::DeleteAttribute,
    ];
    let under_way = viewer
        .find::<operation::Entity>()
        .filter(operation::Column::Status.is_in([JobStatus::Queued, JobStatus::Running]))
        .filter(operation::Column::Action.is_in(actions))
        .order_by_asc(operation::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    let on_it = under_way.into_iter();
    Ok(on_it
        .filter(|operation| operation.argument.attribute == Some(id))
        .collect())
}

/// Stops an operation that is locked, since the contrary is wanted by now.
pub(crate) async fn supersede(tx: &Tx, mut operation: Model) -> Result<()> {
    operation.status = JobStatus::Cancelled;
    end(tx, operation).await?;
    Ok(())
}

/// What ends an operation whose attribute is not as it was left.
pub(super) const GONE: &str = "The attribute is gone, or has been changed otherwise.";

/// Acts on the contacts of a part. Who is gone since they were listed needs nothing any more.
pub(super) async fn act(
    tx: &Tx,
    viewer: &Viewer,
    operation: &Model,
    contacts: &[ContactId],
) -> Result<Outcome> {
    let Some(attribute) = attribute::of_operation(tx, viewer, operation).await? else {
        return Ok(Outcome::Impossible(GONE.to_owned()));
    };
    let state = attribute.slot_state;
    let changed = match operation.action {
        BulkAction::IndexAttribute if state == Some(SlotState::Filling) => {
            contact::fill_slot(tx, viewer, &attribute, contacts).await?
        }
        BulkAction::UnindexAttribute if state == Some(SlotState::Emptying) => {
            contact::empty_slot(tx, viewer, &attribute, contacts).await?
        }
        BulkAction::DeleteAttribute if attribute.deleted_at.is_some() => {
            contact::drop_values(tx, viewer, attribute.id, contacts).await?
        }
        _ => return Ok(Outcome::Impossible(GONE.to_owned())),
    };
    Ok(Outcome::Done {
        changed,
        unchanged: i64::try_from(contacts.len()).unwrap_or(i64::MAX) - changed,
        failed: Vec::new(),
    })
}
