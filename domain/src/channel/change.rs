//! Channels made, changed and deleted.

use super::{
    account::{self, AccountChange, Providers},
    moved,
};
use crate::{
    broadcast, clock, contact,
    db::Tx,
    error::{Error, Result, UserError},
    filter, name, text,
    viewer::Viewer,
    webhook,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use entity::{
    channel::{self, ChannelKind, ChannelStatus, Model, Provider},
    id::ChannelId,
    import,
};
use provider::Account;
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

/// The most that a channel may be told to send in a second.
const MAX_RATE: i32 = 10_000;

/// What a person says about a channel; left out: stays.
#[derive(Debug, Clone, Default)]
pub struct ChannelChange {
    /// What it is called.
    pub name: Option<String>,
    /// Messages a second; null: as the provider allows.
    pub rate_limit: Option<Option<i32>>,
    /// Distinct people in moving 24 hours; null: any number.
    pub daily_limit: Option<Option<i32>>,
    /// Whether it is switched off.
    pub disabled: Option<bool>,
    /// The account.
    pub account: AccountChange,
}

/// Makes a channel. It is UNVERIFIED until [`verify`] has seen it work.
///
/// # Errors
/// INVALID and TAKEN at what does not hold, all at once; FORBIDDEN at the base URL to whom addresses are hidden.
pub async fn create(
    tx: &Tx,
    providers: &Providers,
    viewer: &Viewer,
    kind: ChannelKind,
    provider: Provider,
    change: ChannelChange,
) -> Result<Model> {
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
    let name = name::checked(
        "name",
        "channel",
        change.name.as_deref().unwrap_or_default(),
    )?;
    let row = channel::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name_key: Set(text::fold(&name)),
        name: Set(name),
        kind: Set(kind),
        provider: Set(provider),
        status: Set(ChannelStatus::Unverified),
        settings: Set(serde_json::Value::Object(serde_json::Map::new())),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let made = row.insert(&**tx).await.map_err(name::taken("channel"))?;
    let key = new_key()?;
    let account = (Account::default(), key.as_str());
    apply(tx, providers, viewer, made, account, change).await
}

/// Changes a channel. One whose account is changed is UNVERIFIED again.
///
/// # Errors
/// NOT_FOUND; INVALID and TAKEN at what does not hold, all at once; REQUIRED at each credential that would go to another server than before and is not
/// given anew; FORBIDDEN at the base URL to whom addresses are hidden.
pub async fn update(
    tx: &Tx,
    providers: &Providers,
    viewer: &Viewer,
    id: ChannelId,
    change: ChannelChange,
) -> Result<Model> {
    let found = locked(tx, viewer, id).await?;
    let Some((account, key)) = providers.opened(&found) else {
        // Made before channels had accounts, or sealed by a secret that is lost: it begins anew, with another address for webhooks.
        let settings = account::settings(&found);
        let account = Account {
            settings,
            ..Account::default()
        };
        let key = new_key()?;
        return apply(tx, providers, viewer, found, (account, &key), change).await;
    };
    apply(tx, providers, viewer, found, (account, &key), change).await
}

pub(super) async fn locked(tx: &Tx, viewer: &Viewer, id: ChannelId) -> Result<Model> {
    let found = viewer.lock::<channel::Entity>(tx, id).await?;
    let found = found.filter(|channel| channel.deleted_at.is_none());
    found.ok_or_else(|| Error::not_found("id", "channel"))
}

/// Writes what changes of a channel that has this account.
async fn apply(
    tx: &Tx,
    providers: &Providers,
    viewer: &Viewer,
    found: Model,
    (mut account, key): (Account, &str),
    change: ChannelChange,
) -> Result<Model> {
    let mut errors = Vec::new();
    let is_changed = !change.account.is_empty();
    let (before, given) = (account.clone(), change.account.clone());
    change
        .account
        .apply(&mut account, &providers.caller, &mut errors);
    let provider = account::provider_of(&found);
    moved::check(provider, &given, (&before, &account), &mut errors);
    if viewer.is_masked() && before.settings.base_url != account.settings.base_url {
        errors.push(moved::forbidden("settings.baseUrl"));
    }
    let rate_limit = checked_limit(change.rate_limit, MAX_RATE, "rateLimit", &mut errors);
    let daily_limit = checked_limit(change.daily_limit, i32::MAX, "dailyLimit", &mut errors);
    if !errors.is_empty() {
        return Err(Error::User(errors));
    }
    let (id, workspace, status, was) = (
        found.id,
        found.workspace_id,
        found.status,
        found.name.clone(),
    );
    let mut row: channel::ActiveModel = found.into();
    if let Some(name) = change.name {
        let name = name::checked("name", "channel", &name)?;
        if name != was {
            // The search box finds contacts by it.
            contact::announce(tx, workspace, contact::Which::Many).await?;
        }
        row.name_key = Set(text::fold(&name));
        row.name = Set(name);
    }
    let settings = serde_json::to_value(&account.settings);
    row.settings = Set(settings.map_err(|error| Error::Broken(error.to_string()))?);
    row.credentials = Set(Some(providers.seal(id, &account.credentials, key)?));
    row.webhook_hash = Set(Some(account::webhook_hash(key)));
    if let Some(limit) = rate_limit {
        row.rate_limit = Set(limit);
    }
    if let Some(limit) = daily_limit {
        row.daily_limit = Set(limit);
    }
    let status = match change.disabled {
        Some(true) => ChannelStatus::Disabled,
        Some(false) if status == ChannelStatus::Disabled => ChannelStatus::Unverified,
        _ if is_changed && status != ChannelStatus::Disabled => ChannelStatus::Unverified,
        _ => status,
    };
    row.status = Set(status);
    webhook::prepare(tx, id).await?;
    row.update(&**tx).await.map_err(name::taken("channel"))
}

fn checked_limit(
    limit: Option<Option<i32>>,
    most: i32,
    path: &str,
    errors: &mut Vec<UserError>,
) -> Option<Option<i32>> {
    let limit = limit?;
    if limit.is_some_and(|limit| !(1..=most).contains(&limit)) {
        let message = format!("1 to {most}, or null.");
        errors.push(UserError::new(path, "INVALID", message));
    }
    Some(limit)
}

/// 32 random bytes, for a path.
fn new_key() -> Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Broken(format!("no random numbers: {error}")))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The account of a channel that is to be used.
pub(crate) fn account_of(providers: &Providers, channel: &Model) -> Result<Account> {
    if channel.credentials.is_none() {
        let settings = account::settings(channel);
        return Ok(Account {
            settings,
            ..Account::default()
        });
    }
    providers.account(channel).ok_or_else(|| {
        let message = "The channel's credentials were sealed by another secret: set them again, or give the server the old secret too.";
        Error::user("id", "INVALID", message)
    })
}

