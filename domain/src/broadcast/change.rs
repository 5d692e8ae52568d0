//! Broadcasts made, changed and deleted.

use super::{get, may_send};
use crate::{
    channel, clock,
    content::{self, ContentInput},
    db::Tx,
    error::{Error, Result, UserError},
    filter::{ContactFilter, Stored},
    name, text,
    viewer::Viewer,
    workspace,
};
use entity::{
    broadcast::{self, Model},
    broadcast_segment, broadcast_send,
    channel::Model as Channel,
    content::Content,
    id::{BroadcastId, ChannelId, SegmentId},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use std::collections::BTreeSet;

/// Segments of a broadcast at most.
const MOST_SEGMENTS: usize = 100;

/// A broadcast as it is given; in an update, what is none stays.
#[derive(Debug, Clone, Default)]
pub struct BroadcastInput {
    /// What people call it.
    pub title: Option<String>,
    /// The channel it is sent over.
    pub channel_id: Option<ChannelId>,
    /// The segments it goes to.
    pub segment_ids: Option<Vec<SegmentId>>,
    /// Whether it goes to everyone instead.
    pub everyone: Option<bool>,
    /// What narrows either; none inside: nothing does.
    pub filter: Option<Option<ContactFilter>>,
    /// What is sent.
    pub content: Option<ContentInput>,
}

/// Makes a broadcast.
///
/// # Errors
/// Forbidden for whoever may not; REQUIRED, INVALID and NOT_FOUND at what does not hold, BAD_USER_INPUT in the filter.
pub async fn create(tx: &Tx, viewer: &Viewer, input: BroadcastInput) -> Result<Model> {
    may_send(viewer)?;
    workspace::lock(tx, viewer).await?;
    let channel_id = input.channel_id.ok_or_else(no_channel)?;
    let channel = usable(tx, viewer, channel_id).await?;
    let title = name::checked("title", "broadcast", &input.title.unwrap_or_default())?;
    let everyone = input.everyone.unwrap_or(false);
    let segments = checked_segments(tx, viewer, everyone, input.segment_ids).await?;
    let filter = Stored::checked(tx, viewer, input.filter.flatten()).await?;
    let content = input
        .content
        .ok_or_else(|| UserError::new("content", "REQUIRED", "Say what is sent."))?;
    let now = clock::now();
    let row = broadcast::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        title_key: Set(text::fold(&title)),
        title: Set(title),
        channel_id: Set(channel.id),
        content: Set(content::checked(tx, viewer, &channel, content).await?),
        everyone: Set(everyone),
        filter: Set(filter),
        created_by_member_id: Set(viewer.member.as_ref().map(|member| member.id)),
        created_by_name: Set(viewer.name.clone()),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let broadcast = row.insert(&**tx).await?;
    name_segments(tx, broadcast.id, segments).await?;
    Ok(broadcast)
}

/// Changes a broadcast. Sends that were asked for stay what they are.
///
/// # Errors
/// As [`create`], and NOT_FOUND.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: BroadcastId,
    input: BroadcastInput,
) -> Result<Model> {
    may_send(viewer)?;
    workspace::lock(tx, viewer).await?;
    let mut row = found(tx, viewer, id).await?;
    if let Some(title) = input.title {
        row.title = name::checked("title", "broadcast", &title)?;
        row.title_key = text::fold(&row.title);
    }
    let to_another = input.channel_id.is_some_and(|id| id != row.channel_id);
    if input.content.is_some() || to_another {
        let channel = usable(tx, viewer, input.channel_id.unwrap_or(row.channel_id)).await?;
        row.channel_id = channel.id;
        match (input.content, &row.content) {
            (Some(content), _) => {
                row.content = content::checked(tx, viewer, &channel, content).await?
            }
            (None, Content::Template { .. }) => {
                let message = "The template belongs to the channel it had: give the content too.";
                return Err(Error::user("content", "REQUIRED", message));
            }
            (None, _) => {}
        }
    }
    if input.everyone.is_some() || input.segment_ids.is_some() {
        // Segments that are named mean these; a broadcast for everyone has none.
        let everyone = match (input.everyone, &input.segment_ids) {
            (Some(everyone), _) => everyone,
            (None, Some(ids)) => row.everyone && ids.is_empty(),
            (None, None) => row.everyone,
        };
        row.everyone = everyone;
        let segments = checked_segments(tx, viewer, everyone, input.segment_ids).await?;
        forget_segments(tx, id).await?;
        name_segments(tx, id, segments).await?;
    }
    if let Some(filter) = input.filter {
        row.filter = Stored::checked(tx, viewer, filter).await?;
    }
    row.updated_at = clock::now();
    Ok(row.into_active_model().reset_all().update(&**tx).await?)
}

