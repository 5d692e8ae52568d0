//! What to redraw in a table, from now on.

use super::{Background, is_about, pace::Pace};
use crate::{
    contact::{self, Matching},
    db::Db,
    error::Result,
    event::{Hint, Listener},
    viewer::Viewer,
};
use entity::{
    contact::{Column, Model as Contact},
    id::ContactId,
};
use futures_util::{Stream, stream};
use sea_orm::{ColumnTrait, QueryFilter};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Contacts that an event names at most.
const NAMED: usize = 100;

/// How often at most a table is told to read all of it again, while hints of many keep coming.
const REFETCH: Duration = Duration::from_millis(250);

/// What to redraw.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Those who match, and were changed or made.
    pub changed: Vec<Contact>,
    /// Those who are deleted, or match no more.
    pub removed: Vec<ContactId>,
    /// Too much for a list: read the table again.
    pub refetch: bool,
}

/// What changes among those who match: the first event says to read the table, each further one what has changed since, at most once a
/// second; under a bulk write at most every five seconds, and once it is over.
///
/// # Errors
/// What does not fit in the choice; when the database is away.
pub async fn changes(
    db: &Db,
    viewer: &Viewer,
    matching: Matching,
) -> Result<impl Stream<Item = Result<Changes>> + use<>> {
    let listener = db.hub().listen();
    let seen = contact::count_changes(db.read(), viewer).await?;
    let background = Background::load(db.read(), viewer).await?;
    background.choose(db.read(), viewer, &matching).await?;
    let table = Table {
        db: db.clone(),
        viewer: viewer.clone(),
        matching,
        listener,
        pace: Pace::new(Instant::now()),
        seen,
        told: BTreeSet::new(),
        ids: BTreeSet::new(),
        many: false,
        begun: false,
    };
    Ok(stream::unfold(Some(table), async |table| {
        let mut table = table?;
        match table.next().await {
            Ok(changes) => Some((Ok(changes?), Some(table))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

/// A table that somebody looks at.
struct Table {
    db: Db,
    viewer: Viewer,
    matching: Matching,
    listener: Listener,
    pace: Pace,
    /// Changes that the workspace had seen at the last look.
    seen: i64,
    /// Changes that hints have told of, by their numbers, where these tell something.
    told: BTreeSet<i64>,
    ids: BTreeSet<ContactId>,
    many: bool,
    begun: bool,
}

impl Table {
    /// What to tell next; none once there will be no more.
    async fn next(&mut self) -> Result<Option<Changes>> {
        if !std::mem::replace(&mut self.begun, true) {
            return Ok(Some(Changes {
                refetch: true,
                ..Changes::default()
            }));
        }
        loop {
            tokio::select! {
                hint = self.listener.next() => match hint {
                    Some(hint) if is_about(&hint, &self.viewer) => self.hear(hint),
                    Some(_) => {}
                    None => return Ok(None),
                },
                () = sleep_until(self.pace.due()) => {
                    let changes = self.look().await?;
                    if changes != Changes::default() {
                        return Ok(Some(changes));
                    }
                }
            }
        }
    }

    fn hear(&mut self, hint: Hint) {
        self.pace.hint(Instant::now());
        match hint {
            Hint::Contacts {
                contacts, number, ..
            } => {
                self.told.insert(number);
                match contacts {
                    Some(ids) => self.ids.extend(ids.iter().copied()),
                    None => self.many = true,
                }
            }
            // Hints were lost; where others' do not arrive, their changes are counted instead.
            _ => self.many |= self.db.hears_others(),
        }
    }

    /// Whether another process has written what no hint told of.
    async fn has_missed(&mut self) -> Result<bool> {
        if self.db.hears_others() {
            self.told.clear();
            return Ok(false);
        }
        let seen = contact::count_changes(self.db.read(), &self.viewer).await?;
        // Those told of that are newer than this look wait for the next one.
        let newer = self.told.split_off(&(seen + 1));
        let told = std::mem::replace(&mut self.told, newer);
        let heard = told.range(self.seen + 1..).count();
        let missed = i64::try_from(heard).unwrap_or(i64::MAX) < seen - self.seen;
        self.seen = seen;
        Ok(missed)
    }

    async fn look(&mut self) -> Result<Changes> {
        let refetch = self.has_missed().await? || self.many || self.ids.len() > NAMED;
        self.many = false;
        let ids = std::mem::take(&mut self.ids);
        let together = if refetch { REFETCH } else { Duration::ZERO };
        self.pace.looked(Instant::now(), together);
        if refetch {
            return Ok(Changes {
                refetch,
                ..Changes::default()
            });
        }
        if ids.is_empty() {
            return Ok(Changes::default());
        }
        let conn = self.db.read();
        let background = Background::load(conn, &self.viewer).await?;
        let chosen = background
            .choose(conn, &self.viewer, &self.matching)
            .await?;
        let mut scope = chosen
            .pick
            .scope
            .filter(Column::Id.is_in(ids.iter().copied()));
        if let Some(filter) = chosen.pick.filter {
            scope = scope.filter(filter.walk);
        }
        let changed = scope.all(conn).await?;
        let removed: Vec<ContactId> = ids
            .into_iter()
            .filter(|id| !changed.iter().any(|contact| contact.id == *id))
            .collect();
        if !removed.is_empty() && !self.viewer.sees_every_contact() {
            // The ids of contacts that they never saw are none of their business.
            return Ok(Changes {
                refetch: true,
                ..Changes::default()
            });
        }
        Ok(Changes {
            changed,
            removed,
            refetch: false,
        })
    }
}
