//! Broadcasts: what is sent to many, to whom, and whom it reaches or not. On their way they are [`send`](crate::send)s.

mod audience;
mod change;
mod choice;
mod load;
mod preview;
mod using;

pub use audience::{Audience, SkipCount, audience};
pub(crate) use audience::{SERVICE_WINDOW, reasoned, recipients};
pub use change::{BroadcastInput, create, delete, update};
pub(crate) use choice::choose;
pub use preview::{Preview, preview};
pub(crate) use using::{Thing, naming_segment, refuse_change, refuse_use};

use crate::{
    error::Result,
    name,
    page::{self, Order, Page, Window},
    viewer::Viewer,
};
use entity::{
    broadcast::{self, Model},
    broadcast_segment,
    id::BroadcastId,
    role::{Restriction, Role},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

/// Refuses whoever may not make and send broadcasts.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn may_send(viewer: &Viewer) -> Result<()> {
    viewer.require(Role::Manager)?;
    viewer.unrestricted(Restriction::NoBroadcast)
}

fn visible(viewer: &Viewer) -> Select<broadcast::Entity> {
    viewer
        .find::<broadcast::Entity>()
        .filter(broadcast::Column::DeletedAt.is_null())
}

/// One page of the broadcasts, the newest first.
///
/// # Errors
/// BAD_USER_INPUT at `search`; when the window does not fit, or the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    search: Option<&str>,
    window: &Window,
) -> Result<Page<Model>> {
    let query = name::having(visible(viewer), broadcast::Column::TitleKey, search)?;
    page::fetch(
        conn,
        query,
        &Order::newest_first(broadcast::Column::Id),
        window,
    )
    .await
}

/// Those broadcasts of these ids that are not deleted, in no order.
///
/// # Errors
/// When the database is away.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[BroadcastId],
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = visible(viewer).filter(broadcast::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(conn).await?)
}

/// One broadcast that is not deleted.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: BroadcastId,
) -> Result<Option<Model>> {
    Ok(by_ids(conn, viewer, &[id]).await?.into_iter().next())
}

/// To which segments broadcasts that the viewer has found go.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the broadcasts were found through the scope"
)]
pub async fn segments(
    conn: &impl ConnectionTrait,
    broadcasts: &[BroadcastId],
) -> Result<Vec<broadcast_segment::Model>> {
    if broadcasts.is_empty() {
        return Ok(Vec::new());
    }
    Ok(broadcast_segment::Entity::find()
        .filter(broadcast_segment::Column::BroadcastId.is_in(broadcasts.iter().copied()))
        .order_by_asc(broadcast_segment::Column::SegmentId)
        .all(conn)
        .await?)
}
