//! Messages and conversations as they change: read whenever a hint says that some have, those that were written since the last look.

use crate::{
    clock,
    db::Db,
    error::Result,
    event::{Hint, Listener},
    viewer::Viewer,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    conversation,
    id::{ContactId, ConversationId},
    message,
};
use futures_util::{Stream, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// How far back a look goes: another process may commit later what it wrote earlier, and its clock may be behind.
const OVERLAP: TimeDelta = TimeDelta::seconds(10);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// What is read at once; a subscriber who cannot keep up with more hears of the rest a moment later.
const MOST: u64 = 500;

/// A row that is watched as it changes.
pub trait Watched: Sized + Clone + Send + Sync + 'static {
    /// Those that were written after a moment, oldest first, of a contact or a conversation where these are given.
    fn since(
        db: &Db,
        viewer: &Viewer,
        of: (Option<ContactId>, Option<ConversationId>),
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<Vec<Self>>> + Send;

    /// Its id, and when it was written.
    fn mark(&self) -> (i64, Option<DateTime<Utc>>);
}

impl Watched for message::Model {
    async fn since(
        db: &Db,
        viewer: &Viewer,
        (contact, conversation): (Option<ContactId>, Option<ConversationId>),
        at: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let mut query = super::visible(viewer).filter(message::Column::UpdatedAt.gt(at));
        if let Some(id) = contact {
            query = query.filter(message::Column::ContactId.eq(id));
        }
        if let Some(id) = conversation {
            query = query.filter(message::Column::ConversationId.eq(id));
        }
        oldest(db, query, message::Column::UpdatedAt, message::Column::Id).await
    }

    fn mark(&self) -> (i64, Option<DateTime<Utc>>) {
        (self.id.0, self.updated_at)
    }
}

impl Watched for conversation::Model {
    async fn since(
        db: &Db,
        viewer: &Viewer,
        (contact, _): (Option<ContactId>, Option<ConversationId>),
        at: DateTime<Utc>,
    ) -> Result<Vec<Self>> {
        let mut query =
            crate::conversation::visible(viewer).filter(conversation::Column::UpdatedAt.gt(at));
        if let Some(id) = contact {
            query = query.filter(conversation::Column::ContactId.eq(id));
        }
        oldest(
            db,
            query,
            conversation::Column::UpdatedAt,
            conversation::Column::Id,
        )
        .await
    }

    fn mark(&self) -> (i64, Option<DateTime<Utc>>) {
        (self.id.0, self.updated_at)
    }
}

async fn oldest<E: EntityTrait>(
    db: &Db,
    query: Select<E>,
    updated_at: E::Column,
    id: E::Column,
) -> Result<Vec<E::Model>> {
    let query = query.order_by_asc(updated_at).order_by_asc(id).limit(MOST);
    Ok(query.all(db.read()).await?)
}

/// What changes from now on, each state of a row at most once, the newest where several follow each other quickly.
///
/// # Errors
/// When the database is away.
pub async fn changes<W: Watched>(
    db: &Db,
    viewer: &Viewer,
    of: (Option<ContactId>, Option<ConversationId>),
) -> Result<impl Stream<Item = Result<W>> + use<W>> {
    let listener = db.hub().listen();
    let mut tail = Tail {
        db: db.clone(),
        viewer: viewer.clone(),
        of,
        listener,
        // What another process commits a little later may have been written before now.
        from: clock::now() - OVERLAP,
        seen: HashMap::new(),
        ready: VecDeque::new(),
    };
    // What was written before is not told.
    while tail.look().await? {}
    tail.ready.clear();
    Ok(stream::unfold(Some(tail), async |tail| {
        let mut tail = tail?;
        match tail.next().await {
            Ok(row) => Some((Ok(row?), Some(tail))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

struct Tail<W> {
    db: Db,
    viewer: Viewer,
    of: (Option<ContactId>, Option<ConversationId>),
    listener: Listener,
    from: DateTime<Utc>,
    seen: HashMap<i64, DateTime<Utc>>,
    ready: VecDeque<W>,
}

impl<W: Watched> Tail<W> {
    async fn next(&mut self) -> Result<Option<W>> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Ok(Some(row));
            }
            match self.listener.next().await {
                None => return Ok(None),
                Some(Hint::Talk { workspace }) if workspace == self.viewer.workspace_id => {}
                Some(Hint::Anything { .. }) => {}
                Some(_) => continue,
            }
            tokio::time::sleep(PAUSE).await;
            while self.look().await? {}
        }
    }

    /// Reads what is new; whether there may be more.
    async fn look(&mut self) -> Result<bool> {
        let rows = W::since(&self.db, &self.viewer, self.of, self.from).await?;
        let is_full = rows.len() as u64 >= MOST;
        let from = self.from;
        let mut newest = from;
        for row in rows {
            let (id, Some(at)) = row.mark() else { continue };
            newest = newest.max(at);
            if self.seen.insert(id, at) != Some(at) {
                self.ready.push_back(row);
            }
        }
        // A full page has moved on by itself; else a little of what was seen is looked at again.
        self.from = match is_full {
            // Others of the newest moment may stand on the next page; a page of one moment alone is not read twice.
            true => Some(newest - TimeDelta::microseconds(1))
                .filter(|at| *at > from)
                .unwrap_or(newest),
            false => from.max(newest.min(clock::now()) - OVERLAP),
        };
        let from = self.from;
        self.seen.retain(|_, at| *at > from);
        Ok(is_full)
    }
}
