//! Whether a channel's account works, as its provider says.

use super::{Providers, account, account_of, change::locked, get};
use crate::{
    clock,
    db::{Db, Tx},
    error::{Error, Result, UserError},
    idempotency::{self, Keyed, Ran},
    send::pace,
    viewer::Viewer,
};
use entity::{
    channel::{self, ChannelStatus, Model},
    id::ChannelId,
};
use provider::Failure;
use sea_orm::{ActiveModelTrait, Set};

/// Asks the provider whether the account works, by a real call: READY if it does, else FAILING with what the provider said. This is the only way
/// to READY. Where the provider had asked to wait, the channel waits no longer.
///
/// # Errors
/// NOT_FOUND; INCOMPLETE for each setting and credential that is missing; INVALID for a channel that is DISABLED; CONFLICT where it was
/// changed while the provider was asked.
pub async fn verify(
    db: &Db,
    providers: &Providers,
    viewer: &Viewer,
    id: ChannelId,
    keyed: Option<&Keyed>,
) -> Result<Ran<Model>> {
    // No transaction waits for somebody else's server.
    let asked = ask(db, providers, viewer, id);
    let write = async |tx: &Tx, (found, verdict)| write(tx, viewer, found, verdict).await;
    let receipt = |written: &Model| written.id.to_string().into();
    let ran = idempotency::run(db, viewer, keyed, asked, write, receipt).await?;
    let written = match &ran {
        Ran::Now(written) => Some(written.clone()),
        // Whoever asks again may do so because the process ended before the next lines.
        Ran::Before(_) => get(db.read(), viewer, id).await?,
    };
    if let Some(written) = written.filter(|written| written.status == ChannelStatus::Ready) {
        // In a transaction of its own: sends lock this row before or behind the channel's.
        let tx = db.write().await?;
        pace::clear(&tx, &written).await?;
        tx.commit().await?;
    }
    Ok(ran)
}

/// The channel as it was when its provider was asked, and what that said.
type Asked = (Model, Result<(), Failure>);

async fn ask(db: &Db, providers: &Providers, viewer: &Viewer, id: ChannelId) -> Result<Asked> {
    let found = get(db.read(), viewer, id).await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "channel"))?;
    if found.status == ChannelStatus::Disabled {
        let message = "The channel is switched off: switch it on first (disabled: false).";
        return Err(Error::user("id", "INVALID", message));
    }
    let account = account_of(providers, &found)?;
    let provider = account::provider_of(&found);
    let missing: Vec<UserError> = provider
        .required()
        .iter()
        .filter(|field| !account.has(**field))
        .map(|field| {
            let part = if field.is_secret() {
                "credentials"
            } else {
                "settings"
            };
            let message = format!("{part}.{} is missing: updateChannel sets it.", field.name());
            UserError::new("id", "INCOMPLETE", message)
        })
        .collect();
    if !missing.is_empty() {
        return Err(Error::User(missing));
    }
    let verdict = provider.verify(&providers.caller, &account).await;
    Ok((found, verdict))
}

async fn write(
    tx: &Tx,
    viewer: &Viewer,
    found: Model,
    verdict: Result<(), Failure>,
) -> Result<Model> {
    let now = locked(tx, viewer, found.id).await?;
    if (&now.credentials, &now.settings, now.status)
        != (&found.credentials, &found.settings, found.status)
    {
        let message = "The channel was changed while the provider was asked. Verify it again.";
        return Err(Error::user("id", "CONFLICT", message));
    }
    let mut row: channel::ActiveModel = now.into();
    match verdict {
        Ok(()) => {
            row.status = Set(ChannelStatus::Ready);
            row.last_error = Set(None);
            row.verified_at = Set(Some(clock::now()));
        }
        Err(failure) => {
            row.status = Set(ChannelStatus::Failing);
            row.last_error = Set(Some(format!("{}: {}", failure.code, failure.message)));
        }
    }
    Ok(row.update(&**tx).await?)
}
