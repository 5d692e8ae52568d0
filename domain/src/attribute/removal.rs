//! Attributes deleted. Nobody sees one any more from that moment on, and its key is free; its values, its slot and its words in the search texts go
//! in the background, by a bulk operation, and then its row does.

use super::turn;
use crate::{
    clock, column,
    contact::{self, Selected},
    content,
    db::Tx,
    error::{Error, Result, UserError},
    filter::Saved,
    operation, text,
    viewer::Viewer,
};
use entity::{
    attribute,
    id::AttributeId,
    import::{self, Target},
    job::JobStatus,
    operation::{BulkAction, Model as Operation},
    role::Restriction,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

/// Deletes an attribute with all its values. `expected` is how many contacts have one, as the person saw it. Asked for again, the operation that
/// cleans up is returned, and begun anew where it has FAILED.
///
/// # Errors
/// NOT_FOUND; at `expectedCount` CONFLICT where another number has a value, and REQUIRED where it is left out though somebody has; IN_USE while a
/// saved filter or a text names it or an import writes to it; [`Error::Forbidden`] for who does not see everybody who has a value.
pub async fn delete(
    tx: &Tx,
    viewer: &Viewer,
    id: AttributeId,
    expected: Option<i64>,
) -> Result<Operation> {
    viewer.unrestricted(Restriction::OnlyAssignedContacts)?;
    let found = viewer.by_ids::<attribute::Entity>(&**tx, [id]).await?;
    if found.iter().any(|attribute| attribute.deleted_at.is_none()) {
        // It takes long, and holds nobody up who does not write to SQLite.
        check_count(tx, viewer, id, expected).await?;
    }
    let under_way = turn::alone(tx, viewer, id).await?;
    let found = viewer.lock::<attribute::Entity>(tx, id).await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "attribute"))?;
    let cleaning = BulkAction::DeleteAttribute;
    if let Some(same) = under_way.iter().find(|running| running.action == cleaning) {
        return Ok(same.clone());
    }
    if found.deleted_at.is_none() {
        check_unused(tx, viewer, &found).await?;
        for running in under_way {
            operation::supersede(tx, running).await?;
        }
        let mut row: attribute::ActiveModel = found.into();
        row.deleted_at = Set(Some(clock::now()));
        row.update(&**tx).await?;
        contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    }
    operation::of_attribute(tx, viewer, cleaning, id, Selected::with_value(id)).await
}

async fn check_count(
    tx: &Tx,
    viewer: &Viewer,
    id: AttributeId,
    expected: Option<i64>,
) -> Result<()> {
    let had = Selected::with_value(id).count(&**tx, viewer).await?;
    let had = i64::try_from(had).unwrap_or(i64::MAX);
    let (code, message) = match expected {
        None if had > 0 => (
            "REQUIRED",
            format!(
                "{had} contacts have a value, and would lose it: say how many you saw (usageCount)."
            ),
        ),
        Some(expected) if expected != had => (
            "CONFLICT",
            format!("{had} contacts have a value, you saw {expected}. Look at them again."),
        ),
        _ => return Ok(()),
    };
    Err(Error::user("expectedCount", code, message))
}

/// Refuses what would leave a saved filter, a text or an import with an attribute that is no more.
async fn check_unused(tx: &Tx, viewer: &Viewer, attribute: &attribute::Model) -> Result<()> {
    let saved = Saved::load(tx, viewer).await?;
    let key = &attribute.key_folded;
    let filters = saved.with_attribute(key)?.into_iter();
    let mut using: Vec<_> = filters
        .map(|name| (name.to_owned(), "change or end that first"))
        .collect();
    for text in content::naming_attribute(tx, viewer, key).await? {
        // A broadcast may name it in both.
        if !using.iter().any(|(name, _)| *name == text.0) {
            using.push(text);
        }
    }
    let mut errors = Vec::new();
    for (name, remedy) in using {
        let message = format!("{name} names this attribute: {remedy}.");
        errors.push(UserError::new("id", "IN_USE", message));
    }
    let imports = viewer
        .find::<import::Entity>()
        .filter(import::Column::Status.is_in([JobStatus::Queued, JobStatus::Running]))
        .all(&**tx)
        .await?;
    let column = format!("{}{}", column::ATTRIBUTE_PREFIX, attribute.key_folded);
    let writes = |import: &import::Model| {
        let mut targets = import.mapping.0.iter().map(|mapping| &mapping.target);
        targets.any(|target| matches!(target, Target::Column(key) if text::fold(key) == column))
    };
    if imports.iter().any(writes) {
        let message =
            "An import that is under way writes to this attribute: wait for its end, or cancel it.";
        errors.push(UserError::new("id", "IN_USE", message));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::User(errors))
    }
}
