//! The slots of contacts: which columns they are, what of an attribute's value goes into one, and the filling, emptying and cleaning that
//! follow when an attribute is given a slot, loses it, or is deleted. None of it is an edit: no version counts it.

use super::{address, tagging::hold, write};
use crate::{
    attribute::Attributes,
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    error::Result,
    value::{Slot, Value},
    viewer::Viewer,
};
use entity::{
    attribute, contact,
    id::{AttributeId, ContactId},
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value as Json;

/// The slot columns.
pub(super) const SLOTS: [Column; 20] = [
    ("n1", Kind::Double),
    ("n2", Kind::Double),
    ("n3", Kind::Double),
    ("n4", Kind::Double),
    ("n5", Kind::Double),
    ("n6", Kind::Double),
    ("n7", Kind::Double),
    ("n8", Kind::Double),
    ("n9", Kind::Double),
    ("n10", Kind::Double),
    ("s1", Kind::Text),
    ("s2", Kind::Text),
    ("s3", Kind::Text),
    ("s4", Kind::Text),
    ("s5", Kind::Text),
    ("s6", Kind::Text),
    ("s7", Kind::Text),
    ("s8", Kind::Text),
    ("s9", Kind::Text),
    ("s10", Kind::Text),
];

/// Where a slot stands in [`SLOTS`].
pub(super) fn place(slot: &str) -> Option<usize> {
    SLOTS.iter().position(|(name, _)| *name == slot)
}

/// What an attribute's slot holds of these values.
pub(super) fn cell(values: &Json, attribute: &attribute::Model) -> Cell {
    let stored = values.get(attribute.id.0.to_string());
    let value = stored.and_then(|json| Value::from_stored(attribute.r#type, json));
    match value.and_then(|value| value.slot()) {
        Some(Slot::Number(number)) => Cell::Double(number),
        Some(Slot::Text(text)) => Cell::Text(text),
        None => Cell::Null,
    }
}

/// Copies the values that these contacts have of an attribute into its slot. Returns how many have one.
pub(crate) async fn fill_slot(
    tx: &Tx,
    viewer: &Viewer,
    attribute: &attribute::Model,
    ids: &[ContactId],
) -> Result<i64> {
    let found: Vec<(ContactId, Json)> = viewer
        .find::<contact::Entity>()
        .filter(contact::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(contact::Column::Id)
        .select_only()
        .columns([contact::Column::Id, contact::Column::Attributes])
        .lock_exclusive()
        .into_tuple()
        .all(&**tx)
        .await?;
    let cells = found
        .iter()
        .map(|(id, values)| (*id, cell(values, attribute)))
        .filter(|(_, cell)| *cell != Cell::Null);
    save(tx, attribute, cells.collect()).await
}

/// Empties an attribute's slot for these contacts. Returns how many of them there are.
pub(crate) async fn empty_slot(
    tx: &Tx,
    viewer: &Viewer,
    attribute: &attribute::Model,
    ids: &[ContactId],
) -> Result<i64> {
    let there = hold(tx, viewer, ids).await?;
    let cells = there.into_iter().map(|id| (id, Cell::Null));
    save(tx, attribute, cells.collect()).await
}

async fn save(tx: &Tx, attribute: &attribute::Model, cells: Vec<(ContactId, Cell)>) -> Result<i64> {
    let Some(at) = attribute.slot.as_deref().and_then(place) else {
        return Ok(0);
    };
    let rows = cells
        .into_iter()
        .map(|(id, cell)| vec![Cell::Int(id.0), cell]);
    let columns = [("id", Kind::BigInt), SLOTS[at]];
    let written = bulk::update(&**tx, "contact", &columns, rows.collect()).await?;
    Ok(i64::try_from(written).unwrap_or(i64::MAX))
}

/// Takes the values of an attribute that is deleted away from these contacts, with all that was made of them. Returns how many had one.
pub(crate) async fn drop_values(
    tx: &Tx,
    viewer: &Viewer,
    attribute: AttributeId,
    ids: &[ContactId],
) -> Result<i64> {
    let found = viewer
        .find::<contact::Entity>()
        .filter(contact::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(contact::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?;
    let key = attribute.0.to_string();
    let mut changed = Vec::with_capacity(found.len());
    for mut contact in found {
        let values = contact.attributes.as_object_mut();
        if values.and_then(|values| values.remove(&key)).is_some() {
            let was = contact.status;
            changed.push(write::Changed { contact, was });
        }
    }
    let ids: Vec<ContactId> = changed.iter().map(|changed| changed.contact.id).collect();
    let addresses = address::texts(&**tx, viewer, &ids).await?;
    let attributes = Attributes::hold(tx, viewer).await?;
    write::update(&**tx, &changed, &addresses, &attributes).await?;
    Ok(i64::try_from(changed.len()).unwrap_or(i64::MAX))
}
