//! Custom inboxes made, changed and deleted.

use super::{InboxKey, custom};
use crate::{
    clock, contact,
    db::Tx,
    error::{Error, Result, UserError},
    filter::{ContactFilter, Search, Stored},
    name,
    viewer::Viewer,
};
use entity::{id::InboxId, inbox};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait, Set};

/// Custom inboxes of a workspace at most.
const MAX_INBOXES: u64 = 1_000;

/// An inbox to make.
#[derive(Debug, Clone)]
pub struct New {
    /// What people call it.
    pub name: String,
    /// The saved filter.
    pub filter: Option<ContactFilter>,
    /// The saved search.
    pub search: Option<String>,
    /// Whether everyone sees it.
    pub shared: bool,
}

/// What to change: what is none stays, `Some(None)` clears.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "each is that of `New`")]
pub struct Update {
    pub name: Option<String>,
    pub filter: Option<Option<ContactFilter>>,
    pub search: Option<Option<String>>,
    pub shared: Option<bool>,
}

/// Makes a custom inbox of the viewer's.
///
/// # Errors
/// INVALID for its name or a search that is too long, and where a script's would not be shared; BAD_USER_INPUT with the path to what does not
/// fit in the filter.
pub async fn create(tx: &Tx, viewer: &Viewer, new: New) -> Result<inbox::Model> {
    let New {
        name,
        filter,
        search,
        shared,
    } = new;
    check_shared(viewer, shared)?;
    if viewer.find::<inbox::Entity>().count(&**tx).await? >= MAX_INBOXES {
        let message = format!("A workspace has at most {MAX_INBOXES} custom inboxes.");
        return Err(Error::user("name", "LIMIT_EXCEEDED", message));
    }
    let row = inbox::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name: Set(name::checked("name", "inbox", &name)?),
        filter: Set(Stored::checked(tx, viewer, filter).await?),
        search: Set(checked(viewer, search)?),
        shared: Set(shared),
        created_by_member_id: Set(viewer.member.as_ref().map(|member| member.id)),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    Ok(row.insert(&**tx).await?)
}

/// Changes a custom inbox that the viewer sees.
///
/// # Errors
/// NOT_FOUND, INVALID for one that is not custom, and what [`create`] refuses.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    key: Option<InboxKey>,
    change: Update,
) -> Result<inbox::Model> {
    let mut row = found(tx, viewer, key).await?;
    let Update {
        name,
        filter,
        search,
        shared,
    } = change;
    if let Some(name) = name {
        row.name = name::checked("name", "inbox", &name)?;
    }
    if let Some(filter) = filter {
        row.filter = Stored::checked(tx, viewer, filter).await?;
    }
    if let Some(search) = search {
        row.search = checked(viewer, search)?;
    }
    if let Some(shared) = shared {
        let own = viewer.member.as_ref().map(|member| member.id);
        if !shared && (own.is_none() || row.created_by_member_id != own) {
            let message = "Only who made an inbox can keep it to themselves.";
            return Err(Error::user("shared", "INVALID", message));
        }
        row.shared = shared;
    }
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    Ok(row.into_active_model().reset_all().update(&**tx).await?)
}

/// Deletes a custom inbox that the viewer sees; its contacts stay.
///
/// # Errors
/// NOT_FOUND, INVALID for one that is not custom.
#[allow(
    clippy::disallowed_methods,
    reason = "the inbox was found through the scope"
)]
pub async fn delete(tx: &Tx, viewer: &Viewer, key: Option<InboxKey>) -> Result<InboxId> {
    let row = found(tx, viewer, key).await?;
    inbox::Entity::delete_by_id(row.id).exec(&**tx).await?;
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    Ok(row.id)
}

async fn found(tx: &Tx, viewer: &Viewer, key: Option<InboxKey>) -> Result<inbox::Model> {
    let missing = || UserError::not_found("id", "inbox");
    match key.ok_or_else(missing)? {
        InboxKey::Custom(id) => Ok(custom(&**tx, viewer, id).await?.ok_or_else(missing)?),
        InboxKey::Team(_)
            if super::get(&**tx, viewer, key.unwrap_or(InboxKey::All))
                .await?
                .is_none() =>
        {
            Err(missing().into())
        }
        InboxKey::All | InboxKey::Mine | InboxKey::Unassigned | InboxKey::Team(_) => {
            let message = "This inbox comes with the workspace: only custom ones can be changed.";
            Err(Error::user("id", "INVALID", message))
        }
    }
}

fn check_shared(viewer: &Viewer, shared: bool) -> Result<()> {
    if shared || viewer.member.is_some() {
        return Ok(());
    }
    let message = "A script has no inboxes of its own: make it a shared one.";
    Err(Error::user("shared", "INVALID", message))
}

fn checked(viewer: &Viewer, search: Option<String>) -> Result<Option<String>> {
    let search = search.filter(|text| !text.trim().is_empty());
    if let Some(text) = &search {
        if viewer.is_masked() {
            return Err(Viewer::cannot_keep_masked("search"));
        }
        Search::read("search", text)?;
    }
    Ok(search)
}
