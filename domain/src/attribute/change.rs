//! What of an attribute may change: how it is called and described, and whether it has a slot. Its key and its type are for ever.

use super::{slot, turn};
use crate::{
    db::Tx,
    error::{Error, Result, UserError},
    text,
    viewer::Viewer,
};
use entity::{attribute, id::AttributeId, operation};
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
    /// Whether it has a slot.
    pub filterable: Option<bool>,
}

/// Changes how an attribute is called and described, and whether it has a slot. No contact changes; where their slots do, in the background,
/// the bulk operation is returned beside.
///
/// # Errors
/// NOT_FOUND, INVALID for each text that does not fit; INVALID and LIMIT_EXCEEDED at `filterable`.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: AttributeId,
    change: Update,
) -> Result<(attribute::Model, Option<operation::Model>)> {
    let under_way = match change.filterable {
        Some(_) => turn::alone(tx, viewer, id).await?,
        None => Vec::new(),
    };
    let found = viewer
        .find::<attribute::Entity>()
        .filter(attribute::Column::Id.eq(id))
        .filter(attribute::Column::DeletedAt.is_null())
        .lock_exclusive()
        .one(&**tx)
        .await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "attribute"))?;
    let mut row: attribute::ActiveModel = found.into();
    let mut errors = Vec::new();
    let Update {
        label,
        description,
        filterable,
    } = change;
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
    let attribute = row.update(&**tx).await?;
    match filterable {
        Some(wanted) => slot::set(tx, viewer, attribute, wanted, under_way).await,
        None => Ok((attribute, None)),
    }
}

/// A label as it is stored.
pub(super) fn checked_label(label: &str) -> Result<String, UserError> {
    let label = text::clean(label);
    // What is unseen alone leaves nothing to read above the column.
    let is_blank = text::is_blank(label);
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
