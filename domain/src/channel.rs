//! Channels: made and changed by owners, found by name in imports.

use crate::{
    clock, contact,
    db::Tx,
    error::{Error, Result, UserError},
    name, text,
    viewer::Viewer,
};
use entity::{
    channel::{self, ChannelKind, ChannelStatus, Provider},
    id::ChannelId,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, Set};

/// The channels of a workspace, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Vec<channel::Model>> {
    Ok(viewer
        .find::<channel::Entity>()
        .order_by_asc(channel::Column::Id)
        .all(conn)
        .await?)
}

/// One channel.
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
        .one(conn)
        .await?)
}

/// Makes a channel. It is UNVERIFIED until an owner says otherwise.
///
/// # Errors
/// When the name is empty, too long or taken, or the provider does not carry this kind.
pub async fn create(
    tx: &Tx,
    viewer: &Viewer,
    name: &str,
    kind: ChannelKind,
    provider: Provider,
) -> Result<channel::Model> {
    let carries = match provider {
        Provider::WhatsAppCloud | Provider::Dialog360 | Provider::Kaleyra => {
            kind == ChannelKind::WhatsApp
        }
        Provider::Http => true,
    };
    if !carries {
        return Err(Error::user(
            "provider",
            "INVALID",
            "This provider carries WhatsApp alone; HTTP carries every kind.",
        ));
    }
    let name = name::checked("name", "channel", name)?;
    let row = channel::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name_key: Set(text::fold(&name)),
        name: Set(name),
        kind: Set(kind),
        provider: Set(provider),
        status: Set(ChannelStatus::Unverified),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    row.insert(&**tx).await.map_err(name::taken("channel"))
}

/// Renames a channel, or says whether it can be used.
///
/// # Errors
/// When it is not there, or the name is empty, too long or taken.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: ChannelId,
    name: Option<&str>,
    status: Option<ChannelStatus>,
) -> Result<channel::Model> {
    let found = get(&**tx, viewer, id)
        .await?
        .ok_or_else(|| UserError::not_found("id", "channel"))?;
    let mut row: channel::ActiveModel = found.into();
    if let Some(name) = name {
        let name = name::checked("name", "channel", name)?;
        row.name_key = Set(text::fold(&name));
        row.name = Set(name);
        // The search box finds contacts by it.
        contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    }
    if let Some(status) = status {
        row.status = Set(status);
    }
    row.update(&**tx).await.map_err(name::taken("channel"))
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
