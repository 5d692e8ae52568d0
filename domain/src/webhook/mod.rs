//! Webhooks of providers: stored before they are answered, applied by a job, once however often and in whatever order they come.

mod apply;
mod incoming;
mod intake;
mod variant;
mod writer;

pub use apply::{MOST, begin, go_on_later, longest, next, resume};
pub use intake::Intake;
use intake::Mail;
pub use provider::Headers;

use crate::{
    channel::{self, Providers, provider_of},
    db::{Db, Tx, dialect},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use entity::{
    channel as channels,
    id::ChannelId,
    webhook::{self, Entity},
    webhook_queue,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Set};

/// What became of a webhook that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// It is in the database, and will be applied.
    Stored,
    /// It says nothing that Roster keeps.
    Nothing,
    /// It does not come from the provider.
    Forged,
    /// It is not of the provider's form: what about it.
    Unreadable(String),
}

/// The channel behind a key, which is secret.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the key is what names the channel, and with it the workspace"
)]
pub async fn find(intake: &Intake, key: &str) -> Result<Option<channels::Model>> {
    let query = channels::Entity::find()
        .filter(channels::Column::WebhookHash.eq(channel::webhook_hash(key)))
        .filter(channels::Column::DeletedAt.is_null());
    Ok(query.one(intake.db.read()).await?)
}

/// Takes a webhook of a channel in: it is checked, stored, and a job that applies it is enqueued, where none waits to begin.
///
/// # Errors
/// When the database is away, or the channel's credentials cannot be opened; then the provider is to try again.
pub async fn receive(
    intake: &Intake,
    providers: &Providers,
    channel: &channels::Model,
    headers: &dyn Headers,
    body: &[u8],
) -> Result<Received> {
    let account = providers.account(channel).ok_or_else(|| {
        Error::Broken(format!(
            "the credentials of {} cannot be opened",
            channel.id
        ))
    })?;
    let provider = provider_of(channel);
    if !provider.is_authentic(&account, headers, body) {
        return Ok(Received::Forged);
    }
    match provider.read(body) {
        Ok(told) if told.is_empty() => return Ok(Received::Nothing),
        Ok(_) => {}
        Err(what) => return Ok(Received::Unreadable(what)),
    }
    let Ok(body) = std::str::from_utf8(body) else {
        return Ok(Received::Unreadable("not UTF-8".to_owned()));
    };
    let mail = Mail {
        workspace_id: channel.workspace_id,
        channel_id: channel.id,
        body: body.to_owned(),
    };
    intake.store(mail).await?;
    Ok(Received::Stored)
}

/// Whether no job waits to begin that will see what this transaction writes. [`begin`] waits until nobody shares this turn.
#[allow(
    clippy::disallowed_methods,
    reason = "the channel was found by its key"
)]
async fn must_enqueue(tx: &Tx, id: ChannelId) -> Result<bool> {
    dialect::share_turn(&**tx, turn(id)).await?;
    let set = webhook_queue::Entity::update_many()
        .col_expr(webhook_queue::Column::IsQueued, true.into())
        .filter(webhook_queue::Column::ChannelId.eq(id))
        .filter(webhook_queue::Column::IsQueued.eq(false));
    Ok(set.exec(&**tx).await?.rows_affected > 0)
}

/// Makes the row by which a channel's webhooks know whether a job waits.
pub(crate) async fn prepare(tx: &Tx, id: ChannelId) -> Result<()> {
    let row = webhook_queue::ActiveModel {
        channel_id: Set(id),
        is_queued: Set(false),
    };
    webhook_queue::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The turn of a channel's webhooks.
fn turn(id: ChannelId) -> i64 {
    // No other turn is taken by numbers that begin so.
    0x0077_6562_0000_0000 ^ id.0
}

/// The turn of answers that name messages of a channel.
fn answers_turn(id: ChannelId) -> i64 {
    // No other turn is taken by numbers that begin so.
    0x0061_6e73_0000_0000 ^ id.0
}

/// To be called before a transaction that accounts for answers over a channel locks any row. A webhook that speaks of a message which only its answer will
/// name is applied before or after it, and never beside it: else each of the two would look for the other too early, and what the webhook said would wait for
/// ever.
///
/// # Errors
/// When the database is away.
pub(crate) async fn share(tx: &Tx, id: ChannelId) -> Result<()> {
    Ok(dialect::share_turn(&**tx, answers_turn(id)).await?)
}

/// Deletes webhooks that were applied before `cut`, some at a time; how many. Those that came later are what a doubtful message can be looked up in.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "what is old goes, of all workspaces"
)]
pub async fn drop_applied(db: &Db, cut: DateTime<Utc>) -> Result<u64> {
    let mut dropped = 0;
    loop {
        let tx = db.write().await?;
        let old: Vec<i64> = Entity::find()
            .filter(webhook::Column::CameAt.lt(cut))
            .filter(webhook::Column::AppliedAt.is_not_null())
            .select_only()
            .column(webhook::Column::Id)
            .limit(1_000)
            .into_tuple()
            .all(&*tx)
            .await?;
        if old.is_empty() {
            return Ok(dropped);
        }
        let gone = Entity::delete_many()
            .filter(webhook::Column::Id.is_in(old))
            .exec(&*tx)
            .await?;
        tx.commit().await?;
        dropped += gone.rows_affected;
    }
}
