//! Contacts: chosen through [`matching`], changed through [`Patch`], written by `write`, their slots by `slot`.
//!
//! Table, count, segment and whatever else picks contacts begins with [`matching`] (or [`visible`], which it begins with), so that they agree.

mod address;
mod belonging;
mod changes;
mod comparable;
mod field;
mod input;
mod mask;
mod matching;
mod met;
mod order;
mod part;
mod patch;
mod people;
mod save;
mod selection;
mod slot;
mod tagging;
mod total;
mod write;

pub(crate) use address::is_phone as is_phone_channel;
pub(crate) use address::texts as address_texts;
pub use address::{normalise as normalise_address, of_contacts as addresses};
pub use belonging::tags;
pub(crate) use belonging::{MOST_TAGS, checked_tag_names};
pub(crate) use changes::{
    Which, announce, count as count_changes, count_each as count_changes_of_each,
};
pub use field::{Fault, country, email, flag, language, status, text as text_field};
pub use input::{AddressInput, AttributeInput, Input};
pub use mask::{HIDDEN, masked, masked_address, masked_text, masked_words, secrets};
pub use matching::{Background, Chosen, Matching, count, matching, visible};
pub(crate) use met::{locked, opt_out, silence_bot};
pub(crate) use order::is_order_hidden;
pub use order::{Nulls, Sort, can_order_by, order};
pub use part::Part;
pub use patch::{Change, Patch};
pub(crate) use patch::{derive, is_nameless};
pub(crate) use people::{People, Writer};
pub(crate) use save::ADDRESS_COLUMNS;
pub use save::{create, delete, update};
pub use selection::{MatchingContacts, Selected, Selection};
pub(crate) use slot::{drop_values, empty_slot, fill_slot};
pub(crate) use tagging::{add_tags, hold, remove_tags};
pub use total::{Total, total};
pub(crate) use write::{
    Addresses, Changed, blank, insert as insert_contacts, update as update_contacts,
};

use crate::{error::Result, viewer::Viewer};
use entity::{
    contact, contact_channel,
    id::{ChannelId, ContactChannelId, ContactId},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, IntoColumnRef, SimpleExpr},
};

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
    if viewer.is_masked() {
        return Err(Viewer::cannot_speak_of_masked("an address"));
    }
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

/// Whether the viewer sees the contact to whom something belongs, whose id stands in `column`. Asked of each: a list of all contacts is not made for it.
pub(crate) fn is_visible(viewer: &Viewer, column: impl IntoColumnRef) -> SimpleExpr {
    let id = Expr::col(contact::Column::Id.as_column_ref());
    let them = visible(viewer)
        .select_only()
        .expr(Expr::val(1))
        .filter(id.equals(column));
    Expr::exists(them.into_query())
}

/// Those addresses of these ids whose contact the viewer sees, in no order.
///
/// # Errors
/// When the database is away.
pub async fn addresses_by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[ContactChannelId],
) -> Result<Vec<contact_channel::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(viewer
        .find::<contact_channel::Entity>()
        .filter(contact_channel::Column::Id.is_in(ids.iter().copied()))
        .filter(is_visible(
            viewer,
            contact_channel::Column::ContactId.as_column_ref(),
        ))
        .all(conn)
        .await?)
}
