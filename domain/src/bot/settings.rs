//! Where the bot is, and what it is told is signed with.

use crate::{
    channel::{self, Providers},
    db::Db,
    error::{Error, Result, UserError},
    viewer::Viewer,
};
use entity::{id::WorkspaceId, workspace};
use provider::{Account, Credentials, Settings};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};
use secrecy::{ExposeSecret, SecretString};

/// What changes; none stays, `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Where it is.
    pub url: Option<Option<String>>,
    /// What is signed with.
    pub signing_secret: Option<Option<SecretString>>,
}

/// Changes where a workspace's bot is.
///
/// # Errors
/// INVALID at `botUrl` or `botSigningSecret`, REQUIRED at the one that is missing; FORBIDDEN at `botUrl` to whom addresses are hidden.
pub(crate) fn change(
    providers: &Providers,
    viewer: &Viewer,
    found: &workspace::Model,
    row: &mut workspace::ActiveModel,
    change: Change,
) -> Result<()> {
    let mut errors = Vec::new();
    let (mut url, mut sealed) = (found.bot_url.clone(), found.bot_secret.clone());
    if let Some(given) = change.url {
        url = given
            .map(|url| url.trim().to_owned())
            .filter(|url| !url.is_empty());
        let fault = url
            .as_deref()
            .and_then(|url| providers.caller.url_fault(url));
        errors.extend(fault.map(|fault| UserError::new("botUrl", "INVALID", fault)));
        if viewer.is_masked() && url != found.bot_url {
            errors.push(channel::forbidden_address("botUrl"));
        }
    }
    if let Some(given) = change.signing_secret {
        let secret = given.filter(|secret| !secret.expose_secret().trim().is_empty());
        sealed = match secret.as_ref().map(|secret| secret.expose_secret().trim()) {
            None => None,
            Some(secret) => {
                let fault = channel::signing_fault(secret);
                errors.extend(
                    fault.map(|fault| UserError::new("botSigningSecret", "INVALID", fault)),
                );
                Some(providers.vault.seal(&place(found.id), secret.as_bytes())?)
            }
        };
    }
    if errors.is_empty() && url.is_some() && sealed.is_none() {
        let message = "What the bot is told is signed: give a secret too.";
        errors.push(UserError::new("botSigningSecret", "REQUIRED", message));
    }
    if !errors.is_empty() {
        return Err(Error::User(errors));
    }
    row.bot_url = Set(url);
    row.bot_secret = Set(sealed);
    Ok(())
}

/// How a workspace's bot is spoken to; none where it has none.
///
/// # Errors
/// Where its secret was sealed by another secret than the present ones.
pub(super) fn account(
    providers: &Providers,
    workspace: &workspace::Model,
) -> Result<Option<Account>, String> {
    let (Some(url), Some(sealed)) = (&workspace.bot_url, &workspace.bot_secret) else {
        return Ok(None);
    };
    let secret = providers.vault.open(&place(workspace.id), sealed);
    let Some(secret) = secret.and_then(|secret| String::from_utf8(secret).ok()) else {
        return Err("The bot's signing secret was sealed by another secret: set it again, or give the server the old one too.".to_owned());
    };
    Ok(Some(Account {
        settings: Settings {
            base_url: Some(url.clone()),
            ..Settings::default()
        },
        credentials: Credentials {
            signing_secret: Some(secret.into()),
            ..Credentials::default()
        },
    }))
}

/// Seals by the present secret what the former one sealed, of all workspaces; what neither opens stays, and is told in the log.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the secret is that of the installation, of all its workspaces"
)]
pub async fn reseal(db: &Db, providers: &Providers) -> Result<()> {
    let sealed = workspace::Entity::find()
        .filter(workspace::Column::BotSecret.is_not_null())
        .all(db.read())
        .await?;
    let is_stale = |row: &workspace::Model| {
        let sealed = row.bot_secret.as_deref();
        sealed.is_some_and(|sealed| !providers.vault.is_current(sealed))
    };
    for stale in sealed.into_iter().filter(is_stale) {
        let tx = db.write().await?;
        // Under the lock: an owner may be changing it.
        let query = workspace::Entity::find_by_id(stale.id).lock_exclusive();
        let Some(found) = query.one(&*tx).await?.filter(is_stale) else {
            continue;
        };
        let place = place(found.id);
        let sealed = found.bot_secret.as_deref().unwrap_or_default();
        let Some(secret) = providers.vault.open(&place, sealed) else {
            tracing::warn!(workspace = %found.id, "the bot's secret was sealed by a secret that is not known: give it with --old-secret, or set it again");
            continue;
        };
        let mut row: workspace::ActiveModel = found.into();
        row.bot_secret = Set(Some(providers.vault.seal(&place, &secret)?));
        row.update(&*tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn place(id: WorkspaceId) -> String {
    format!("{id}.bot")
}
