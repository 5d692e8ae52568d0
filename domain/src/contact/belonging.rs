//! What a contact belongs to: the member and the team that look after them, and tags.
//!
//! All of it is found, and kept from being deleted, before the contact is locked. Whoever deletes a member, a team or a tag comes to the
//! contacts from there; in the other order the two would wait for each other.

use super::{Change, Input};
use crate::{
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::Kind,
    },
    error::{Error, Result, UserError},
    name, tag, team, text,
    viewer::Viewer,
};
use entity::{
    contact_tag,
    id::{ContactId, MemberId, TagId, TeamId},
    member,
    role::Restriction,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use std::collections::{BTreeMap, HashMap};

/// Tags of a contact at most.
pub(crate) const MOST_TAGS: usize = 100;

/// What was found, and what was not.
pub(super) struct Belonging {
    pub(super) assignee_id: Change<MemberId>,
    pub(super) team_id: Change<TeamId>,
    pub(super) tags: Option<Vec<TagId>>,
    pub(super) errors: Vec<UserError>,
}

impl Belonging {
    /// What a new contact is to belong to. Who sees assigned contacts alone must see the one they make: where nothing they say brings it to them,
    /// it is assigned to them.
    pub(super) async fn of_new(
        tx: &Tx,
        viewer: &Viewer,
        mut input: Input,
    ) -> Result<(Self, Input)> {
        let unseen = bring_into_sight(tx, viewer, &mut input).await?;
        let mut found = Self::find(tx, viewer, &input).await?;
        // Of a member who is not there this is said already.
        let unseen = unseen.filter(|unseen| {
            let mut errors = found.errors.iter();
            !errors.any(|error| error.field == unseen.field)
        });
        found.errors.extend(unseen);
        Ok((found, input))
    }

    pub(super) async fn find(tx: &Tx, viewer: &Viewer, input: &Input) -> Result<Self> {
        let mut errors = Vec::new();
        if let Some(Some(id)) = input.assignee_id
            && !viewer.hold::<member::Entity>(tx, id).await?
        {
            errors.push(UserError::not_found("contact.assigneeId", "member"));
        }
        if let Some(Some(id)) = input.team_id
            && !viewer.hold::<entity::team::Entity>(tx, id).await?
        {
            errors.push(UserError::not_found("contact.teamId", "team"));
        }
        let names = input.tag_names.as_deref();
        let names = names.map(|names| checked_tag_names(names, "contact.tagNames", &mut errors));
        let tags = match names {
            // What is refused anyway makes no tags.
            Some(names) if errors.is_empty() => {
                Some(tag::named(tx, viewer, &names, "contact.tagNames").await?)
            }
            _ => None,
        };
        Ok(Self {
            assignee_id: input.assignee_id,
            team_id: input.team_id,
            tags,
            errors,
        })
    }
}

/// Assigns what its maker would not see to them, unless they gave it to somebody else: that is the error returned.
async fn bring_into_sight(
    tx: &Tx,
    viewer: &Viewer,
    input: &mut Input,
) -> Result<Option<UserError>> {
    let all = !viewer
        .restrictions
        .contains(&Restriction::OnlyAssignedContacts);
    if all {
        return Ok(None);
    }
    let Some(member) = &viewer.member else {
        let message = "A restriction says that you see only contacts that are assigned to you, and to a script none is: make contacts with a member's token.";
        return Err(Error::Forbidden(message.to_owned()));
    };
    if let Some(Some(team)) = input.team_id
        && team::is_member(&**tx, team, member.id).await?
    {
        return Ok(None);
    }
    if let Some(Some(other)) = input.assignee_id
        && other != member.id
    {
        let message = "A restriction says that you see only contacts that are assigned to you or to a team of yours: assign it to yourself, or name a team of yours beside.";
        return Ok(Some(UserError::new(
            "contact.assigneeId",
            "INVALID",
            message,
        )));
    }
    input.assignee_id = Some(Some(member.id));
    Ok(None)
}

/// Names by what they are found by; `path` leads to them.
pub(crate) fn checked_tag_names(
    names: &[String],
    path: &str,
    errors: &mut Vec<UserError>,
) -> BTreeMap<String, String> {
    let mut checked = BTreeMap::new();
    for (n, name) in names.iter().enumerate() {
        match name::checked(&format!("{path}.{n}"), "tag", name) {
            Ok(name) => {
                checked.entry(text::fold(&name)).or_insert(name);
            }
            Err(Error::User(found)) => errors.extend(found),
            // A name is looked at, nothing else can go wrong.
            Err(_) => {}
        }
    }
    if checked.len() > MOST_TAGS {
        let message = format!("A contact has at most {MOST_TAGS} tags.");
        errors.push(UserError::new(path, "LIMIT_EXCEEDED", message));
    }
    checked
}

/// Gives a contact these tags and no others; says whether that changed anything.
#[allow(
    clippy::disallowed_methods,
    reason = "the contact and the tags were found through the scope"
)]
pub(super) async fn replace_tags(tx: &Tx, id: ContactId, tags: &[TagId]) -> Result<bool> {
    let gone = contact_tag::Entity::delete_many()
        .filter(contact_tag::Column::ContactId.eq(id))
        .filter(contact_tag::Column::TagId.is_not_in(tags.iter().copied()))
        .exec(&**tx)
        .await?;
    let columns = [("tag_id", Kind::BigInt), ("contact_id", Kind::BigInt)];
    let rows = tags.iter();
    let rows = rows.map(|tag| vec![Cell::Int(tag.0), Cell::Int(id.0)]);
    let suffix = "ON CONFLICT DO NOTHING";
    let added = bulk::insert(&**tx, "contact_tag", &columns, rows.collect(), suffix).await?;
    Ok(gone.rows_affected > 0 || added > 0)
}

/// The tags that each of these contacts has, by name.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "joined to tags of the viewer's own"
)]
pub async fn tags(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    contacts: &[ContactId],
) -> Result<Vec<(ContactId, entity::tag::Model)>> {
    let had = contact_tag::Entity::find()
        .filter(contact_tag::Column::ContactId.is_in(contacts.iter().copied()));
    // The ids stay in the database: there may be more of them than a statement has parameters.
    let ids = had.clone().select_only().column(contact_tag::Column::TagId);
    let tags = viewer
        .find::<entity::tag::Entity>()
        .filter(entity::tag::Column::Id.in_subquery(ids.into_query()))
        .all(conn)
        .await?;
    let tags: HashMap<TagId, entity::tag::Model> =
        tags.into_iter().map(|tag| (tag.id, tag)).collect();
    let mut found: Vec<_> = had
        .all(conn)
        .await?
        .into_iter()
        .filter_map(|of| Some((of.contact_id, tags.get(&of.tag_id)?.clone())))
        .collect();
    found.sort_by(|(_, a), (_, b)| a.name_key.cmp(&b.name_key));
    Ok(found)
}
