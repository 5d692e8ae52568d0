//! Objects on their way into the store. The store and the database share no transaction, so an object is noted before its first byte;
//! the note goes in the transaction that writes the row which speaks of it. What a process leaves that is killed in between is found by
//! its note, and by no listing: the bucket may be another's too.

use crate::{
    clock,
    db::{Db, Tx},
    error::Result,
    store::Store,
};
use chrono::{DateTime, Utc};
use entity::pending_object::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use tokio_util::sync::CancellationToken;

/// Notes that `key` is about to be written.
///
/// # Errors
/// When the database is away.
pub async fn note(db: &Db, key: &str) -> Result<()> {
    let tx = db.write().await?;
    leave(&tx, key).await?;
    Ok(tx.commit().await?)
}

/// The same in a transaction in which a row ceases to speak of `key`.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn leave(tx: &Tx, key: &str) -> Result<()> {
    let note = Model {
        key: key.to_owned(),
        created_at: clock::now(),
    };
    note.into_active_model().reset_all().insert(&**tx).await?;
    Ok(())
}

/// Forgets it: a row of this transaction speaks of the object.
///
/// # Errors
/// When the database refuses.
pub async fn settle(tx: &Tx, key: &str) -> Result<()> {
    let note = ActiveModel {
        key: sea_orm::Set(key.to_owned()),
        ..Default::default()
    };
    note.delete(&**tx).await?;
    Ok(())
}

/// Deletes an object that will not be wanted, and its note.
///
/// # Errors
/// When the store or the database is away; the note stays where the object may still be there.
pub async fn discard(db: &Db, store: &Store, key: &str) -> Result<()> {
    store.delete(key).await?;
    let tx = db.write().await?;
    settle(&tx, key).await?;
    Ok(tx.commit().await?)
}

/// Discards all that were noted before `older_than`: whoever was writing them is gone. Ends early when `stop` is cancelled. Returns how
/// many went.
///
/// # Errors
/// When the store or the database is away; the next call goes on from there.
#[allow(
    clippy::disallowed_methods,
    reason = "notes belong to no workspace: no row speaks of their objects yet"
)]
pub async fn drop_abandoned(
    db: &Db,
    store: &Store,
    older_than: DateTime<Utc>,
    stop: &CancellationToken,
) -> Result<u64> {
    let mut dropped = 0;
    while !stop.is_cancelled() {
        let oldest = Entity::find()
            .filter(Column::CreatedAt.lt(older_than))
            .order_by_asc(Column::CreatedAt)
            .limit(1)
            .one(db.read())
            .await?;
        let Some(oldest) = oldest else { break };
        discard(db, store, &oldest.key).await?;
        dropped += 1;
    }
    Ok(dropped)
}
