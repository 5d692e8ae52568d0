//! Operations asked for: what is asked is checked, and the job enqueued, in one transaction.

use crate::{
    clock,
    contact::{self, Selection},
    db::Tx,
    error::{Error, Result, UserError},
    job::{self, RunOperation},
    segment, tag,
    viewer::Viewer,
};
use entity::{
    id::{AttributeId, SegmentId, TagId},
    job::JobStatus,
    operation::{self, Argument, BulkAction, Model},
    segment::SegmentKind,
    tag as tags,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, Set};

/// Gives contacts tags; those that are not there are made.
///
/// # Errors
/// What [`Selection::check`] refuses; INVALID and LIMIT_EXCEEDED at `tagNames`.
pub async fn tag(
    tx: &Tx,
    viewer: &Viewer,
    selection: Selection,
    names: &[String],
) -> Result<Model> {
    let names = named(names)?;
    let selection = selection.check(&**tx, viewer).await?;
    let tags = tag::named(tx, viewer, &names, "tagNames").await?;
    let argument = Argument {
        tags,
        ..Argument::default()
    };
    create(tx, viewer, BulkAction::AddTags, argument, selection).await
}

/// Takes tags off contacts.
///
/// # Errors
/// What [`Selection::check`] refuses; INVALID, LIMIT_EXCEEDED and NOT_FOUND at `tagNames`.
pub async fn untag(
    tx: &Tx,
    viewer: &Viewer,
    selection: Selection,
    names: &[String],
) -> Result<Model> {
    let wanted = named(names)?;
    let query = viewer.find::<tags::Entity>();
    let found = query
        .filter(tags::Column::NameKey.is_in(wanted.keys()))
        .all(&**tx)
        .await?;
    let missing: Vec<UserError> = names
        .iter()
        .enumerate()
        .filter(|(_, name)| {
            let key = crate::text::fold(name.trim());
            !found.iter().any(|tag| tag.name_key == key)
        })
        .map(|(n, _)| UserError::not_found(&format!("tagNames.{n}"), "tag"))
        .collect();
    if !missing.is_empty() {
        return Err(Error::User(missing));
    }
    let selection = selection.check(&**tx, viewer).await?;
    let argument = Argument {
        tags: found.into_iter().map(|tag| tag.id).collect::<Vec<TagId>>(),
        ..Argument::default()
    };
    create(tx, viewer, BulkAction::RemoveTags, argument, selection).await
}

fn named(names: &[String]) -> Result<std::collections::BTreeMap<String, String>> {
    let mut errors = Vec::new();
    let checked = contact::checked_tag_names(names, "tagNames", &mut errors);
    if checked.is_empty() && errors.is_empty() {
        let message = "Name at least one tag.";
        errors.push(UserError::new("tagNames", "INVALID", message));
    }
    if errors.is_empty() {
        Ok(checked)
    } else {
        Err(Error::User(errors))
    }
}

/// Puts contacts into a STATIC segment.
///
/// # Errors
/// What [`Selection::check`] refuses; NOT_FOUND and INVALID at `segmentId`.
pub async fn add_to_segment(
    tx: &Tx,
    viewer: &Viewer,
    selection: Selection,
    id: SegmentId,
) -> Result<Model> {
    members(tx, viewer, BulkAction::AddToSegment, selection, id).await
}

/// Takes contacts out of a STATIC segment.
///
/// # Errors
/// As [`add_to_segment`].
pub async fn remove_from_segment(
    tx: &Tx,
    viewer: &Viewer,
    selection: Selection,
    id: SegmentId,
) -> Result<Model> {
    members(tx, viewer, BulkAction::RemoveFromSegment, selection, id).await
}

async fn members(
    tx: &Tx,
    viewer: &Viewer,
    action: BulkAction,
    selection: Selection,
    id: SegmentId,
) -> Result<Model> {
    let found = segment::get(&**tx, viewer, id).await?;
    let found = found.ok_or_else(|| UserError::not_found("segmentId", "segment"))?;
    if found.kind == SegmentKind::Rules {
        let message = format!(
            "The segment \"{}\" is made up by rules: change these, or choose one whose contacts are named one by one.",
            found.name
        );
        return Err(Error::user("segmentId", "INVALID", message));
    }
    let selection = selection.check(&**tx, viewer).await?;
    let argument = Argument {
        segment: Some(id),
        ..Argument::default()
    };
    create(tx, viewer, action, argument, selection).await
}

/// Brings the contacts along with what became of an attribute.
pub(crate) async fn of_attribute(
    tx: &Tx,
    viewer: &Viewer,
    action: BulkAction,
    id: AttributeId,
    selection: contact::Selected,
) -> Result<Model> {
    let argument = Argument {
        attribute: Some(id),
        ..Argument::default()
    };
    create(tx, viewer, action, argument, selection).await
}

async fn create(
    tx: &Tx,
    viewer: &Viewer,
    action: BulkAction,
    argument: Argument,
    selection: contact::Selected,
) -> Result<Model> {
    let selection = serde_json::to_value(selection);
    let row = operation::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        action: Set(action),
        argument: Set(argument),
        selection: Set(selection.map_err(|error| Error::Broken(error.to_string()))?),
        status: Set(JobStatus::Queued),
        cursor: Set(0),
        changed_count: Set(0),
        unchanged_count: Set(0),
        failed_count: Set(0),
        created_by_member_id: Set(viewer.member.as_ref().map(|member| member.id)),
        created_by_name: Set(viewer.name.clone()),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let operation = row.insert(&**tx).await?;
    let job = RunOperation {
        operation_id: operation.id,
    };
    job::enqueue(tx, &job).await?;
    super::save(tx, operation).await
}
