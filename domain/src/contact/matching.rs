//! The one way to choose contacts: the viewer's scope, then what is asked.
//!
//! Table, count, segment and whatever else picks contacts begins with [`visible`] or [`matching`], so that they agree.

use super::total::total;
use crate::{
    attribute::Attributes,
    clock, conversation,
    error::Result,
    filter::{self, Asked, Compiled, ContactFilter, Named, Rules, Scope, Search, Searched, Shape},
    inbox::{self, Inbox, InboxKey},
    page::{self, Count, Filter, Pick},
    text,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{
    channel,
    contact::{self, ContactStatus},
    conversation as talk,
    id::SegmentId,
    role::Restriction,
    tag, team_member, workspace,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait},
};

/// Which contacts; everything given narrows.
#[derive(Debug, Clone, Default)]
pub struct Matching {
    /// Those in this inbox.
    pub inbox: Option<InboxKey>,
    /// Those in this segment.
    pub segment_id: Option<SegmentId>,
    /// Of these statuses; left out: ACTIVE alone, unless a segment is named or the filter speaks of the status.
    pub status: Option<Vec<ContactStatus>>,
    /// Those for whom this holds.
    pub filter: Option<ContactFilter>,
    /// Those whom the search box finds.
    pub search: Option<String>,
}

/// What the meaning of a choice hangs on, read once for a request.
#[derive(Clone, Copy)]
pub struct Background<'a> {
    /// The workspace's attributes.
    pub attributes: &'a Attributes,
    /// The workspace's time zone.
    pub zone: Tz,
    /// The moment that relative times count back from.
    pub now: DateTime<Utc>,
}

impl<'a> Background<'a> {
    /// `workspace`: where a filter is given, whose days begin in its zone.
    pub fn new(attributes: &'a Attributes, workspace: Option<&workspace::Model>) -> Self {
        Self {
            attributes,
            zone: workspace.map_or(Tz::UTC, crate::workspace::zone),
            now: clock::now(),
        }
    }
}

/// Contacts that were chosen.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// To page through and to count.
    pub pick: Pick<contact::Entity>,
    /// Where nothing but statuses narrows: these, whose number is kept.
    pub whole: Option<Vec<ContactStatus>>,
    /// The attributes, by key, on which something is asked that no index serves.
    pub scans: Vec<String>,
}

impl Chosen {
    /// Those of a query that began with [`visible`].
    pub(super) fn of(scope: Select<contact::Entity>) -> Self {
        Self {
            pick: scope.into(),
            whole: None,
            scans: Vec::new(),
        }
    }
}

/// Whom the viewer may see at all: of agents, those with whom they have a conversation.
#[allow(
    clippy::disallowed_methods,
    reason = "the teams are those of the viewer alone"
)]
pub fn visible(viewer: &Viewer) -> Select<contact::Entity> {
    let mut all = viewer.find::<contact::Entity>();
    if let Some(own) = conversation::own(viewer) {
        let people = own.select_only().column(talk::Column::ContactId);
        all = all.filter(contact::Column::Id.in_subquery(people.into_query()));
    }
    if !viewer
        .restrictions
        .contains(&Restriction::OnlyAssignedContacts)
    {
        return all;
    }
    let Some(member) = &viewer.member else {
        return all.filter(Expr::value(false));
    };
    let teams = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::TeamId)
        .filter(team_member::Column::MemberId.eq(member.id))
        .into_query();
    all.filter(
        Condition::any()
            .add(contact::Column::AssigneeId.eq(member.id))
            .add(contact::Column::TeamId.in_subquery(teams)),
    )
}

/// Whom the viewer may see, and who is asked for.
///
/// # Errors
/// BAD_USER_INPUT with the path to what does not fit, FORBIDDEN where it speaks of what is masked, or when the database is away.
pub async fn matching(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    background: &Background<'_>,
    matching: &Matching,
) -> Result<Chosen> {
    let Matching {
        inbox,
        segment_id,
        status,
        filter,
        search,
    } = matching;
    let inbox = match inbox {
        Some(key) => Some(Kept::load(conn, viewer, *key).await?),
        None => None,
    };
    let kept = inbox.as_ref().map(|kept| &kept.filter);
    let filters = || filter.iter().chain(kept);
    let statuses = match status {
        Some(statuses) => Some(statuses.clone()),
        None if segment_id.is_some() || filters().any(speaks_of_status) => None,
        None => Some(vec![ContactStatus::Active]),
    };
    let search = SearchBox::read(conn, viewer, search.as_deref()).await?;
    let needs_rules = segment_id.is_some() || filters().any(speaks_of_segments);
    let rules = if needs_rules {
        crate::segment::rules(conn, viewer).await?
    } else {
        Rules::new()
    };
    let meaning = Scope {
        workspace: viewer.workspace_id,
        masked: viewer.is_masked(),
        attributes: background.attributes,
        zone: background.zone,
        now: background.now,
        rules: &rules,
    };
    let asked = Asked {
        segment: *segment_id,
        inbox: inbox
            .as_ref()
            .map(|kept| (&kept.filter, kept.search.as_ref().map(SearchBox::searched))),
        filter: filter.as_ref(),
        search: search.as_ref().map(SearchBox::searched),
    };
    let compile = |shape| filter::compile(conn.get_database_backend(), shape, &meaning, &asked);
    let narrowed = compile(Shape::Seek)?.zip(compile(Shape::Walk)?);
    let chosen = chosen(viewer, statuses, narrowed);
    Ok(Chosen {
        scans: filter::scans(&meaning, &asked),
        ..chosen
    })
}

