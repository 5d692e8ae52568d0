//! Templates: messages with variables. Where the provider has them they are fetched ([`sync`]), elsewhere made here; only approved ones are sent.

mod change;
mod piece;
mod sync;
mod variable;

pub use change::{NewTemplate, TemplateChange, create, delete, update};
pub(crate) use piece::{Piece, pieces};
pub use sync::sync;
pub use variable::{placeholders, variables};

use crate::{error::Result, name, viewer::Viewer};
use entity::{
    id::{ChannelId, TemplateId},
    template::{self, Model, TemplateStatus},
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

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

/// The templates of a workspace that are not deleted, by name and language.
///
/// # Errors
/// BAD_USER_INPUT at `search` for what no name can have.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    wanted: Wanted,
) -> Result<Vec<Model>> {
    let mut query = viewer
        .find::<template::Entity>()
        .filter(template::Column::DeletedAt.is_null());
    if let Some(id) = wanted.channel_id {
        query = query.filter(template::Column::ChannelId.eq(id));
    }
    if let Some(status) = wanted.status {
        query = query.filter(template::Column::Status.is_in(status));
    }
    // Providers' names are lower case without accents: what is folded is their name.
    let query = name::having(query, template::Column::Name, wanted.search.as_deref())?;
    Ok(query
        .order_by_asc(template::Column::Name)
        .order_by_asc(template::Column::Language)
        .order_by_asc(template::Column::Id)
        .all(conn)
        .await?)
}

/// One template that is not deleted.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: TemplateId,
) -> Result<Option<Model>> {
    let found = viewer.by_ids::<template::Entity>(conn, [id]).await?;
    let mut found = found.into_iter();
    Ok(found
        .next()
        .filter(|template| template.deleted_at.is_none()))
}
