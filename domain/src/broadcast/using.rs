//! What broadcasts and their sends need: it is not deleted while they do.

use crate::{
    db::Tx,
    error::{Error, Result},
    viewer::Viewer,
    workspace,
};
use entity::{
    broadcast_segment, broadcast_send,
    content::Content,
    id::{BlockId, ChannelId, SegmentId, TemplateId},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value as Json;

/// What a broadcast may need.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Thing {
    Channel(ChannelId),
    Template(TemplateId),
    Block(BlockId),
}

impl Thing {
    fn is_needed(self, channel: ChannelId, content: &Content) -> bool {
        match (self, content) {
            (Self::Channel(id), _) => channel == id,
            (Self::Template(id), Content::Template { id: named, .. }) => *named == id,
            (Self::Block(id), Content::Block(named)) => *named == id,
            _ => false,
        }
    }
}

/// Refuses a deletion while a broadcast, or a send that has not ended, needs the thing.
///
/// # Errors
/// IN_USE.
pub(crate) async fn refuse_use(tx: &Tx, viewer: &Viewer, thing: Thing) -> Result<()> {
    refuse_change(tx, viewer, thing).await?;
    for row in super::visible(viewer).all(&**tx).await? {
        if thing.is_needed(row.channel_id, &row.content) {
            let message = format!(
                "The broadcast \"{}\" needs it: change or delete that first.",
                row.title
            );
            return Err(Error::user("id", "IN_USE", message));
        }
    }
    Ok(())
}

/// Refuses a change of what is sent while a send that has not ended sends it: some would get the one, and some the other.
///
/// # Errors
/// IN_USE.
pub(crate) async fn refuse_change(tx: &Tx, viewer: &Viewer, thing: Thing) -> Result<()> {
    // Whoever makes a broadcast or a send of it holds the workspace.
    workspace::lock(tx, viewer).await?;
    let sends = viewer
        .find::<broadcast_send::Entity>()
        .filter(broadcast_send::Column::FinishedAt.is_null());
    for row in sends.all(&**tx).await? {
        if thing.is_needed(row.channel_id, &row.content) {
            let message = format!(
                "{} has not ended and needs it: cancel it, or wait for its end.",
                row.id
            );
            return Err(Error::user("id", "IN_USE", message));
        }
    }
    Ok(())
}

/// What names a segment: broadcasts that go to it or whose filter asks for it, and sends whose recipients are not fixed yet.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the segment was found through the scope"
)]
pub(crate) async fn naming_segment(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: SegmentId,
) -> Result<Vec<String>> {
    let to_it = broadcast_segment::Entity::find()
        .filter(broadcast_segment::Column::SegmentId.eq(id))
        .all(conn)
        .await?;
    let text = format!("\"{id}\"");
    let names_it = |kept: &Json| kept.to_string().contains(&text);
    let named = super::visible(viewer).all(conn).await?;
    let mut names: Vec<String> = named
        .into_iter()
        .filter(|row| {
            to_it.iter().any(|named| named.broadcast_id == row.id)
                || row.filter.as_ref().is_some_and(names_it)
        })
        .map(|row| format!("the broadcast \"{}\"", row.title))
        .collect();
    let waiting = viewer
        .find::<broadcast_send::Entity>()
        .filter(broadcast_send::Column::FinishedAt.is_null())
        .filter(broadcast_send::Column::Total.is_null())
        .all(conn)
        .await?;
    if waiting.iter().any(|send| names_it(&send.selection)) {
        names.push("a send that has not begun".to_owned());
    }
    Ok(names)
}
