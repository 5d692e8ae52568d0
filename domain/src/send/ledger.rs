//! The ledger as it is shown: the deliveries of a send, page by page.

use crate::{
    contact,
    error::Result,
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    viewer::Viewer,
};
use entity::{
    broadcast_send::Model as Send,
    delivery::{self, DeliveryStatus, Model, SkipReason},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order as Direction, QueryFilter, Select};

/// Which deliveries.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// In one of these states.
    pub status: Option<Vec<DeliveryStatus>>,
    /// Left out for one of these reasons.
    pub skip_reason: Option<Vec<SkipReason>>,
}

/// One page of the deliveries of a send that the viewer has found, in the order in which they go out; of contacts that they do not see, none.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn deliveries(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    send: &Send,
    wanted: Wanted,
    window: &Window,
) -> Result<Page<Model>> {
    let mut query = of(send);
    if let Some(status) = wanted.status {
        query = query.filter(delivery::Column::Status.is_in(status));
    }
    if let Some(reasons) = wanted.skip_reason {
        query = query.filter(delivery::Column::SkipReason.is_in(reasons));
    }
    if !viewer.sees_every_contact() {
        query = query.filter(delivery::Column::ContactId.in_subquery(contact::visible_ids(viewer)));
    }
    let oldest_first = Stretch {
        filter: None,
        keys: vec![Key::of(delivery::Column::Id, KeyKind::Int)],
        direction: Direction::Asc,
    };
    let order = Order::new("deliveries", vec![oldest_first]);
    page::fetch(conn, query, &order, window).await
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