/// Those of these statuses (none: of all) for whom a condition holds, to seek and to walk by.
fn chosen(
    viewer: &Viewer,
    statuses: Option<Vec<ContactStatus>>,
    narrowed: Option<(Compiled, Compiled)>,
) -> Chosen {
    let mut scope = visible(viewer);
    if let Some(statuses) = &statuses {
        scope = scope.filter(contact::Column::Status.is_in(statuses.iter().copied()));
    }
    let is_whole = narrowed.is_none() && viewer.sees_every_contact();
    let all = || vec![ContactStatus::Active, ContactStatus::Inactive];
    Chosen {
        pick: Pick {
            scope,
            filter: narrowed.map(|(seek, walk)| Filter {
                walk: walk.holds,
                seek: seek.holds,
                indexed: seek.indexed,
            }),
        },
        whole: is_whole.then(|| statuses.unwrap_or_else(all)),
        scans: Vec::new(),
    }
}

/// How many were chosen, counted up to `limit` (0: all); where nothing but statuses narrows, the number that is kept.
///
/// # Errors
/// When the database is away.
pub async fn count(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    chosen: &Chosen,
    limit: u64,
) -> Result<Count> {
    let Some(statuses) = &chosen.whole else {
        return page::count(conn, chosen.pick.clone(), limit).await;
    };
    let total = total(conn, viewer).await?;
    let of = |status| {
        if statuses.contains(&status) {
            total.of(status)
        } else {
            0
        }
    };
    Ok(Count::capped(
        of(ContactStatus::Active) + of(ContactStatus::Inactive),
        limit,
    ))
}

/// What an inbox keeps.
struct Kept {
    filter: ContactFilter,
    search: Option<SearchBox>,
}

impl Kept {
    async fn load(conn: &impl ConnectionTrait, viewer: &Viewer, key: InboxKey) -> Result<Self> {
        let found = inbox::get(conn, viewer, key).await?;
        let filter = match &found {
            Some(inbox) => inbox.filter()?.unwrap_or_default(),
            // One that is not there has nobody.
            None => inbox::nobody(),
        };
        let search = found.as_ref().and_then(Inbox::search);
        let search = SearchBox::read(conn, viewer, search).await?;
        Ok(Self { filter, search })
    }
}

/// What stands in a search box, with the tags and channels that its words name.
struct SearchBox {
    search: Search,
    named: Vec<Named>,
}

impl SearchBox {
    async fn read(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        text: Option<&str>,
    ) -> Result<Option<Self>> {
        let search = text
            .map(|text| Search::read("search", text))
            .transpose()?
            .flatten();
        let Some(search) = search else {
            return Ok(None);
        };
        let named = named(conn, viewer, &search).await?;
        Ok(Some(Self { search, named }))
    }

    fn searched(&self) -> Searched<'_> {
        (&self.search, &self.named)
    }
}

fn speaks_of_status(filter: &ContactFilter) -> bool {
    filter.status.is_some() || filter.inner().any(speaks_of_status)
}

fn speaks_of_segments(filter: &ContactFilter) -> bool {
    filter.segments.is_some() || filter.inner().any(speaks_of_segments)
}

/// The tags and channels whose names have a word of the search box, for each word.
async fn named(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    search: &Search,
) -> Result<Vec<Named>> {
    let words = search.words();
    let any = words.iter().fold(Condition::any(), |any, word| {
        any.add(
            Expr::col(tag::Column::NameKey.as_column_ref())
                .like(crate::db::dialect::containing(word)),
        )
    });
    let tags = viewer
        .find::<tag::Entity>()
        .filter(any)
        .limit(1_000)
        .all(conn)
        .await?;
    let channels = viewer.find::<channel::Entity>().all(conn).await?;
    Ok(words
        .iter()
        .map(|word| Named {
            tags: tags
                .iter()
                .filter(|tag| is_part(word, &tag.name_key))
                .map(|tag| tag.id.0)
                .collect(),
            channels: channels
                .iter()
                .filter(|channel| is_part(word, &text::fold(&channel.name)))
                .map(|channel| channel.id.0)
                .collect(),
        })
        .collect())
}

/// As in the search texts: any part of three characters and more, else the beginning of a word.
fn is_part(word: &str, name: &str) -> bool {
    if word.chars().nth(2).is_some() {
        return name.contains(word);
    }
    name.split_whitespace().any(|part| part.starts_with(word))
}
