//! Attributes: the typed custom columns, and the slots that make some of them quick to sort and filter by.

mod change;
mod removal;
mod slot;
mod turn;
mod usage;

pub use change::{Update, update};
pub use removal::delete;
pub(crate) use slot::conclude;
pub use usage::usage;

use crate::{
    clock,
    db::Tx,
    error::{Error, Result},
    text,
    viewer::Viewer,
    workspace,
};
use entity::{
    attribute::{self, AttributeType, SlotState},
    id::{AttributeId, ImportId},
    operation,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, Set};

/// Slots of each of the two kinds.
const POOL: usize = 10;

/// How many attributes a workspace may have.
pub const MAX_ATTRIBUTES: usize = 500;

/// The attributes of one workspace, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Attributes(Vec<attribute::Model>);

impl Attributes {
    /// All of a workspace's attributes.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn load(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Self> {
        Ok(Self(
            viewer
                .find::<attribute::Entity>()
                .filter(attribute::Column::DeletedAt.is_null())
                .order_by_asc(attribute::Column::Id)
                .all(conn)
                .await?,
        ))
    }

    /// As [`load`](Self::load), for whoever writes contacts with them, behind the contacts' locks: until the transaction ends nobody gives one
    /// of them a slot or takes it away, and nobody deletes one.
    ///
    /// # Errors
    /// When the database is away.
    pub(crate) async fn hold(tx: &Tx, viewer: &Viewer) -> Result<Self> {
        turn::share(tx, viewer).await?;
        Self::load(&**tx, viewer).await
    }

    /// By key, without regard to case.
    pub fn by_key(&self, key: &str) -> Option<&attribute::Model> {
        let key = text::fold(key);
        self.0.iter().find(|attribute| attribute.key_folded == key)
    }

    /// By id.
    pub fn by_id(&self, id: AttributeId) -> Option<&attribute::Model> {
        self.0.iter().find(|attribute| attribute.id == id)
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, attribute::Model> {
        self.0.iter()
    }

    /// Adds one that was made meanwhile.
    pub fn push(&mut self, attribute: attribute::Model) {
        self.0.push(attribute);
    }
}

/// An attribute to make.
#[derive(Debug, Clone)]
pub struct NewAttribute {
    /// Its key, without `attr.`.
    pub key: String,
    /// What a table shows above it; none: the key.
    pub label: Option<String>,
    /// Its type, for ever.
    pub r#type: AttributeType,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it gets a slot; none: while half the pool is free.
    pub filterable: Option<bool>,
    /// The import that brings it.
    pub import_id: Option<ImportId>,
}

/// Makes an attribute.
///
/// # Errors
/// When the key is taken or not a key, a text is too long, or no slot is free.
pub async fn create(tx: &Tx, viewer: &Viewer, new: NewAttribute) -> Result<attribute::Model> {
    // The slot that is free now must still be so when it is taken.
    workspace::lock(tx, viewer).await?;
    let there = Attributes::load(&**tx, viewer).await?;
    let key = new.key.trim().to_owned();
    check_key(&key).map_err(|message| Error::user("key", "INVALID", message))?;
    if let Some(same) = there.by_key(&key) {
        return Err(taken(same, new.r#type));
    }
    if there.0.len() >= MAX_ATTRIBUTES {
        let message = format!("A workspace has at most {MAX_ATTRIBUTES} attributes.");
        return Err(Error::user("key", "LIMIT_EXCEEDED", message));
    }
    let label = new
        .label
        .map(|label| label.trim().to_owned())
        .filter(|label| !label.is_empty());
    let label = label.unwrap_or_else(|| key.clone());
    let label = change::checked_label(&label)?;
    let description = change::checked_description(new.description)?;
    let slot = slot::choose(&**tx, viewer, new.r#type, new.filterable).await?;
    let row = attribute::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        key_folded: Set(text::fold(&key)),
        key: Set(key),
        label: Set(label),
        r#type: Set(new.r#type),
        description: Set(description),
        // Nobody has a value yet.
        slot_state: Set(slot.as_ref().map(|_| SlotState::Ready)),
        slot: Set(slot),
        created_by_import_id: Set(new.import_id),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    Ok(row.insert(&**tx).await?)
}

fn taken(same: &attribute::Model, wanted: AttributeType) -> Error {
    if same.r#type == wanted {
        return Error::user(
            "key",
            "TAKEN",
            format!("There is an attribute \"{}\" already.", same.key),
        );
    }
    let message = format!(
        "The attribute \"{}\" is of type {}, and a key has one type for ever: it cannot be {wanted} too. Choose another key.",
        same.key, same.r#type
    );
    Error::user("key", "ATTRIBUTE_TYPE_CONFLICT", message)
}

/// The attribute that a bulk operation is about, be it deleted; none where it is gone.
pub(crate) async fn of_operation(
    tx: &Tx,
    viewer: &Viewer,
    operation: &operation::Model,
) -> Result<Option<attribute::Model>> {
    let Some(id) = operation.argument.attribute else {
        return Ok(None);
    };
    let found = viewer.by_ids::<attribute::Entity>(&**tx, [id]).await?;
    Ok(found.into_iter().next())
}

/// Whether a text can be an attribute's key.
///
/// # Errors
/// What is wrong with it, for people.
pub fn check_key(key: &str) -> Result<(), String> {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    if key.starts_with(char::is_alphanumeric) && key.chars().all(good) && key.chars().count() <= 64
    {
        return Ok(());
    }
    Err("A key begins with a letter or digit and has at most 64 letters, digits, spaces, and the signs _ - .".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_words() {
        for good in ["plan", "Plan 2", "größe", "a.b-c_d", "1st"] {
            assert_eq!(check_key(good), Ok(()), "{good}");
        }
        for bad in ["", " plan", "a||b", "a\"b", "{x}", &"k".repeat(65)] {
            assert!(check_key(bad).is_err(), "{bad}");
        }
    }
}
