//! Members: the people of a workspace, made and changed by its owners.

use crate::{
    clock, contact,
    db::Tx,
    email,
    error::{Error, Result, UserError},
    name,
    viewer::Viewer,
};
use entity::{
    id::MemberId,
    inbox, member,
    role::{Restriction, Restrictions, Role},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, Set, SqlErr, sea_query::LockType,
};

/// The members of a workspace, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Vec<member::Model>> {
    Ok(viewer
        .find::<member::Entity>()
        .order_by_asc(member::Column::Id)
        .all(conn)
        .await?)
}

/// Who is to become a member.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Shown beside what they do.
    pub name: String,
    /// As people write it.
    pub email: String,
    /// What they may do at most.
    pub role: Role,
    /// What they may not do all the same.
    pub restrictions: Vec<Restriction>,
}

/// Makes a member.
///
/// # Errors
/// When the name is empty or too long, or the e-mail address is none or another member's.
pub async fn create(tx: &Tx, viewer: &Viewer, new: NewMember) -> Result<member::Model> {
    // Whoever makes a member cannot shed their own restrictions by it.
    let restrictions = new.restrictions.iter().chain(&viewer.restrictions);
    let row = member::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name: Set(name::checked("name", "member", &new.name)?),
        email: Set(checked_email(&new.email)?),
        role: Set(new.role),
        restrictions: Set(restrictions.copied().collect()),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    row.insert(&**tx).await.map_err(taken)
}

/// What to change; none stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// A new name.
    pub name: Option<String>,
    /// A new e-mail address, as people write it.
    pub email: Option<String>,
    /// What they may do at most.
    pub role: Option<Role>,
    /// What they may not do all the same: all of it.
    pub restrictions: Option<Vec<Restriction>>,
}

/// Changes a member.
///
/// # Errors
/// When they are not there, a value is not one of its kind, or nobody would be left who may change the workspace's settings.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: MemberId,
    changes: Changes,
) -> Result<member::Model> {
    let Changes {
        name,
        email,
        role,
        restrictions,
    } = changes;
    let (found, others) = locked(tx, viewer, id).await?;
    let was = administers(found.role, &found.restrictions);
    let mut row: member::ActiveModel = found.clone().into();
    if let Some(name) = name {
        row.name = Set(name::checked("name", "member", &name)?);
    }
    if let Some(email) = email {
        row.email = Set(checked_email(&email)?);
    }
    let role = role.unwrap_or(found.role);
    let restrictions = match restrictions {
        Some(new) => checked_restrictions(viewer, &found, new)?,
        None => found.restrictions,
    };
    if was && !administers(role, &restrictions) {
        let field = if role == Role::Owner {
            "restrictions"
        } else {
            "role"
        };
        check_administered(field, &others)?;
    }
    row.role = Set(role);
    row.restrictions = Set(restrictions);
    row.update(&**tx).await.map_err(taken)
}

/// Deletes a member with their tokens and the inboxes that they alone saw. They leave their teams, and their contacts are nobody's; what else they
/// made stays.
///
/// # Errors
/// When they are not there, or nobody would be left who may change the workspace's settings.
pub async fn delete(tx: &Tx, viewer: &Viewer, id: MemberId) -> Result<()> {
    let (found, others) = locked(tx, viewer, id).await?;
    if administers(found.role, &found.restrictions) {
        check_administered("id", &others)?;
    }
    remove_private_inboxes(tx, id).await?;
    found.delete(&**tx).await?;
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    Ok(())
}

/// Nobody else could find them to delete them.
#[allow(
    clippy::disallowed_methods,
    reason = "the member was found through the scope"
)]
async fn remove_private_inboxes(tx: &Tx, id: MemberId) -> Result<()> {
    inbox::Entity::delete_many()
        .filter(inbox::Column::CreatedByMemberId.eq(id))
        .filter(inbox::Column::Shared.eq(false))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// The member and all others. They are locked, so that of two owners who take each other's role one comes too late.
async fn locked(
    tx: &Tx,
    viewer: &Viewer,
    id: MemberId,
) -> Result<(member::Model, Vec<member::Model>)> {
    // Contacts may be assigned to them meanwhile.
    let mut all = viewer
        .find::<member::Entity>()
        .order_by_asc(member::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&**tx)
        .await?;
    let place = all.iter().position(|member| member.id == id);
    let place = place.ok_or_else(|| UserError::not_found("id", "member"))?;
    Ok((all.remove(place), all))
}

/// Whether someone may change the workspace's settings.
fn administers(role: Role, restrictions: &Restrictions) -> bool {
    role == Role::Owner && !restrictions.0.contains(&Restriction::NoWorkspaceSettings)
}

fn check_administered(field: &str, others: &[member::Model]) -> Result<()> {
    let mut others = others.iter();
    if others.any(|other| administers(other.role, &other.restrictions)) {
        return Ok(());
    }
    let message = "This is the last owner who may change the workspace's settings: make somebody else one first.";
    Err(Error::user(field, "INVALID", message))
}

fn checked_restrictions(
    viewer: &Viewer,
    member: &member::Model,
    new: Vec<Restriction>,
) -> Result<Restrictions> {
    let lifted = |restriction: &Restriction| {
        member.restrictions.0.contains(restriction) && !new.contains(restriction)
    };
    if viewer.restrictions.iter().any(lifted) {
        let message = "You have one of these restrictions yourself, so you cannot lift it.";
        return Err(Error::user("restrictions", "INVALID", message));
    }
    Ok(new.into_iter().collect())
}

fn checked_email(raw: &str) -> Result<String> {
    match email::normalise(raw) {
        Ok(email) => Ok(email.key),
        Err(error) => Err(Error::user("email", "EMAIL_INVALID", error.to_string())),
    }
}

fn taken(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let message = "Another member has this e-mail address already.";
            Error::user("email", "TAKEN", message)
        }
        _ => error.into(),
    }
}