/// Deletes a broadcast; what history names stays readable.
///
/// # Errors
/// Forbidden for whoever may not; NOT_FOUND; IN_USE while a send of it has not ended.
pub async fn delete(tx: &Tx, viewer: &Viewer, id: BroadcastId) -> Result<()> {
    may_send(viewer)?;
    workspace::lock(tx, viewer).await?;
    let mut row = found(tx, viewer, id).await?;
    let under_way = viewer
        .find::<broadcast_send::Entity>()
        .filter(broadcast_send::Column::BroadcastId.eq(id))
        .filter(broadcast_send::Column::FinishedAt.is_null())
        .one(&**tx)
        .await?;
    if under_way.is_some() {
        let message = "A send of this broadcast has not ended: cancel it, or wait for its end.";
        return Err(Error::user("id", "IN_USE", message));
    }
    row.deleted_at = Some(clock::now());
    row.into_active_model().reset_all().update(&**tx).await?;
    forget_segments(tx, id).await
}

async fn found(tx: &Tx, viewer: &Viewer, id: BroadcastId) -> Result<Model> {
    let found = get(&**tx, viewer, id).await?;
    found.ok_or_else(|| UserError::not_found("id", "broadcast").into())
}

async fn usable(tx: &Tx, viewer: &Viewer, id: ChannelId) -> Result<Channel> {
    let found = match viewer.hold::<entity::channel::Entity>(tx, id).await? {
        true => channel::get(&**tx, viewer, id).await?,
        false => None,
    };
    Ok(found.ok_or_else(no_channel)?)
}

fn no_channel() -> UserError {
    UserError::not_found("channelId", "channel")
}

async fn checked_segments(
    tx: &Tx,
    viewer: &Viewer,
    everyone: bool,
    given: Option<Vec<SegmentId>>,
) -> Result<BTreeSet<SegmentId>> {
    let ids = given.unwrap_or_default();
    if everyone != ids.is_empty() {
        let (code, message) = match everyone {
            true => ("INVALID", "A broadcast for everyone names no segments."),
            false => (
                "REQUIRED",
                "Name at least one segment, or say that it is for everyone.",
            ),
        };
        return Err(Error::user("segmentIds", code, message));
    }
    if ids.len() > MOST_SEGMENTS {
        let message = format!("A broadcast goes to at most {MOST_SEGMENTS} segments.");
        return Err(Error::user("segmentIds", "LIMIT_EXCEEDED", message));
    }
    let there = viewer
        .by_ids::<entity::segment::Entity>(&**tx, ids.clone())
        .await?;
    let is_there = |id: &SegmentId| there.iter().any(|segment| segment.id == *id);
    let missing = ids.iter().enumerate().filter(|(_, id)| !is_there(id));
    let missing: Vec<UserError> = missing
        .map(|(n, _)| UserError::not_found(&format!("segmentIds.{n}"), "segment"))
        .collect();
    if missing.is_empty() {
        Ok(ids.into_iter().collect::<BTreeSet<_>>())
    } else {
        Err(Error::User(missing))
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the broadcast was found through the scope"
)]
async fn forget_segments(tx: &Tx, id: BroadcastId) -> Result<()> {
    broadcast_segment::Entity::delete_many()
        .filter(broadcast_segment::Column::BroadcastId.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

async fn name_segments(tx: &Tx, id: BroadcastId, segments: BTreeSet<SegmentId>) -> Result<()> {
    let rows = segments
        .into_iter()
        .map(|segment_id| broadcast_segment::ActiveModel {
            broadcast_id: Set(id),
            segment_id: Set(segment_id),
        });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        broadcast_segment::Entity::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
    }
    Ok(())
}
