//! Which contacts an action is for: some that were ticked, or all that match less those that were unticked. It is checked when it is asked
//! for, kept, and chosen by a job later, on behalf of who asked.

use super::{Background, Chosen, Matching, matching, visible};
use crate::{
    attribute::Attributes,
    clock,
    db::dialect,
    error::{Error, Result, UserError},
    filter::Stored,
    inbox, segment,
    viewer::Viewer,
    workspace,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{
    contact::{self, ContactStatus},
    id::{AttributeId, ContactId, MemberId, SegmentId, WorkspaceId},
    member,
    role::{Restriction, Role},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Ids that are named one by one at most.
const MOST_IDS: usize = 10_000;

/// Which contacts, as they are asked for.
#[derive(Debug, Clone)]
pub enum Selection {
    /// These.
    Ids(Vec<ContactId>),
    /// All of these.
    Matching(Box<MatchingContacts>),
}

/// What the table shows, less the boxes unticked.
#[derive(Debug, Clone)]
pub struct MatchingContacts {
    /// What the table shows.
    pub matching: Matching,
    /// The boxes unticked.
    pub except: Vec<ContactId>,
    /// How many the person saw.
    pub expected_count: Option<u64>,
}

/// A selection that was checked, as it is kept for a job: with who asked, and when.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Selected {
    who: Who,
    of: Of,
}

/// Who asked: what narrows their view, and the moment that relative times count back from.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Who {
    member: Option<MemberId>,
    restrictions: Vec<Restriction>,
    at: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Of {
    Ids(Vec<ContactId>),
    /// Those who have a value of an attribute.
    WithValue(AttributeId),
    /// Those for whom a slot has something.
    InSlot(String),
    Matching {
        inbox: Option<String>,
        segment: Option<SegmentId>,
        status: Option<Vec<ContactStatus>>,
        filter: Option<serde_json::Value>,
        search: Option<String>,
        except: Vec<ContactId>,
        expected_count: Option<u64>,
    },
}

impl Selection {
    /// Checks what is asked for; paths begin at `contacts`.
    ///
    /// # Errors
    /// NOT_FOUND for an id, an inbox or a segment that is not there, LIMIT_EXCEEDED for too many ids, CONFLICT where another number matches
    /// than was seen, BAD_USER_INPUT for what does not fit in the filter.
    pub async fn check(self, conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Selected> {
        let who = Who {
            member: viewer.member.as_ref().map(|member| member.id),
            restrictions: viewer.restrictions.clone(),
            at: clock::now(),
        };
        let of = match self {
            Self::Ids(ids) => Of::Ids(check_ids(conn, viewer, ids).await?),
            Self::Matching(asked) => keep(conn, viewer, *asked).await?,
        };
        let selected = Selected { who, of };
        if selected.ids().is_some() {
            return Ok(selected);
        }
        let chosen = selected.choose(conn, viewer).await;
        let chosen = chosen.map_err(|error| error.under(&["contacts", "matching"]))?;
        if let Some(expected) = selected.expected_count() {
            let found = super::count(conn, viewer, &chosen, 0).await?.value;
            if found != expected {
                let message =
                    format!("{found} contacts match, you saw {expected}. Look at them again.");
                return Err(Error::user(
                    "contacts.matching.expectedCount",
                    "CONFLICT",
                    message,
                ));
            }
        }
        Ok(selected)
    }
}

impl Selected {
    /// All who have a value of an attribute, whoever asks: what is done to them shows nowhere.
    pub(crate) fn with_value(attribute: AttributeId) -> Self {
        Self::everyone(Of::WithValue(attribute))
    }

    /// All for whom a slot has something.
    pub(crate) fn in_slot(slot: &str) -> Self {
        Self::everyone(Of::InSlot(slot.to_owned()))
    }

    fn everyone(of: Of) -> Self {
        let who = Who {
            member: None,
            restrictions: Vec::new(),
            at: clock::now(),
        };
        Self { who, of }
    }

    /// A selection as it is kept.
    ///
    /// # Errors
    /// Where it is none.
    pub(crate) fn kept(selection: &serde_json::Value) -> Result<Self> {
        Self::deserialize(selection)
            .map_err(|error| Error::Broken(format!("a kept selection: {error}")))
    }

    /// Its filter, as it is kept.
    pub(crate) fn into_filter(self) -> Option<serde_json::Value> {
        match self.of {
            Of::Matching { filter, .. } => filter,
            Of::Ids(_) | Of::WithValue(_) | Of::InSlot(_) => None,
        }
    }

    /// The same, whose relative times count back from now: what was asked for to be done later means the moment at which it is done.
    pub(crate) fn counting_from_now(mut self) -> Self {
        self.who.at = clock::now();
        self
    }

    /// Who asked, as far as it narrows what they see. Whose member is gone sees nobody, where they saw their own contacts alone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn viewer(
        &self,
        conn: &impl ConnectionTrait,
        workspace_id: WorkspaceId,
    ) -> Result<Viewer> {
        let mut viewer = Viewer {
            role: Role::Manager,
            restrictions: self.who.restrictions.clone(),
            ..Viewer::command_line(workspace_id)
        };
        if let Some(id) = self.who.member {
            let found = viewer.by_ids::<member::Entity>(conn, [id]).await?;
            viewer.member = found.into_iter().next();
        }
        Ok(viewer)
    }

    /// Those named one by one, all of them seen when they were named; none where a filter chooses.
    pub fn ids(&self) -> Option<&[ContactId]> {
        match &self.of {
            Of::Ids(ids) => Some(ids),
            Of::WithValue(_) | Of::InSlot(_) | Of::Matching { .. } => None,
        }
    }

    /// How many contacts the person saw, where they said so.
    pub fn expected_count(&self) -> Option<u64> {
        match &self.of {
            Of::Ids(_) | Of::WithValue(_) | Of::InSlot(_) => None,
            Of::Matching { expected_count, .. } => *expected_count,
        }
    }

    /// Chooses them, as they are now. `viewer` is [`Self::viewer`].
    ///
    /// # Errors
    /// What somebody can mend, where an inbox, a segment or an attribute is gone; or when the database is away.
    pub async fn choose(&self, conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Chosen> {
        let (wanted, except) = match &self.of {
            Of::Ids(ids) => {
                let ids = ids.iter().copied();
                return Ok(Chosen::of(
                    visible(viewer).filter(contact::Column::Id.is_in(ids)),
                ));
            }
            Of::WithValue(id) => {
                let backend = conn.get_database_backend();
                let has_one = dialect::has_value(backend, &id.0.to_string());
                return Ok(Chosen::of(visible(viewer).filter(Expr::cust(has_one))));
            }
            Of::InSlot(slot) => {
                let slot = Expr::col((contact::Entity, Alias::new(slot)));
                return Ok(Chosen::of(visible(viewer).filter(slot.is_not_null())));
            }
            Of::Matching { except, .. } => (self.matching()?, except),
        };
        check_places(conn, viewer, &wanted).await?;
        let attributes = Attributes::load(conn, viewer).await?;
        let background = Background {
            attributes: &attributes,
            // A filter that is kept names its zones.
            zone: Tz::UTC,
            now: self.who.at,
        };
        let mut chosen = matching(conn, viewer, &background, &wanted).await?;
        if !except.is_empty() {
            let except = except.iter().copied();
            chosen.pick.scope = chosen
                .pick
                .scope
                .filter(contact::Column::Id.is_not_in(except));
            chosen.whole = None;
        }
        Ok(chosen)
    }

    /// How many there are.
    pub(crate) async fn count(&self, conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<u64> {
        let chosen = self.choose(conn, viewer).await?;
        Ok(super::count(conn, viewer, &chosen, 0).await?.value)
    }

    fn matching(&self) -> Result<Matching> {
        let Of::Matching {
            inbox,
            segment,
            status,
            filter,
            search,
            ..
        } = &self.of
        else {
            return Ok(Matching::default());
        };
        let key = inbox.as_deref().map(str::parse).transpose();
        Ok(Matching {
            inbox: key.map_err(|()| Error::Broken("a kept inbox is none".to_owned()))?,
            segment_id: *segment,
            status: status.clone(),
            filter: filter.as_ref().map(Stored::read).transpose()?,
            search: search.clone(),
        })
    }
}

/// Those named one by one, each once: all of them are there, and seen.
async fn check_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: Vec<ContactId>,
) -> Result<Vec<ContactId>> {
    check_number("contacts.ids", ids.len())?;
    let there = visible(viewer)
        .filter(contact::Column::Id.is_in(ids.iter().copied()))
        .select_only()
        .column(contact::Column::Id)
        .into_tuple::<ContactId>()
        .all(conn)
        .await?;
    let there: HashSet<ContactId> = there.into_iter().collect();
    let missing = ids.iter().enumerate().filter(|(_, id)| !there.contains(id));
    let missing: Vec<UserError> = missing
        // A hundred say enough about a list that is out of date.
        .take(100)
        .map(|(n, _)| UserError::not_found(&format!("contacts.ids.{n}"), "contact"))
        .collect();
    if !missing.is_empty() {
        return Err(Error::User(missing));
    }
    let mut once = HashSet::with_capacity(ids.len());
    Ok(ids.into_iter().filter(|id| once.insert(*id)).collect())
}

fn check_number(path: &str, number: usize) -> Result<()> {
    if number <= MOST_IDS {
        return Ok(());
    }
    let message = format!(
        "At most {MOST_IDS} contacts can be named one by one, these are {number}: use a filter."
    );
    Err(Error::user(path, "LIMIT_EXCEEDED", message))
}

/// What matches, with the zones of its days.
async fn keep(conn: &impl ConnectionTrait, viewer: &Viewer, asked: MatchingContacts) -> Result<Of> {
    let MatchingContacts {
        matching: wanted,
        except,
        expected_count,
    } = asked;
    check_number("contacts.matching.except", except.len())?;
    // Before anything is kept: an id that is none of ours has no form to be kept in.
    let places = check_places(conn, viewer, &wanted).await;
    places.map_err(|error| error.under(&["contacts", "matching"]))?;
    let workspace = workspace::get(conn, viewer.workspace_id).await?;
    let Matching {
        inbox,
        segment_id,
        status,
        filter,
        search,
    } = wanted;
    Ok(Of::Matching {
        inbox: inbox.map(|key| key.to_string()),
        segment: segment_id,
        status,
        filter: filter.map(|filter| Stored::new(filter, &workspace.time_zone).0),
        search,
        except,
        expected_count,
    })
}

/// An action on an inbox or a segment that is not there is a slip, where a table of it is empty.
async fn check_places(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    wanted: &Matching,
) -> Result<()> {
    let mut errors = Vec::new();
    if let Some(key) = wanted.inbox
        && inbox::get(conn, viewer, key).await?.is_none()
    {
        errors.push(UserError::not_found("inboxId", "inbox"));
    }
    if let Some(id) = wanted.segment_id
        && segment::get(conn, viewer, id).await?.is_none()
    {
        errors.push(UserError::not_found("segmentId", "segment"));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::User(errors))
    }
}
