//! Contacts: chosen through [`matching`], changed through [`Patch`], written by `write`.
//!
//! Table, count, segment and whatever else picks contacts begins with [`matching`] (or [`visible`], which it begins with), so that they agree.

mod address;
mod belonging;
mod comparable;
mod field;
mod input;
mod matching;
mod order;
mod patch;
mod save;
mod total;
mod write;

pub(crate) use address::is_phone as is_phone_channel;
pub use address::{normalise as normalise_address, of_contacts as addresses};
pub use belonging::tags;
pub use field::{Fault, country, email, flag, language, status, text as text_field};
pub use input::{AddressInput, AttributeInput, Input};
pub use matching::{Background, Chosen, Matching, count, matching, visible};
pub use order::{Nulls, Sort, order};
pub use patch::{Change, Patch};
pub(crate) use patch::{derive, is_nameless};
pub(crate) use save::ADDRESS_COLUMNS;
pub use save::{create, delete, update};
pub use total::{Total, total};
pub(crate) use write::{
    Addresses, Changed, blank, insert as insert_contacts, update as update_contacts,
};

use crate::{error::Result, viewer::Viewer};
use entity::{
    contact, contact_channel,
    id::{ChannelId, ContactId, SegmentId},
    segment, segment_member,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::HashMap;

/// One contact.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: ContactId,
) -> Result<Option<contact::Model>> {
    Ok(visible(viewer)
        .filter(contact::Column::Id.eq(id))
        .one(conn)
        .await?)
}

/// Those contacts of these ids that the viewer sees, in no order.
///
/// # Errors
/// When the database is away.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[ContactId],
) -> Result<Vec<contact::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(visible(viewer)
        .filter(contact::Column::Id.is_in(ids.iter().copied()))
        .all(conn)
        .await?)
}

/// The contact who has this address on a channel; the address may be written as people write it.
///
/// # Errors
/// When the database is away.
pub async fn by_address(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    channel_id: ChannelId,
    address: &str,
) -> Result<Option<contact::Model>> {
    let Some(channel) = crate::channel::get(conn, viewer, channel_id).await? else {
        return Ok(None);
    };
    let workspace = crate::workspace::get(conn, viewer.workspace_id).await?;
    let country = workspace
        .default_country
        .and_then(|country| country.parse().ok());
    let Ok(address) = address::normalise(channel.kind, address, country) else {
        return Ok(None);
    };
    let owner = viewer
        .find::<contact_channel::Entity>()
        .filter(contact_channel::Column::ChannelId.eq(channel_id))
        .filter(contact_channel::Column::Address.eq(address))
        .select_only()
        .column(contact_channel::Column::ContactId)
        .into_query();
    Ok(visible(viewer)
        .filter(contact::Column::Id.in_subquery(owner))
        .one(conn)
        .await?)
}

/// The segments that each of these contacts is in, oldest first.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "joined to segments of the viewer's own"
)]
pub async fn segments(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    contacts: &[ContactId],
) -> Result<Vec<(ContactId, segment::Model)>> {
    let members = segment_member::Entity::find()
        .filter(segment_member::Column::ContactId.is_in(contacts.iter().copied()))
        .order_by_asc(segment_member::Column::SegmentId);
    // The ids stay in the database: there may be more of them than a statement has parameters.
    let ids = members
        .clone()
        .select_only()
        .column(segment_member::Column::SegmentId);
    let segments = viewer
        .find::<segment::Entity>()
        .filter(segment::Column::Id.in_subquery(ids.into_query()))
        .all(conn)
        .await?;
    let segments: HashMap<SegmentId, segment::Model> = segments
        .into_iter()
        .map(|segment| (segment.id, segment))
        .collect();
    Ok(members
        .all(conn)
        .await?
        .into_iter()
        .filter_map(|member| Some((member.contact_id, segments.get(&member.segment_id)?.clone())))
        .collect())
}