/// Deletes a channel: its credentials are gone for good, its name is free again. Contacts keep their addresses, and history what it names.
///
/// # Errors
/// NOT_FOUND; IN_USE while a saved filter, a broadcast, or an import or a send that has not ended, names it.
pub async fn delete(tx: &Tx, viewer: &Viewer, id: ChannelId) -> Result<()> {
    let found = locked(tx, viewer, id).await?;
    let saved = filter::Saved::load(tx, viewer).await?;
    if let Some(name) = saved.with_id(&id.to_string()) {
        let message = format!("{name} names the channel: change or end that first.");
        return Err(Error::user("id", "IN_USE", message));
    }
    let imports = viewer
        .find::<import::Entity>()
        .filter(import::Column::ChannelId.eq(id))
        .filter(import::Column::FinishedAt.is_null())
        .one(&**tx)
        .await?;
    if imports.is_some() {
        let message =
            "An import that has not ended names the channel: cancel it, or wait for its end.";
        return Err(Error::user("id", "IN_USE", message));
    }
    broadcast::refuse_use(tx, viewer, broadcast::Thing::Channel(id)).await?;
    let key = found.name_key.clone();
    let mut row: channel::ActiveModel = found.into();
    row.status = Set(ChannelStatus::Deleted);
    row.deleted_at = Set(Some(clock::now()));
    // No name folds to this: a folded name has no control characters.
    row.name_key = Set(format!("{key}\u{1}{id}"));
    row.credentials = Set(None);
    row.webhook_hash = Set(None);
    row.last_error = Set(None);
    row.update(&**tx).await?;
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    Ok(())
}
