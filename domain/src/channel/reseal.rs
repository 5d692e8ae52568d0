//! After a change of the installation's secret.

use super::account::Providers;
use crate::{db::Db, error::Result};
use entity::channel;
use provider::Account;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set};

/// Seals by the present secret what the former one sealed, of all workspaces. What neither opens stays as it is, and is told in
/// the log: its channels need their credentials again.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the secret is that of the installation, of all its workspaces"
)]
pub async fn reseal(db: &Db, providers: &Providers) -> Result<()> {
    let sealed = channel::Entity::find()
        .filter(channel::Column::Credentials.is_not_null())
        .all(db.read())
        .await?;
    let stale = |channel: &channel::Model| {
        let sealed = channel.credentials.as_deref();
        sealed.is_some_and(|sealed| !providers.vault.is_current(sealed))
    };
    for found in sealed.into_iter().filter(stale) {
        let tx = db.write().await?;
        // Under the lock: an owner may be changing it.
        let query = channel::Entity::find_by_id(found.id);
        let Some(found) = sea_orm::QuerySelect::lock_exclusive(query)
            .one(&*tx)
            .await?
        else {
            continue;
        };
        let Some((Account { credentials, .. }, key)) = providers.opened(&found) else {
            tracing::warn!(channel = %found.id, "credentials were sealed by a secret that is not known: give it with --old-secret, or set them again");
            continue;
        };
        let sealed = providers.seal(found.id, &credentials, &key)?;
        let mut row: channel::ActiveModel = found.into();
        row.credentials = Set(Some(sealed));
        row.update(&*tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
