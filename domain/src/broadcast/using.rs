//! What broadcasts and their sends need: it is not deleted while they do.

use crate::{
    db::Tx,
    error::{Error, Result},
    viewer::Viewer,
    workspace,
};
use entity::{
    broadcast, broadcast_segment, broadcast_send,
    content::Content,
    id::{BlockId, ChannelId, SegmentId, TemplateId},
};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, sea_query::Query};

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

/// What names a segment: broadcasts that go to it, and sends whose recipients are not fixed yet.
///
/// # Errors
/// When the database is away.
pub(crate) async fn naming_segment(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: SegmentId,
) -> Result<Vec<String>> {
    let to_it = Query::select()
        .column(broadcast_segment::Column::BroadcastId)
        .from(broadcast_segment::Entity)
        .and_where(broadcast_segment::Column::SegmentId.eq(id))
        .take();
    let named = super::visible(viewer)
        .filter(broadcast::Column::Id.in_subquery(to_it))
        .all(conn)
        .await?;
    let mut names: Vec<String> = named
        .into_iter()
        .map(|row| format!("the broadcast \"{}\"", row.title))
        .collect();
    let waiting = viewer
        .find::<broadcast_send::Entity>()
        .filter(broadcast_send::Column::FinishedAt.is_null())
        .filter(broadcast_send::Column::Total.is_null())
        .all(conn)
        .await?;
    let text = format!("\"{id}\"");
    let is_waiting = waiting
        .iter()
        .any(|send| send.selection.to_string().contains(&text));
    if is_waiting {
        names.push("a send that has not begun".to_owned());
    }
    Ok(names)
}
