//! Slots given to attributes and taken away. The slot is the attribute's at once, or stops being read at once; the contacts follow in the
//! background, by a bulk operation.

use super::POOL;
use crate::{
    contact::Selected,
    db::Tx,
    error::{Error, Result},
    operation,
    viewer::Viewer,
};
use entity::{
    attribute::{self, AttributeType, SlotKind, SlotState},
    operation::{BulkAction, Model as Operation},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

/// Lets the table be sorted by an attribute, or no longer. `under_way` are the operations on it that have not ended; one of them that does what
/// is wanted goes on, another one is stopped. Returns the operation that brings the contacts along; none where nothing is to be done.
pub(super) async fn set(
    tx: &Tx,
    viewer: &Viewer,
    attribute: attribute::Model,
    wanted: bool,
    under_way: Vec<Operation>,
) -> Result<(attribute::Model, Option<Operation>)> {
    let (action, state) = match (wanted, attribute.slot_state) {
        (true, Some(SlotState::Ready)) | (false, None) => return Ok((attribute, None)),
        (true, _) => (BulkAction::IndexAttribute, SlotState::Filling),
        (false, _) => (BulkAction::UnindexAttribute, SlotState::Emptying),
    };
    if let Some(same) = under_way.iter().find(|running| running.action == action) {
        return Ok((attribute, Some(same.clone())));
    }
    for running in under_way {
        operation::supersede(tx, running).await?;
    }
    let slot = match attribute.slot.clone() {
        Some(slot) => slot,
        None => choose(&**tx, viewer, attribute.r#type, Some(true))
            .await?
            .ok_or_else(|| full(attribute.r#type))?,
    };
    let selected = match action {
        BulkAction::UnindexAttribute => Selected::in_slot(&slot),
        _ => Selected::with_value(attribute.id),
    };
    let mut row: attribute::ActiveModel = attribute.into();
    row.slot = Set(Some(slot));
    row.slot_state = Set(Some(state));
    let attribute = row.update(&**tx).await?;
    let operation = operation::of_attribute(tx, viewer, action, attribute.id, selected).await?;
    Ok((attribute, Some(operation)))
}

/// The operation has reached everyone: what it was for is true from now on.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the attribute was found through the scope"
)]
pub(crate) async fn conclude(tx: &Tx, viewer: &Viewer, operation: &Operation) -> Result<()> {
    let Some(attribute) = super::of_operation(tx, viewer, operation).await? else {
        return Ok(());
    };
    let id = attribute.id;
    let mut row: attribute::ActiveModel = attribute.into();
    match operation.action {
        BulkAction::IndexAttribute => row.slot_state = Set(Some(SlotState::Ready)),
        BulkAction::UnindexAttribute => (row.slot, row.slot_state) = (Set(None), Set(None)),
        BulkAction::DeleteAttribute => {
            attribute::Entity::delete_by_id(id).exec(&**tx).await?;
            return Ok(());
        }
        BulkAction::AddTags
        | BulkAction::RemoveTags
        | BulkAction::AddToSegment
        | BulkAction::RemoveFromSegment => return Ok(()),
    }
    row.update(&**tx).await?;
    Ok(())
}

/// A free slot, or none. `filterable` is what was asked for; none: while half the pool is free. To be called with the workspace locked.
pub(super) async fn choose(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    r#type: AttributeType,
    filterable: Option<bool>,
) -> Result<Option<String>> {
    let Some(kind) = r#type.slot_kind().filter(|_| filterable != Some(false)) else {
        return match filterable {
            Some(true) => {
                let message = format!("{type} attributes cannot be indexed.");
                Err(Error::user("filterable", "INVALID", message))
            }
            _ => Ok(None),
        };
    };
    let letter = match kind {
        SlotKind::Number => 'n',
        SlotKind::Text => 's',
    };
    // Those of deleted attributes hold values until these are gone.
    let owners = viewer
        .find::<attribute::Entity>()
        .filter(attribute::Column::Slot.is_not_null())
        .all(conn)
        .await?;
    let used: Vec<&str> = owners
        .iter()
        .filter_map(|attribute| attribute.slot.as_deref())
        .collect();
    let free: Vec<String> = (1..=POOL)
        .map(|n| format!("{letter}{n}"))
        .filter(|slot| !used.contains(&slot.as_str()))
        .collect();
    // TIME is seldom sorted by: it gets a slot only when asked for.
    let wanted = match filterable {
        Some(wanted) => wanted,
        None => r#type != AttributeType::Time && free.len() > POOL / 2,
    };
    match free.into_iter().next().filter(|_| wanted) {
        None if filterable == Some(true) => Err(full(r#type)),
        slot => Ok(slot),
    }
}

fn full(r#type: AttributeType) -> Error {
    let message = format!(
        "All {POOL} indexes for attributes such as {type} are in use: do without one, or take it from another attribute with `filterable: false` first."
    );
    Error::user("filterable", "LIMIT_EXCEEDED", message)
}
