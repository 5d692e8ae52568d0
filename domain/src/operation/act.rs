//! What each action does to the contacts of a part. To add an action, add an arm.

use super::attribute;
use crate::{contact, db::Tx, error::Result, segment, tag, viewer::Viewer};
use entity::{
    id::{ContactId, Id, SegmentId},
    operation::{BulkAction, Model},
    operation_error::BulkErrorCode,
    segment as segments,
};
use std::collections::HashSet;

/// What became of the contacts of a part.
pub(super) enum Outcome {
    /// Each has one.
    Done {
        /// So many were changed.
        changed: i64,
        /// So many were as wanted already.
        unchanged: i64,
        /// These could not be changed, and why.
        failed: Vec<(ContactId, BulkErrorCode, String)>,
    },
    /// No contact can be changed any more, for this reason.
    Impossible(String),
}

/// Acts on the contacts of a part.
pub(super) async fn act(
    tx: &Tx,
    viewer: &Viewer,
    operation: &Model,
    contacts: &[ContactId],
) -> Result<Outcome> {
    let argument = &operation.argument;
    // Asked for by the two actions that have one.
    let segment = argument.segment.unwrap_or(SegmentId::NOWHERE);
    let needs = match operation.action {
        BulkAction::AddTags | BulkAction::RemoveTags => {
            tag::hold(tx, viewer, &argument.tags).await?
        }
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => {
            viewer.hold::<segments::Entity>(tx, segment).await?
        }
        BulkAction::IndexAttribute | BulkAction::UnindexAttribute | BulkAction::DeleteAttribute => {
            return attribute::act(tx, viewer, operation, contacts).await;
        }
    };
    if !needs {
        return Ok(Outcome::Impossible(gone(operation.action).to_owned()));
    }
    let there = contact::hold(tx, viewer, contacts).await?;
    let mut failed = missing(contacts, &there);
    let changed = match operation.action {
        BulkAction::AddTags => {
            let (changed, full) = contact::add_tags(tx, &there, &argument.tags).await?;
            let message = format!("A contact has at most {} tags.", contact::MOST_TAGS);
            let full = full
                .into_iter()
                .map(|id| (id, BulkErrorCode::LimitExceeded, message.clone()));
            failed.extend(full);
            changed
        }
        BulkAction::RemoveTags => contact::remove_tags(tx, &there, &argument.tags).await?,
        BulkAction::AddToSegment => segment::add(tx, segment, &there).await?,
        BulkAction::RemoveFromSegment => segment::remove(tx, segment, &there).await?,
        // They went their own way above.
        BulkAction::IndexAttribute | BulkAction::UnindexAttribute | BulkAction::DeleteAttribute => {
            0
        }
    };
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    Ok(Outcome::Done {
        changed,
        unchanged: count(contacts.len()) - changed - count(failed.len()),
        failed,
    })
}

fn gone(action: BulkAction) -> &'static str {
    match action {
        BulkAction::AddTags | BulkAction::RemoveTags => {
            "A tag of this operation was deleted or merged into another one meanwhile. What was changed before stays as the counts say."
        }
        BulkAction::AddToSegment | BulkAction::RemoveFromSegment => {
            "The segment was deleted meanwhile."
        }
        BulkAction::IndexAttribute | BulkAction::UnindexAttribute | BulkAction::DeleteAttribute => {
            attribute::GONE
        }
    }
}

/// Those of these contacts who are gone since they were listed.
fn missing(contacts: &[ContactId], there: &[ContactId]) -> Vec<(ContactId, BulkErrorCode, String)> {
    let there: HashSet<ContactId> = there.iter().copied().collect();
    let missing = contacts.iter().filter(|id| !there.contains(id));
    let why = "The contact was deleted after the operation began.";
    missing
        .map(|id| (*id, BulkErrorCode::NotFound, why.to_owned()))
        .collect()
}
