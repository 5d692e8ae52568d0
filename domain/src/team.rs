//! Teams: groups of members, made and changed by owners.

use crate::{
    clock, contact,
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::Kind,
    },
    error::{Error, Result, UserError},
    name, text,
    viewer::Viewer,
};
use entity::{
    id::{MemberId, TeamId},
    member, team, team_member,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Set, sea_query::LockType,
};

/// Members of a team at most.
const MOST_MEMBERS: usize = 1_000;

/// The teams of a workspace, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Vec<team::Model>> {
    Ok(viewer
        .find::<team::Entity>()
        .order_by_asc(team::Column::Id)
        .all(conn)
        .await?)
}

/// Who is in which team of a workspace.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "joined to teams of the viewer's own"
)]
pub async fn memberships(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
) -> Result<Vec<team_member::Model>> {
    let teams = viewer
        .find::<team::Entity>()
        .select_only()
        .column(team::Column::Id);
    Ok(team_member::Entity::find()
        .filter(team_member::Column::TeamId.in_subquery(teams.into_query()))
        .all(conn)
        .await?)
}

/// Makes a team of these members.
///
/// # Errors
/// When the name is empty, too long or taken, or a member is not there.
pub async fn create(
    tx: &Tx,
    viewer: &Viewer,
    name: &str,
    members: &[MemberId],
) -> Result<team::Model> {
    let name = name::checked("name", "team", name)?;
    check_members(tx, viewer, members).await?;
    let row = team::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name_key: Set(text::fold(&name)),
        name: Set(name),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let made = row.insert(&**tx).await.map_err(name::taken("team"))?;
    add(tx, made.id, members).await?;
    Ok(made)
}

/// Renames a team, or says who is in it.
///
/// # Errors
/// When it is not there, the name is empty, too long or taken, or a member is not there.
#[allow(
    clippy::disallowed_methods,
    reason = "the team was found through the scope"
)]
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: TeamId,
    name: Option<&str>,
    members: Option<&[MemberId]>,
) -> Result<team::Model> {
    // Members before the team: whoever deletes one comes to the teams from there.
    if let Some(members) = members {
        check_members(tx, viewer, members).await?;
    }
    let found = locked(tx, viewer, id).await?;
    if let Some(members) = members {
        team_member::Entity::delete_many()
            .filter(team_member::Column::TeamId.eq(id))
            .filter(team_member::Column::MemberId.is_not_in(members.iter().copied()))
            .exec(&**tx)
            .await?;
        add(tx, id, members).await?;
        // Some see the contacts of their teams alone.
        contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    }
    let Some(name) = name else { return Ok(found) };
    let name = name::checked("name", "team", name)?;
    let mut row: team::ActiveModel = found.into();
    row.name_key = Set(text::fold(&name));
    row.name = Set(name);
    row.update(&**tx).await.map_err(name::taken("team"))
}

/// Whether a member is in a team.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "a member is in teams of their own workspace alone"
)]
pub(crate) async fn is_member(
    conn: &impl ConnectionTrait,
    id: TeamId,
    member: MemberId,
) -> Result<bool> {
    let found = team_member::Entity::find_by_id((id, member));
    Ok(found.one(conn).await?.is_some())
}

/// Deletes a team. Its members stay, and its contacts are no team's.
///
/// # Errors
/// NOT_FOUND.
pub async fn delete(tx: &Tx, viewer: &Viewer, id: TeamId) -> Result<()> {
    locked(tx, viewer, id).await?.delete(&**tx).await?;
    contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    Ok(())
}

async fn locked(tx: &Tx, viewer: &Viewer, id: TeamId) -> Result<team::Model> {
    let found = viewer.lock::<team::Entity>(tx, id).await?;
    Ok(found.ok_or_else(|| UserError::not_found("id", "team"))?)
}

/// Finds every member, and keeps them from being deleted until the transaction ends.
async fn check_members(tx: &Tx, viewer: &Viewer, members: &[MemberId]) -> Result<()> {
    if members.len() > MOST_MEMBERS {
        let message = format!("A team has at most {MOST_MEMBERS} members.");
        return Err(Error::user("memberIds", "LIMIT_EXCEEDED", message));
    }
    let found = viewer
        .find::<member::Entity>()
        .filter(member::Column::Id.is_in(members.iter().copied()))
        .order_by_asc(member::Column::Id)
        .lock(LockType::KeyShare)
        .all(&**tx)
        .await?;
    let missing = members.iter().enumerate();
    let missing = missing.filter(|(_, id)| !found.iter().any(|member| member.id == **id));
    let errors: Vec<_> = missing
        .map(|(n, _)| UserError::not_found(&format!("memberIds.{n}"), "member"))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::User(errors))
    }
}

/// Puts members into a team; who is in already stays.
async fn add(tx: &Tx, id: TeamId, members: &[MemberId]) -> Result<()> {
    let columns = [("team_id", Kind::BigInt), ("member_id", Kind::BigInt)];
    let rows = members.iter();
    let rows = rows.map(|member| vec![Cell::Int(id.0), Cell::Int(member.0)]);
    let suffix = "ON CONFLICT DO NOTHING";
    bulk::insert(&**tx, "team_member", &columns, rows.collect(), suffix).await?;
    Ok(())
}
