//! Tags that go: deleted, or merged into another one.

use crate::{
    contact,
    db::{
        Tx,
        dialect::{self, statement},
    },
    error::{Error, Result, UserError},
    filter::Saved,
    viewer::Viewer,
};
use entity::{id::TagId, tag};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// Tags that are merged at once at most.
const MOST_MERGED: usize = 1_000;

/// Takes a tag off all contacts, and deletes it.
///
/// # Errors
/// NOT_FOUND, or IN_USE where a saved filter names it.
pub async fn delete(tx: &Tx, viewer: &Viewer, id: TagId) -> Result<()> {
    let found = locked(tx, viewer, &[id]).await?;
    if found.is_empty() {
        return Err(Error::not_found("id", "tag"));
    }
    check_unused(tx, viewer, &[(id, "id".to_owned())]).await?;
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    remove(tx, &found).await
}

/// Gives everyone who has one of `ids` the tag `into` instead; the others are deleted.
///
/// # Errors
/// NOT_FOUND for each that is not there, IN_USE for each that a saved filter names, INVALID for `into` itself.
pub async fn merge(tx: &Tx, viewer: &Viewer, ids: &[TagId], into: TagId) -> Result<tag::Model> {
    if ids.len() > MOST_MERGED {
        let message = format!("At most {MOST_MERGED} tags are merged at once.");
        return Err(Error::user("ids", "LIMIT_EXCEEDED", message));
    }
    let all: Vec<_> = ids.iter().copied().chain([into]).collect();
    let found = locked(tx, viewer, &all).await?;
    let is_there = |id: TagId| found.iter().any(|tag| tag.id == id);
    let mut errors = Vec::new();
    let places: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| (*id, format!("ids.{n}")))
        .collect();
    for (id, path) in &places {
        if !is_there(*id) {
            errors.push(UserError::not_found(path, "tag"));
        } else if *id == into {
            let message = "A tag is not merged into itself: leave it out.";
            errors.push(UserError::new(path, "INVALID", message));
        }
    }
    if !is_there(into) {
        errors.push(UserError::not_found("intoId", "tag"));
    }
    if !errors.is_empty() {
        return Err(Error::User(errors));
    }
    check_unused(tx, viewer, &places).await?;
    let (target, merged): (Vec<_>, Vec<_>) = found.into_iter().partition(|tag| tag.id == into);
    hand_over(tx, &merged, into).await?;
    remove(tx, &merged).await?;
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    let target = target.into_iter().next();
    target.ok_or_else(|| Error::not_found("intoId", "tag"))
}

async fn hand_over(tx: &Tx, merged: &[tag::Model], into: TagId) -> Result<()> {
    let backend = tx.get_database_backend();
    let ids = merged.iter().map(|tag| tag.id.0);
    let (is_merged, ids) = dialect::any_of(backend, "tag_id", 2, ids);
    let sql = format!(
        "INSERT INTO contact_tag (tag_id, contact_id)
        SELECT DISTINCT CAST($1 AS bigint), contact_id FROM contact_tag WHERE {is_merged} ON CONFLICT DO NOTHING"
    );
    dialect::expect_many_rows(&**tx).await?;
    tx.execute_raw(statement(&**tx, &sql, [into.0.into(), ids]))
        .await?;
    Ok(())
}

#[allow(
    clippy::disallowed_methods,
    reason = "the tags were found through the scope"
)]
async fn remove(tx: &Tx, tags: &[tag::Model]) -> Result<()> {
    tag::Entity::delete_many()
        .filter(tag::Column::Id.is_in(tags.iter().map(|tag| tag.id)))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Those of these tags that are there; nobody gives them to a contact until the transaction ends.
async fn locked(tx: &Tx, viewer: &Viewer, ids: &[TagId]) -> Result<Vec<tag::Model>> {
    Ok(viewer
        .find::<tag::Entity>()
        .filter(tag::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(tag::Column::Id)
        .lock_exclusive()
        .all(&**tx)
        .await?)
}

/// Refuses what would leave a saved filter with a tag that is no more.
async fn check_unused(tx: &Tx, viewer: &Viewer, tags: &[(TagId, String)]) -> Result<()> {
    let saved = Saved::load(tx, viewer).await?;
    let mut errors = Vec::new();
    for (id, path) in tags {
        if let Some(user) = saved.with_id(&id.to_string()) {
            let message = format!("{user} names this tag: change or end that first.");
            errors.push(UserError::new(path, "IN_USE", message));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::User(errors))
    }
}
