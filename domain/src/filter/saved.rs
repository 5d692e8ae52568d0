//! Who keeps a filter: the rules of segments, inboxes, and broadcasts, whose texts name attributes too. What a saved filter names is not deleted, since the filter would then mean everyone
//! or nobody. Whatever stores filters is to be asked here.

use super::{ContactFilter, Stored};
use crate::{db::Tx, error::Result, text, viewer::Viewer};
use entity::{
    broadcast, inbox,
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
        let broadcasts = viewer
            .find::<broadcast::Entity>()
            .filter(broadcast::Column::DeletedAt.is_null())
            .all(&**tx)
            .await?;
        let narrowing = broadcasts.into_iter();
        let narrowing = narrowing
            .filter_map(|row| Some((format!("The broadcast \"{}\"", row.title), row.filter?)));
        Ok(Self {
            filters: rules.chain(kept).chain(narrowing).collect(),
        })
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
