//! The ledger as it is shown: the deliveries of a send, page by page.

use crate::{
    contact,
    error::Result,
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    viewer::Viewer,
};
use entity::{
    broadcast_send::{self, Model as Send},
    delivery::{self, DeliveryStatus, Model, SkipReason},
    id::{BroadcastSendId, DeliveryId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order as Direction, QueryFilter, Select,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Which deliveries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// In one of these states.
    pub status: Option<Vec<DeliveryStatus>>,
    /// Left out for one of these reasons.
    pub skip_reason: Option<Vec<SkipReason>>,
}

/// One page of the deliveries of each of these sends, which the viewer has found, in the order in which they go out, for those that have any: in one statement.
/// Of contacts that the viewer does not see, none.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn deliveries(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    sends: &[Arc<Send>],
    wanted: &Wanted,
    window: &Window,
) -> Result<HashMap<BroadcastSendId, Page<Model>>> {
    let mut which = Condition::all();
    if let Some(status) = &wanted.status {
        which = which.add(delivery::Column::Status.is_in(status.iter().copied()));
    }
    if let Some(reasons) = &wanted.skip_reason {
        which = which.add(delivery::Column::SkipReason.is_in(reasons.iter().copied()));
    }
    if !viewer.sees_every_contact() {
        which = which.add(contact::is_visible(
            viewer,
            delivery::Column::ContactId.as_column_ref(),
        ));
    }
    let fixed = sends.iter().filter(|send| send.first_delivery.is_some());
    let lists = fixed.map(|send| of(send).filter(which.clone())).collect();
    let oldest_first = Stretch {
        filter: None,
        keys: vec![Key::of(delivery::Column::Id, KeyKind::Int)],
        direction: Direction::Asc,
    };
    let order = Order::new("deliveries", vec![oldest_first]);
    let by = delivery::Column::SendId;
    let pages = page::fetch_first(conn, lists, by, &order, window).await?;
    let pages = pages.into_iter();
    Ok(pages
        .map(|(id, page)| (BroadcastSendId(id), page))
        .collect())
}

/// Those of these deliveries that the viewer may see, in no order: of sends of their workspace, to contacts that they see.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "those whose send is not of the viewer's workspace are left out"
)]
pub async fn deliveries_by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[DeliveryId],
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        delivery::Entity::find().filter(delivery::Column::Id.is_in(ids.iter().copied()));
    if !viewer.sees_every_contact() {
        let contact = delivery::Column::ContactId.as_column_ref();
        query = query.filter(contact::is_visible(viewer, contact));
    }
    let found = query.all(conn).await?;
    let sends: BTreeSet<_> = found.iter().map(|row| row.send_id).collect();
    let own = viewer.by_ids::<broadcast_send::Entity>(conn, sends).await?;
    let own: BTreeSet<_> = own.into_iter().map(|send| send.id).collect();
    let seen = found.into_iter().filter(|row| own.contains(&row.send_id));
    Ok(seen.collect())
}

/// The deliveries of a send: they lie in one stretch of the primary key.
#[allow(
    clippy::disallowed_methods,
    reason = "the send was found through the scope"
)]
pub(super) fn of(send: &Send) -> Select<delivery::Entity> {
    let (first, last) = (
        send.first_delivery.unwrap_or(1),
        send.last_delivery.unwrap_or(0),
    );
    delivery::Entity::find()
        .filter(delivery::Column::SendId.eq(send.id))
        .filter(delivery::Column::Id.between(first, last))
}
