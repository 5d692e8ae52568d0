//! Who keeps a filter: the rules of segments, inboxes, broadcasts, and sends that have not begun. What a saved filter names is not deleted, since the
//! filter would then mean everyone or nobody. Whatever stores filters is to be asked here; texts that name attributes are `content`'s.

use super::{ContactFilter, Stored};
use crate::{contact::Selected, db::Tx, error::Result, text, viewer::Viewer};
use entity::{
    broadcast, broadcast_send, inbox,
    segment::{self, SegmentKind},
};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::Value as Json;

/// The saved filters of a workspace, each with what a sentence calls it.
pub(crate) struct Saved {
    filters: Vec<(String, Json)>,
}

impl Saved {
    /// All of them.
    pub(crate) async fn load(tx: &Tx, viewer: &Viewer) -> Result<Self> {
        let mut saved = Self {
            filters: Vec::new(),
        };
        saved.of_tables(tx, viewer).await?;
        saved.of_broadcasts(tx, viewer).await?;
        saved.of_sends(tx, viewer).await?;
        Ok(saved)
    }

    /// Those of segments and inboxes.
    async fn of_tables(&mut self, tx: &Tx, viewer: &Viewer) -> Result<()> {
        let segments = viewer
            .find::<segment::Entity>()
            .filter(segment::Column::Kind.eq(SegmentKind::Rules))
            .all(&**tx)
            .await?;
        let inboxes = viewer.find::<inbox::Entity>().all(&**tx).await?;
        let rules = segments.into_iter().flat_map(|segment| {
            let name = format!("The rules of the segment \"{}\"", segment.name);
            let rules = segment.rules.0.into_iter();
            rules.map(move |rule| (name.clone(), rule.filter))
        });
        let kept = inboxes.into_iter().filter_map(|inbox| {
            let name = match crate::inbox::is_seen(viewer, &inbox) {
                true => format!("The filter of the inbox \"{}\"", inbox.name),
                false => "The filter of a private inbox of somebody else".to_owned(),
            };
            Some((name, inbox.filter?))
        });
        self.filters.extend(rules.chain(kept));
        Ok(())
    }

    /// Those that narrow broadcasts.
    async fn of_broadcasts(&mut self, tx: &Tx, viewer: &Viewer) -> Result<()> {
        let broadcasts = viewer
            .find::<broadcast::Entity>()
            .filter(broadcast::Column::DeletedAt.is_null())
            .all(&**tx)
            .await?;
        let narrowing = broadcasts.into_iter().filter_map(|row| {
            let name = format!("The broadcast \"{}\"", row.title);
            Some((name, row.filter?))
        });
        self.filters.extend(narrowing);
        Ok(())
    }

    /// Those of sends whose recipients are not fixed yet.
    async fn of_sends(&mut self, tx: &Tx, viewer: &Viewer) -> Result<()> {
        let sends = viewer
            .find::<broadcast_send::Entity>()
            .filter(broadcast_send::Column::FinishedAt.is_null())
            .filter(broadcast_send::Column::Total.is_null())
            .all(&**tx)
            .await?;
        for row in sends {
            let filter = Selected::kept(&row.selection)?.into_filter();
            let name = "A send that has not begun".to_owned();
            self.filters.extend(filter.map(|filter| (name, filter)));
        }
        Ok(())
    }

    /// One that has this id anywhere.
    pub(crate) fn with_id(&self, id: &str) -> Option<&str> {
        let mut saved = self.filters.iter();
        let found = saved.find(|(_, filter)| has(filter, id));
        found.map(|(name, _)| name.as_str())
    }

    /// Those that name the attribute of this folded key, each once.
    pub(crate) fn with_attribute(&self, key: &str) -> Result<Vec<&str>> {
        let mut names: Vec<&str> = Vec::new();
        for (name, filter) in &self.filters {
            if speaks_of(&Stored::read(filter)?, key) && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        Ok(names)
    }
}

fn has(filter: &Json, id: &str) -> bool {
    match filter {
        Json::String(text) => text == id,
        Json::Array(items) => items.iter().any(|item| has(item, id)),
        Json::Object(entries) => entries.values().any(|value| has(value, id)),
        _ => false,
    }
}

fn speaks_of(filter: &ContactFilter, key: &str) -> bool {
    let own = filter.attribute.as_ref();
    own.is_some_and(|own| text::fold(&own.key) == key)
        || filter.inner().any(|inner| speaks_of(inner, key))
}
