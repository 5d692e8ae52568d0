//! The rules of segments: read back, and checked before they are stored.

use crate::{
    broadcast,
    db::Tx,
    error::{Error, Result, UserError},
    filter::{self, ContactFilter, Rules, Scope, Stored},
    viewer::Viewer,
};
use entity::{
    id::SegmentId,
    inbox,
    segment::{self, SegmentKind, SegmentRule},
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use std::collections::HashSet;

/// The RULES segments of the viewer's workspace.
///
/// # Errors
/// When the database is away.
pub async fn rules(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Rules> {
    let segments = viewer
        .find::<segment::Entity>()
        .filter(segment::Column::Kind.eq(SegmentKind::Rules))
        .all(conn)
        .await?;
    of_segments(&segments)
}

/// Those of these segments that have rules.
pub(super) fn of_segments(segments: &[segment::Model]) -> Result<Rules> {
    segments
        .iter()
        .filter(|segment| segment.kind == SegmentKind::Rules)
        .map(|segment| Ok((segment.id, (segment.name.clone(), read(&segment.rules.0)?))))
        .collect()
}

fn read(rules: &[SegmentRule]) -> Result<Vec<ContactFilter>> {
    rules
        .iter()
        .map(|rule| Stored::read(&rule.filter))
        .collect()
}

/// Checks rules that are to be stored, those of the segment `id` where it is there already: each fits, and none leads back to itself.
pub(super) fn check(
    tx: &Tx,
    scope: &Scope<'_>,
    id: Option<SegmentId>,
    filters: &[ContactFilter],
) -> Result<()> {
    for (n, filter) in filters.iter().enumerate() {
        let path = format!("rules.{n}.filter");
        filter::check(tx.get_database_backend(), scope, filter, &path)?;
        let mut references = References::default();
        references.gather(filter);
        if references.all {
            let message = "A rule cannot ask for those in no segment at all: that would ask for the segment itself.";
            return Err(Error::user(&path, "INVALID", message));
        }
        if let Some(id) = id
            && leads_to(id, references.ids, scope.rules)
        {
            let message =
                "This rule leads back to the segment itself, by way of the segments that it names.";
            return Err(Error::user(&path, "CYCLE", message));
        }
    }
    Ok(())
}

/// Whether one of these segments is `id`, or names it in turn.
fn leads_to(id: SegmentId, from: HashSet<SegmentId>, rules: &Rules) -> bool {
    let mut seen = HashSet::new();
    let mut left: Vec<SegmentId> = from.into_iter().collect();
    while let Some(next) = left.pop() {
        if next == id {
            return true;
        }
        if seen.insert(next) {
            left.extend(named_in(rules.get(&next).map_or(&[], |(_, rules)| rules)));
        }
    }
    false
}

fn named_in(filters: &[ContactFilter]) -> HashSet<SegmentId> {
    let mut references = References::default();
    filters.iter().for_each(|filter| references.gather(filter));
    references.ids
}

/// The names of the segments, inboxes and broadcasts whose filters name this segment, of the broadcasts that go to it, and of the sends that are to: it cannot be deleted
/// while they do.
///
/// # Errors
/// When the database is away.
pub async fn needed_by(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: SegmentId,
) -> Result<Vec<String>> {
    let rules = rules(conn, viewer).await?;
    let naming = rules
        .into_values()
        .filter(|(_, rules)| named_in(rules).contains(&id));
    let mut names: Vec<String> = naming
        .map(|(name, _)| format!("the segment \"{name}\""))
        .collect();
    for inbox in viewer.find::<inbox::Entity>().all(conn).await? {
        let filter = inbox.filter.as_ref().map(Stored::read).transpose()?;
        if filter.is_some_and(|filter| named_in(&[filter]).contains(&id)) {
            names.push(format!("the inbox \"{}\"", inbox.name));
        }
    }
    names.extend(broadcast::naming_segment(conn, viewer, id).await?);
    names.sort();
    Ok(names)
}

/// The segments that filters name.
#[derive(Default)]
struct References {
    ids: HashSet<SegmentId>,
    /// Those in no segment at all are asked for, which names them all.
    all: bool,
}

impl References {
    fn gather(&mut self, filter: &ContactFilter) {
        if let Some(set) = &filter.segments {
            let lists = [&set.any_of, &set.all_of, &set.none_of];
            let ids = lists.into_iter().flatten().flatten();
            self.ids
                .extend(ids.filter_map(|id| id.parse::<SegmentId>().ok()));
            self.all |= set.is_empty.is_some();
        }
        for inner in filter.inner() {
            self.gather(inner);
        }
    }
}

/// What refuses a deletion: others need the thing.
pub(super) fn in_use(names: &[String]) -> Error {
    let message = format!(
        "These need it: {}. Change or delete them first.",
        names.join(", ")
    );
    UserError::new("id", "IN_USE", message).into()
}
