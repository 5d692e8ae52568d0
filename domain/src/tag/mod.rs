//! Tags: labels that contacts carry. Their names stand in no contact, so that renaming one writes one row.

mod named;
mod removal;

pub(crate) use named::{hold, named};
pub use removal::{delete, merge};

use crate::{
    clock, contact,
    db::Tx,
    error::{Error, Result, UserError},
    name,
    page::{self, Order, Page, Window},
    text,
    viewer::Viewer,
};
use entity::{contact_tag, id::TagId, tag};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait, Set,
};
use std::collections::HashMap;

/// One page of the tags, newest first; with `search`, those whose name has it.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    search: Option<&str>,
    window: &Window,
) -> Result<Page<tag::Model>> {
    let all = viewer.find::<tag::Entity>();
    let query = name::having(all, tag::Column::NameKey, search)?;
    let order = Order::newest_first(tag::Column::Id);
    page::fetch(conn, query, &order, window).await
}

/// How many contacts that the viewer sees have each of these tags, whatever their status, in one statement. Those that nobody has are left out.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "joined to tags of the viewer's own"
)]
pub async fn counts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[TagId],
) -> Result<HashMap<TagId, i64>> {
    let own = viewer
        .find::<tag::Entity>()
        .filter(tag::Column::Id.is_in(ids.iter().copied()))
        .select_only()
        .column(tag::Column::Id);
    let mut had = contact_tag::Entity::find()
        .filter(contact_tag::Column::TagId.in_subquery(own.into_query()));
    // A tag's contacts are of its workspace: who sees them all need not look at them.
    if !viewer.sees_every_contact() {
        let seen = contact::visible(viewer)
            .select_only()
            .column(entity::contact::Column::Id);
        had = had.filter(contact_tag::Column::ContactId.in_subquery(seen.into_query()));
    }
    let rows = had
        .select_only()
        .column(contact_tag::Column::TagId)
        .column_as(contact_tag::Column::ContactId.count(), "value")
        .group_by(contact_tag::Column::TagId)
        .into_tuple::<(TagId, i64)>()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Makes a tag.
///
/// # Errors
/// When the name is empty, too long or taken, or the colour is none.
pub async fn create(
    tx: &Tx,
    viewer: &Viewer,
    name: &str,
    colour: Option<&str>,
) -> Result<tag::Model> {
    let name = name::checked("name", "tag", name)?;
    let row = tag::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name_key: Set(text::fold(&name)),
        name: Set(name),
        colour: Set(colour.map(checked_colour).transpose()?),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    row.insert(&**tx).await.map_err(name::taken("tag"))
}

/// Renames a tag, or gives it another colour; `Some(None)` takes the colour off.
///
/// # Errors
/// When it is not there, the name is empty, too long or taken, or the colour is none.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: TagId,
    name: Option<&str>,
    colour: Option<Option<&str>>,
) -> Result<tag::Model> {
    let found = viewer.by_ids::<tag::Entity>(&**tx, [id]).await?;
    let found = found.into_iter().next();
    let found = found.ok_or_else(|| UserError::not_found("id", "tag"))?;
    let mut row: tag::ActiveModel = found.into();
    if let Some(name) = name {
        let name = name::checked("name", "tag", name)?;
        row.name_key = Set(text::fold(&name));
        row.name = Set(name);
        // The search box finds contacts by it.
        contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    }
    if let Some(colour) = colour {
        row.colour = Set(colour.map(checked_colour).transpose()?);
    }
    row.update(&**tx).await.map_err(name::taken("tag"))
}

/// `#rrggbb`, in lower case.
fn checked_colour(colour: &str) -> Result<String> {
    let colour = colour.trim().to_ascii_lowercase();
    let digits = colour.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(colour);
    }
    let message = "Not a colour: write # and six hexadecimal digits, such as #1a2b3c.";
    Err(Error::user("colour", "INVALID", message))
}
