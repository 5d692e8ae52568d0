//! Templates: messages with variables. Where the provider has them they are fetched ([`sync`]), elsewhere made here; only approved ones are sent.

mod change;
mod piece;
mod sync;
mod variable;

pub use change::{NewTemplate, TemplateChange, create, delete, update};
pub(crate) use piece::{Piece, pieces};
pub use sync::sync;
pub use variable::{placeholders, variables};

use crate::{error::Result, name, text, viewer::Viewer};
use entity::{
    channel,
    id::{ChannelId, TemplateId},
    template::{self, Model, TemplateStatus},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

/// Which templates.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Of this channel.
    pub channel_id: Option<ChannelId>,
    /// In one of these states.
    pub status: Option<Vec<TemplateStatus>>,
    /// Whose name has this in it.
    pub search: Option<String>,
}

/// Those that are not deleted, of channels that are not either: what a deleted channel had stays for what history names.
fn visible(viewer: &Viewer) -> Select<template::Entity> {
    let channels = viewer
        .find::<channel::Entity>()
        .filter(channel::Column::DeletedAt.is_null())
        .select_only()
        .column(channel::Column::Id)
        .into_query();
    viewer
        .find::<template::Entity>()
        .filter(template::Column::DeletedAt.is_null())
        .filter(template::Column::ChannelId.in_subquery(channels))
}

/// The templates of a workspace that are not deleted, nor their channels, by name and language.
///
/// # Errors
/// BAD_USER_INPUT at `search` for what no name can have.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    wanted: Wanted,
) -> Result<Vec<Model>> {
    let searched = name::searched(wanted.search.as_deref())?;
    let mut query = visible(viewer);
    if let Some(id) = wanted.channel_id {
        query = query.filter(template::Column::ChannelId.eq(id));
    }
    if let Some(status) = wanted.status {
        query = query.filter(template::Column::Status.is_in(status));
    }
    let mut found = query
        .order_by_asc(template::Column::Name)
        .order_by_asc(template::Column::Language)
        .order_by_asc(template::Column::Id)
        .all(conn)
        .await?;
    if let Some(searched) = searched {
        // All of a channel's are listed at once anyway, and no column holds the folded name.
        found.retain(|template| text::fold(&template.name).contains(&searched));
    }
    Ok(found)
}

/// Those templates of these ids that are not deleted, nor their channels, in no order.
///
/// # Errors
/// When the database is away.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[TemplateId],
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = visible(viewer).filter(template::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(conn).await?)
}

/// One template that is not deleted, nor its channel.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: TemplateId,
) -> Result<Option<Model>> {
    Ok(by_ids(conn, viewer, &[id]).await?.into_iter().next())
}
