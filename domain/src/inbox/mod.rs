//! Inboxes: ways to look at the contacts. All, mine, unassigned, one for each team, and custom ones, which are saved filters.

mod change;
mod key;

pub use change::{New, Update, create, delete, update};
pub use key::InboxKey;

use crate::{
    error::Result,
    filter::{ContactFilter, ReferenceFilter, Stored},
    viewer::Viewer,
};
use async_graphql::ID;
use entity::{
    id::{InboxId, MemberId, TeamId},
    inbox, team,
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, QueryFilter, QueryOrder};

/// An inbox that the viewer has.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbox {
    /// Every contact.
    All,
    /// Those assigned to the viewer; none where the viewer is a script.
    Mine(Option<MemberId>),
    /// Those assigned to nobody.
    Unassigned,
    /// Those of a team.
    Team(team::Model),
    /// Those whom a saved filter and search find.
    Custom(inbox::Model),
}

impl Inbox {
    /// What it is known by.
    pub fn key(&self) -> InboxKey {
        match self {
            Self::All => InboxKey::All,
            Self::Mine(_) => InboxKey::Mine,
            Self::Unassigned => InboxKey::Unassigned,
            Self::Team(team) => InboxKey::Team(team.id),
            Self::Custom(row) => InboxKey::Custom(row.id),
        }
    }

    /// Who is in it, as a filter; none: every contact.
    ///
    /// # Errors
    /// Where a hand in the database wrote the filter of a custom one.
    pub fn filter(&self) -> Result<Option<ContactFilter>> {
        let of = |id: &dyn ToString| ReferenceFilter {
            any: Some(vec![ID::from(id.to_string())]),
            ..ReferenceFilter::default()
        };
        Ok(match self {
            Self::All => None,
            Self::Mine(None) => Some(nobody()),
            Self::Mine(Some(member)) => Some(ContactFilter {
                assignee: Some(of(member)),
                ..ContactFilter::default()
            }),
            Self::Unassigned => Some(ContactFilter {
                assignee: Some(ReferenceFilter {
                    is_set: Some(false),
                    ..ReferenceFilter::default()
                }),
                ..ContactFilter::default()
            }),
            Self::Team(team) => Some(ContactFilter {
                team: Some(of(&team.id)),
                ..ContactFilter::default()
            }),
            Self::Custom(row) => row.filter.as_ref().map(Stored::read).transpose()?,
        })
    }

    /// What a custom one keeps in its search box.
    pub fn search(&self) -> Option<&str> {
        match self {
            Self::Custom(row) => row.search.as_deref(),
            Self::All | Self::Mine(_) | Self::Unassigned | Self::Team(_) => None,
        }
    }
}

/// A filter that holds for nobody.
pub(crate) fn nobody() -> ContactFilter {
    ContactFilter {
        or: Some(Vec::new()),
        ..ContactFilter::default()
    }
}

/// The viewer's inboxes: the standard ones, those of the teams by name, then the custom ones that they may see, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn list(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Vec<Inbox>> {
    let teams = viewer
        .find::<team::Entity>()
        .order_by_asc(team::Column::NameKey)
        .order_by_asc(team::Column::Id)
        .all(conn)
        .await?;
    let custom = viewer
        .find::<inbox::Entity>()
        .filter(seen(viewer))
        .order_by_asc(inbox::Column::Id)
        .all(conn)
        .await?;
    let standard = [Inbox::All, mine(viewer), Inbox::Unassigned];
    let teams = teams.into_iter().map(Inbox::Team);
    Ok(standard
        .into_iter()
        .chain(teams)
        .chain(custom.into_iter().map(Inbox::Custom))
        .collect())
}

/// One inbox; none where the viewer has no such.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    key: InboxKey,
) -> Result<Option<Inbox>> {
    Ok(match key {
        InboxKey::All => Some(Inbox::All),
        InboxKey::Mine => Some(mine(viewer)),
        InboxKey::Unassigned => Some(Inbox::Unassigned),
        InboxKey::Team(id) => team_of(conn, viewer, id).await?.map(Inbox::Team),
        InboxKey::Custom(id) => custom(conn, viewer, id).await?.map(Inbox::Custom),
    })
}

fn mine(viewer: &Viewer) -> Inbox {
    Inbox::Mine(viewer.member.as_ref().map(|member| member.id))
}

async fn team_of(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: TeamId,
) -> Result<Option<team::Model>> {
    let found = viewer
        .find::<team::Entity>()
        .filter(team::Column::Id.eq(id));
    Ok(found.one(conn).await?)
}

async fn custom(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: InboxId,
) -> Result<Option<inbox::Model>> {
    let found = viewer
        .find::<inbox::Entity>()
        .filter(inbox::Column::Id.eq(id));
    Ok(found.filter(seen(viewer)).one(conn).await?)
}

/// Whether the viewer sees one that was read without [`seen`], which says the same to the database.
pub(crate) fn is_seen(viewer: &Viewer, row: &inbox::Model) -> bool {
    let own = viewer.member.as_ref().map(|member| member.id);
    row.shared || own.is_some() && row.created_by_member_id == own
}

/// Shared ones, and the viewer's own.
fn seen(viewer: &Viewer) -> Condition {
    let shared = Condition::any().add(inbox::Column::Shared.eq(true));
    match &viewer.member {
        Some(member) => shared.add(inbox::Column::CreatedByMemberId.eq(member.id)),
        None => shared,
    }
}
