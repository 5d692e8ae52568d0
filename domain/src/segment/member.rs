//! The contacts of STATIC segments: put in, taken out, many at once.

use crate::{
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::Kind,
    },
    error::Result,
};
use entity::{
    id::{ContactId, SegmentId},
    segment_member,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Puts contacts of the segment's workspace into it; who is in already stays. Returns how many were not.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &Tx, id: SegmentId, contacts: &[ContactId]) -> Result<i64> {
    let columns = [("segment_id", Kind::BigInt), ("contact_id", Kind::BigInt)];
    let rows = contacts
        .iter()
        .map(|contact| vec![Cell::Int(id.0), Cell::Int(contact.0)])
        .collect();
    let suffix = "ON CONFLICT DO NOTHING";
    let added = bulk::insert(&**tx, "segment_member", &columns, rows, suffix).await?;
    Ok(i64::try_from(added).unwrap_or(i64::MAX))
}

/// Takes contacts out of a segment. Returns how many were in.
#[allow(
    clippy::disallowed_methods,
    reason = "the segment was found through the scope"
)]
pub(crate) async fn remove(tx: &Tx, id: SegmentId, contacts: &[ContactId]) -> Result<i64> {
    let gone = segment_member::Entity::delete_many()
        .filter(segment_member::Column::SegmentId.eq(id))
        .filter(segment_member::Column::ContactId.is_in(contacts.iter().copied()))
        .exec(&**tx)
        .await?;
    Ok(i64::try_from(gone.rows_affected).unwrap_or(i64::MAX))
}
