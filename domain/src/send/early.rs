//! What webhooks said of messages before the answers came that name them.

use super::{history::Sent, lattice::advance};
use crate::{
    clock,
    db::{Db, Tx, dialect},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use entity::{
    broadcast_send::Model as Send, channel::Model as Channel, delivery::Model as Delivery,
    early_status,
};
use provider::StatusChange;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};

/// What webhooks said before the answers came is applied to the rows that these answers belong to.
pub(super) async fn apply(
    tx: &Tx,
    channel: &Channel,
    parts: i32,
    send: &mut Send,
    rows: &mut [Delivery],
    sent: &mut Vec<Sent>,
) -> Result<()> {
    let ids = sent.iter().map(|sent| sent.provider_id.clone()).collect();
    let waiting = take_early(tx, channel, ids).await?;
    for (provider_id, change) in waiting {
        let Some(answered) = sent.iter().find(|sent| sent.provider_id == provider_id) else {
            continue;
        };
        let (id, attempt) = (answered.delivery_id, answered.attempt);
        if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
            let before = row.clone();
            advance(row, attempt, parts, &change);
            super::counts::shift(send, before.status, row.status, 1);
            let told = Sent::told(row, attempt, &change, Some(provider_id));
            sent.push(told.news(&change, *row != before));
        }
    }
    Ok(())
}

#[allow(
    clippy::disallowed_methods,
    reason = "the channel was found through the scope"
)]
async fn take_early(
    tx: &Tx,
    channel: &Channel,
    ids: Vec<String>,
) -> Result<Vec<(String, StatusChange)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let backend = tx.get_database_backend();
    let found = early_status::Entity::find()
        .filter(early_status::Column::ChannelId.eq(channel.id))
        .filter(dialect::is_one_text(
            backend,
            "early_status.provider_id",
            &ids,
        ))
        .order_by_asc(early_status::Column::Id)
        .all(&**tx)
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let taken = found.iter().map(|row| row.id);
    early_status::Entity::delete_many()
        .filter(early_status::Column::Id.is_in(taken))
        .exec(&**tx)
        .await?;
    found
        .into_iter()
        .map(|row| {
            let change = serde_json::from_value(row.status)
                .map_err(|error| Error::Broken(error.to_string()))?;
            Ok((row.provider_id, change))
        })
        .collect()
}

/// What webhooks said of one message before its answer came.
pub(crate) async fn early_of(
    tx: &Tx,
    channel: &Channel,
    provider_id: Option<&str>,
) -> Result<Vec<StatusChange>> {
    let ids = provider_id.map(str::to_owned).into_iter().collect();
    let taken = take_early(tx, channel, ids).await?;
    Ok(taken.into_iter().map(|(_, change)| change).collect())
}

/// Keeps what is said of a message that is not known: the answer that names it may come behind.
pub(super) async fn keep(tx: &Tx, channel: &Channel, change: &StatusChange) -> Result<()> {
    let status = serde_json::to_value(change).map_err(|error| Error::Broken(error.to_string()))?;
    for id in &change.message_ids {
        let row = early_status::ActiveModel {
            channel_id: Set(channel.id),
            provider_id: Set(id.clone()),
            status: Set(status.clone()),
            came_at: Set(clock::now()),
            ..Default::default()
        };
        row.insert(&**tx).await?;
    }
    Ok(())
}

/// Forgets what was said before `cut` of messages that never became known; how many.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "what is old goes, of all workspaces"
)]
pub async fn drop_early(db: &Db, cut: DateTime<Utc>) -> Result<u64> {
    let tx = db.write().await?;
    let gone = early_status::Entity::delete_many()
        .filter(early_status::Column::CameAt.lt(cut))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}
