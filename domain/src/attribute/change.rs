//! What of an attribute may change: how it is called and described. Its key and its type are for ever.

use crate::{
    db::Tx,
    error::{Error, Result, UserError},
    text,
    viewer::Viewer,
};
use entity::{attribute, id::AttributeId};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QuerySelect, Set};

/// Characters of a label at most.
const LONGEST_LABEL: usize = 100;

/// Characters of a description at most.
const LONGEST_DESCRIPTION: usize = 1_000;

/// What to change: what is none stays, `Some(None)` clears.
#[derive(Debug, Clone, Default)]
pub struct Update {
    /// What a table shows above it.
    pub label: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
}

/// Changes how an attribute is called and described. No contact changes.
///
/// # Errors
/// NOT_FOUND, and INVALID for each text that does not fit.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: AttributeId,
    change: Update,
) -> Result<attribute::Model> {
    let found = viewer
        .find::<attribute::Entity>()
        .filter(attribute::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "attribute"))?;
    let mut row: attribute::ActiveModel = found.into();
    let mut errors = Vec::new();
    let Update { label, description } = change;
    match label.map(|label| checked_label(&label)).transpose() {
        Ok(label) => row.label = label.map_or(row.label, Set),
        Err(error) => errors.push(error),
    }
    match description.map(checked_description).transpose() {
        Ok(description) => row.description = description.map_or(row.description, Set),
        Err(error) => errors.push(error),
    }
    if !errors.is_empty() {
        return Err(Error::User(errors));
    }
    Ok(row.update(&**tx).await?)
}

/// A label as it is stored.
pub(super) fn checked_label(label: &str) -> Result<String, UserError> {
    let label = text::clean(label);
    // What is unseen alone leaves nothing to read above the column.
    let is_blank = text::fold(label).trim().is_empty();
    if is_blank || label.chars().count() > LONGEST_LABEL || label.contains('\0') {
        let message = format!("A label has 1 to {LONGEST_LABEL} characters.");
        return Err(UserError::new("label", "INVALID", message));
    }
    Ok(label.to_owned())
}

/// A description as it is stored; a blank one is none.
pub(super) fn checked_description(
    description: Option<String>,
) -> Result<Option<String>, UserError> {
    let description = description.filter(|text| !text.trim().is_empty());
    let fits = |text: &String| text.chars().count() <= LONGEST_DESCRIPTION && !text.contains('\0');
    if !description.as_ref().is_none_or(fits) {
        let message = format!("A description has at most {LONGEST_DESCRIPTION} characters.");
        return Err(UserError::new("description", "INVALID", message));
    }
    Ok(description)
}
