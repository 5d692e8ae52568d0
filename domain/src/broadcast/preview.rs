//! A broadcast as one contact would read it.

use super::audience;
use crate::{
    attribute::Attributes,
    channel,
    contact::{self, Selection},
    content::{Person, Ready},
    error::{Error, Result, UserError},
    viewer::Viewer,
    workspace,
};
use entity::{broadcast::Model, delivery::SkipReason, id::ContactId};
use sea_orm::ConnectionTrait;

/// A broadcast for one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What they would read; variables without a value stand as they are written.
    pub message: String,
    /// The variables that have no value for them, and no fallback.
    pub missing: Vec<String>,
    /// Why they would be left out; none: they would get it.
    pub skip_reason: Option<SkipReason>,
}

/// A broadcast that the viewer has found, for one contact whom they see.
///
/// # Errors
/// NOT_FOUND at `contactId`; when the database is away.
pub async fn preview(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    broadcast: &Model,
    id: ContactId,
) -> Result<Preview> {
    let found = contact::get(conn, viewer, id).await?;
    let contact = found.ok_or_else(|| UserError::not_found("contactId", "contact"))?;
    // What is hidden from the viewer is not shown by way of a message.
    let contact = contact::masked(viewer, contact);
    let ready = Ready::load(conn, viewer, &broadcast.content).await?;
    let ready = ready.map_err(|fault| Error::user("id", "INVALID", fault.0))?;
    let attributes = Attributes::load(conn, viewer).await?;
    let workspace = workspace::get(conn, viewer.workspace_id).await?;
    let person = Person {
        contact: &contact,
        attributes: &attributes,
        zone: workspace::zone(&workspace),
        more: &[],
    };
    let (message, missing) = ready.shown(&person);
    let channel = channel::of_row(conn, viewer, broadcast.channel_id).await?;
    let selected = Selection::Ids(vec![id]).check(conn, viewer).await?;
    let one = audience::recipients(conn, viewer, &selected, &channel, &ready, None).await?;
    let row = conn.query_one(&one).await?;
    let skip_reason = row
        .map(|row| row.try_get::<Option<SkipReason>>("", "reason"))
        .transpose()?
        .flatten();
    Ok(Preview {
        message,
        missing,
        skip_reason,
    })
}
