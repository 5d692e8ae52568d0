//! Channels: accounts at providers, made and changed by owners, found by name in imports.

mod account;
mod change;
mod moved;
mod reseal;
mod verify;

pub use account::{AccountChange, Providers, provider_of, rate_limit, settings};
pub(crate) use account::{signing_fault, webhook_hash};
pub(crate) use change::account_of;
pub use change::{ChannelChange, create, delete, update};
pub(crate) use moved::forbidden as forbidden_address;
pub use provider::{Caller, Failure};
pub use reseal::reseal;
pub use verify::verify;

use crate::{
    error::{Error, Result},
    text,
    viewer::Viewer,
};
use entity::{
    channel::{self, ChannelKind},
    id::ChannelId,
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder};

/// The channels of a workspace, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Vec<channel::Model>> {
    let mut channels = list_all(conn, viewer).await?;
    channels.retain(|channel| channel.deleted_at.is_none());
    Ok(channels)
}

/// The same with those that were deleted, for what history names.
///
/// # Errors
/// When the database is away.
pub async fn list_all(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Vec<channel::Model>> {
    Ok(viewer
        .find::<channel::Entity>()
        .order_by_asc(channel::Column::Id)
        .all(conn)
        .await?)
}

/// One channel that is not deleted.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: ChannelId,
) -> Result<Option<channel::Model>> {
    Ok(viewer
        .find::<channel::Entity>()
        .filter(channel::Column::Id.eq(id))
        .filter(channel::Column::DeletedAt.is_null())
        .one(conn)
        .await?)
}

/// The channel that a row names, deleted or not.
///
/// # Errors
/// When the database is away.
pub(crate) async fn of_row(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: ChannelId,
) -> Result<channel::Model> {
    let found = viewer.by_ids::<channel::Entity>(conn, [id]).await?;
    let found = found.into_iter().next();
    found.ok_or_else(|| Error::Broken(format!("a row names {id}, which is not there")))
}

/// The kind that a file calls by this name, such as `WhatsApp`.
pub fn kind_named(name: &str) -> Option<ChannelKind> {
    let key: String = text::fold(name)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    Some(match key.as_str() {
        "whatsapp" => ChannelKind::WhatsApp,
        "messenger" | "facebook" | "facebookmessenger" => ChannelKind::Messenger,
        "instagram" => ChannelKind::Instagram,
        "telegram" => ChannelKind::Telegram,
        "sms" => ChannelKind::Sms,
        "email" | "mail" => ChannelKind::Email,
        "web" | "webchat" => ChannelKind::Web,
        "custom" => ChannelKind::Custom,
        _ => return None,
    })
}

/// The channel that a file means: by its name, or by its kind where there is but one of that kind.
pub fn named<'a>(channels: &'a [channel::Model], name: &str) -> Option<&'a channel::Model> {
    let key = text::fold(name.trim());
    if let Some(found) = channels.iter().find(|channel| channel.name_key == key) {
        return Some(found);
    }
    let kind = kind_named(name)?;
    let mut of_kind = channels.iter().filter(|channel| channel.kind == kind);
    match (of_kind.next(), of_kind.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}
