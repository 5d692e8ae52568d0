//! Segments made, changed and deleted.

use super::{get, rule};
use crate::{
    attribute::Attributes,
    clock,
    contact::{self, Selection},
    db::Tx,
    error::{Error, Result, UserError},
    filter::{ContactFilter, Scope, Stored},
    name, text,
    viewer::Viewer,
    workspace,
};
use entity::{
    id::SegmentId,
    operation,
    segment::{self, SegmentKind, SegmentRule, SegmentRules},
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait, Set};

/// Rules of a segment at most.
pub(super) const MAX_RULES: usize = 20;

/// Segments of a workspace at most.
const MAX_SEGMENTS: u64 = 1_000;

/// A rule as it is given.
#[derive(Debug, Clone)]
pub struct RuleInput {
    /// What people call it.
    pub name: Option<String>,
    /// For whom it holds.
    pub filter: ContactFilter,
}

/// Makes a RULES segment.
///
/// # Errors
/// INVALID or TAKEN for its name, BAD_USER_INPUT with the path to what does not fit in a rule.
pub async fn create(
    tx: &Tx,
    viewer: &Viewer,
    name: &str,
    rules: Vec<RuleInput>,
) -> Result<segment::Model> {
    // Two that are made at once must not name each other.
    workspace::lock(tx, viewer).await?;
    let name = name::checked("name", "segment", name)?;
    let rules = stored(tx, viewer, None, rules).await?;
    insert(tx, viewer, name, SegmentKind::Rules, rules).await
}

/// Makes a STATIC segment, and the operation that puts contacts into it.
///
/// # Errors
/// INVALID or TAKEN for its name, and what [`Selection::check`] refuses.
pub async fn create_static(
    tx: &Tx,
    viewer: &Viewer,
    name: &str,
    contacts: Selection,
) -> Result<(segment::Model, operation::Model)> {
    workspace::lock(tx, viewer).await?;
    let name = name::checked("name", "segment", name)?;
    let rules = SegmentRules::default();
    let segment = insert(tx, viewer, name, SegmentKind::Static, rules).await?;
    let filling = crate::operation::add_to_segment(tx, viewer, contacts, segment.id).await?;
    Ok((segment, filling))
}

async fn insert(
    tx: &Tx,
    viewer: &Viewer,
    name: String,
    kind: SegmentKind,
    rules: SegmentRules,
) -> Result<segment::Model> {
    if viewer.find::<segment::Entity>().count(&**tx).await? >= MAX_SEGMENTS {
        let message = format!("A workspace has at most {MAX_SEGMENTS} segments.");
        return Err(Error::user("name", "LIMIT_EXCEEDED", message));
    }
    let row = segment::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name_key: Set(text::fold(&name)),
        name: Set(name),
        kind: Set(kind),
        rules: Set(rules),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    row.insert(&**tx).await.map_err(name::taken("segment"))
}

/// Renames a segment, or gives it other rules; what is none stays.
///
/// # Errors
/// NOT_FOUND, what [`create`] refuses, CYCLE where a rule leads back to the segment, INVALID for rules of a STATIC one.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: SegmentId,
    name: Option<&str>,
    rules: Option<Vec<RuleInput>>,
) -> Result<segment::Model> {
    workspace::lock(tx, viewer).await?;
    let mut row = found(tx, viewer, id).await?;
    if let Some(name) = name {
        row.name = name::checked("name", "segment", name)?;
        row.name_key = text::fold(&row.name);
    }
    if let Some(rules) = rules {
        if row.kind == SegmentKind::Static {
            let message = "The contacts of this segment are named one by one: it has no rules.";
            return Err(Error::user("rules", "INVALID", message));
        }
        row.rules = stored(tx, viewer, Some(id), rules).await?;
    }
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    let row = row.into_active_model().reset_all();
    row.update(&**tx).await.map_err(name::taken("segment"))
}

/// Deletes a segment; its contacts stay.
///
/// # Errors
/// NOT_FOUND; IN_USE while a rule of another segment, an inbox, a broadcast, or a send that has not begun names it.
#[allow(
    clippy::disallowed_methods,
    reason = "the segment was found through the scope"
)]
pub async fn delete(tx: &Tx, viewer: &Viewer, id: SegmentId) -> Result<()> {
    workspace::lock(tx, viewer).await?;
    let row = found(tx, viewer, id).await?;
    let needed_by = rule::needed_by(&**tx, viewer, id).await?;
    if !needed_by.is_empty() {
        return Err(rule::in_use(&needed_by));
    }
    segment::Entity::delete_by_id(row.id).exec(&**tx).await?;
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    Ok(())
}

async fn found(tx: &Tx, viewer: &Viewer, id: SegmentId) -> Result<segment::Model> {
    let found = get(&**tx, viewer, id).await?;
    found.ok_or_else(|| UserError::not_found("id", "segment").into())
}

/// The rules as they are stored.
async fn stored(
    tx: &Tx,
    viewer: &Viewer,
    id: Option<SegmentId>,
    given: Vec<RuleInput>,
) -> Result<SegmentRules> {
    if given.is_empty() || given.len() > MAX_RULES {
        let message = format!("A segment has 1 to {MAX_RULES} rules.");
        return Err(Error::user("rules", "INVALID", message));
    }
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    let (names, filters): (Vec<_>, Vec<_>) = given
        .into_iter()
        .map(|rule| (rule.name, rule.filter))
        .unzip();
    let attributes = Attributes::load(&**tx, viewer).await?;
    let saved = rule::rules(&**tx, viewer).await?;
    let scope = Scope::given(viewer, &workspace, &attributes, &saved);
    rule::check(tx, &scope, id, &filters)?;
    let mut rules = Vec::with_capacity(names.len());
    for (n, (name, filter)) in names.into_iter().zip(filters).enumerate() {
        let path = format!("rules.{n}.name");
        let name = name
            .map(|name| name::checked(&path, "rule", &name))
            .transpose()?;
        let Stored(filter) = Stored::new(filter, &workspace.time_zone);
        rules.push(SegmentRule { name, filter });
    }
    Ok(SegmentRules(rules))
}
