//! Blocks: where a bot's conversation begins, with the messages that it begins with.

use crate::{
    broadcast, clock,
    db::Tx,
    error::{Error, Result, UserError},
    name, text,
    viewer::Viewer,
};
use entity::{
    block::{self, Messages, Model},
    id::BlockId,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, Set};

/// Messages of a block at most.
const MOST: usize = 10;
/// Characters of one of them at most, as WhatsApp has it.
const LONGEST: usize = 4_096;

/// The blocks of a workspace that are not deleted, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Vec<Model>> {
    Ok(viewer
        .find::<block::Entity>()
        .filter(block::Column::DeletedAt.is_null())
        .order_by_asc(block::Column::Id)
        .all(conn)
        .await?)
}

/// One block that is not deleted.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: BlockId,
) -> Result<Option<Model>> {
    let found = viewer.by_ids::<block::Entity>(conn, [id]).await?;
    Ok(found
        .into_iter()
        .next()
        .filter(|block| block.deleted_at.is_none()))
}

/// Makes a block.
///
/// # Errors
/// INVALID and TAKEN at what does not hold.
pub async fn create(tx: &Tx, viewer: &Viewer, name: &str, messages: Vec<String>) -> Result<Model> {
    let name = name::checked("name", "block", name)?;
    let now = clock::now();
    let row = block::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name_key: Set(text::fold(&name)),
        name: Set(name),
        messages: Set(checked(messages)?),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(&**tx).await.map_err(name::taken("block"))
}

/// Renames a block, or gives it other messages.
///
/// # Errors
/// NOT_FOUND; INVALID and TAKEN at what does not hold; IN_USE for other messages while a send that has not ended begins with it.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: BlockId,
    name: Option<&str>,
    messages: Option<Vec<String>>,
) -> Result<Model> {
    let found = get(&**tx, viewer, id).await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "block"))?;
    let mut row: block::ActiveModel = found.into();
    if let Some(name) = name {
        let name = name::checked("name", "block", name)?;
        row.name_key = Set(text::fold(&name));
        row.name = Set(name);
    }
    if let Some(messages) = messages {
        broadcast::refuse_change(tx, viewer, broadcast::Thing::Block(id)).await?;
        row.messages = Set(checked(messages)?);
    }
    row.updated_at = Set(clock::now());
    row.update(&**tx).await.map_err(name::taken("block"))
}

/// Deletes a block; what history names stays readable.
///
/// # Errors
/// NOT_FOUND; IN_USE while a broadcast, or a send that has not ended, begins with it.
pub async fn delete(tx: &Tx, viewer: &Viewer, id: BlockId) -> Result<()> {
    let found = get(&**tx, viewer, id).await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "block"))?;
    broadcast::refuse_use(tx, viewer, broadcast::Thing::Block(id)).await?;
    let mut row: block::ActiveModel = found.into();
    row.deleted_at = Set(Some(clock::now()));
    row.update(&**tx).await?;
    Ok(())
}

fn checked(messages: Vec<String>) -> Result<Messages> {
    if messages.is_empty() || messages.len() > MOST {
        let message = format!("A block has 1 to {MOST} messages.");
        return Err(Error::user("messages", "INVALID", message));
    }
    let wrong: Vec<UserError> = messages
        .iter()
        .enumerate()
        .filter(|(_, text)| {
            text::is_blank(text) || text.chars().count() > LONGEST || text.contains('\0')
        })
        .map(|(n, _)| {
            let message = format!(
                "A message has 1 to {LONGEST} characters, one of them visible, and no NUL."
            );
            UserError::new(&format!("messages.{n}"), "INVALID", message)
        })
        .collect();
    if wrong.is_empty() {
        Ok(Messages(messages))
    } else {
        Err(Error::User(wrong))
    }
}
