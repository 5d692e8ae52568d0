//! Who is next: a few deliveries at a time, looked at once more, filled, and each given a moment at which its call may go out.
//!
//! At most [`MOST`] over a channel are claimed and not called yet, and no more than a quarter of a second's worth at its rate: [`AHEAD`] of their moments,
//! and a tenth of a second at once. What a process has claimed when it dies may have been taken by the provider or not: it becomes UNKNOWN, and is never
//! sent again by itself.

use super::{
    counts,
    day::{self, Admitted},
    look::{Message, look},
    pace,
    settle::write_claims,
    status::reference,
};
use crate::{
    channel::{self, provider_of},
    clock,
    content::Ready,
    db::{
        Tx,
        dialect::{self, statement},
    },
    error::Result,
    viewer::Viewer,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    broadcast_send::{Model as Send, WaitsFor},
    channel::Model as Channel,
    delivery::{self, DeliveryStatus, Model as Delivery},
    id::{ContactId, DeliveryId},
};
use provider::Outgoing;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Deliveries over a channel that are claimed and not called yet, at most.
pub(super) const MOST: usize = 256;

/// The condition of the index `delivery_open` in its own words: by others SQLite's planner does not know it, and reads the whole send.
pub(super) const OPEN: &str = "delivery.status IN ('PENDING', 'SENDING')";

/// The part of a second whose messages are claimed at once.
const PART_OF_A_SECOND: usize = 10;

/// How long before its slot a message is claimed at most.
pub(crate) const AHEAD: Duration = Duration::from_millis(150);

/// A delivery that was claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which.
    pub id: DeliveryId,
    /// Which of its calls this is.
    pub attempt: i32,
    /// The message.
    pub outgoing: Outgoing,
    /// What they read.
    pub text: String,
    /// When its call may go out; one that is late waits for another moment.
    pub at: Instant,
}

/// What a look for the next came to.
#[derive(Debug)]
pub(super) enum Found {
    /// These; whether there may be more at once.
    These(Vec<Claimed>, bool),
    /// Nobody before this.
    Wait(Duration, Option<WaitsFor>),
    /// Nobody at all any more.
    Nobody,
}

/// What everybody's message needs.
pub(super) struct Making<'a> {
    pub(super) viewer: &'a Viewer,
    pub(super) channel: &'a Channel,
    pub(super) ready: &'a Ready,
    pub(super) run: &'a str,
}

/// Claims the next recipients of a send, `room` at most; the send is locked, its counts are brought along and not written yet.
pub(super) async fn claim(
    tx: &Tx,
    making: &Making<'_>,
    send: &mut Send,
    room: usize,
) -> Result<Found> {
    let wait = pace::wait(tx, making.channel).await?.unwrap_or_default();
    if wait > AHEAD {
        let waits_for = (wait > Duration::from_secs(2)).then_some(WaitsFor::Provider);
        return Ok(Found::Wait(wait - AHEAD, waits_for));
    }
    let rate = usize::try_from(channel::rate_limit(making.channel)).unwrap_or(1);
    // What was claimed and has not been called yet.
    let ahead = usize::try_from(wait.as_millis()).unwrap_or(0) * rate / 1_000;
    let Some(left) = MOST.checked_sub(ahead).filter(|left| *left > 0) else {
        // Those who are claimed next are to be there before the last of these is called.
        return Ok(Found::Wait(wait / 2, None));
    };
    let most = (rate / PART_OF_A_SECOND).clamp(1, left).min(room);
    let rows = due(tx, send, most).await?;
    if rows.is_empty() {
        return later(tx, making.channel, send).await;
    }
    let is_full = rows.len() == most;
    let mut looked = look(tx, making, send, rows).await?;
    let count = admit(tx, making, send, &mut looked).await?;
    write_claims(tx, looked.iter().map(|(row, _)| row)).await?;
    if count == 0 {
        return Ok(Found::These(Vec::new(), is_full));
    }
    let slots = pace::reserve(tx, making.channel, count).await?;
    let claimed = looked
        .into_iter()
        .filter(|(row, _)| row.status == DeliveryStatus::Sending)
        .filter_map(|(row, message)| Some((row, message?)))
        .enumerate()
        .map(|(n, (row, message))| Claimed {
            id: row.id,
            attempt: row.attempts,
            outgoing: Outgoing {
                reference: reference(row.id, row.attempts),
                to: message.to,
                content: message.content,
            },
            text: message.text,
            at: slots.at(n),
        });
    Ok(Found::These(claimed.collect(), is_full))
}

/// Those whom the channel may reach now are SENDING from now on; the others wait. How many are.
async fn admit(
    tx: &Tx,
    making: &Making<'_>,
    send: &mut Send,
    looked: &mut [(Delivery, Option<Message>)],
) -> Result<usize> {
    let messages = looked.iter().filter_map(|(_, message)| message.as_ref());
    let addresses: Vec<String> = messages.map(|message| message.to.clone()).collect();
    let Admitted { each, next_at } = day::admit(tx, making.channel, &addresses).await?;
    let crowded = crowded(tx, making.channel, looked).await?;
    let mut admitted = each.into_iter();
    let mut count = 0;
    for (row, _) in looked.iter_mut().filter(|(_, message)| message.is_some()) {
        if !admitted.next().unwrap_or(true) {
            row.next_at = next_at.unwrap_or(row.next_at);
        } else if let Some(wait) = crowded.get(&row.contact_id) {
            row.next_at = clock::now() + *wait;
        } else {
            row.status = DeliveryStatus::Sending;
            row.attempts += 1;
            row.run = Some(making.run.to_owned());
            count += 1;
        }
    }
    let number = i64::try_from(count).unwrap_or(i64::MAX);
    counts::shift(
        send,
        DeliveryStatus::Pending,
        DeliveryStatus::Sending,
        number,
    );
    Ok(count)
}

/// Those whose turn it is.
#[allow(
    clippy::disallowed_methods,
    reason = "the send was found through the scope"
)]
async fn due(tx: &Tx, send: &Send, most: usize) -> Result<Vec<Delivery>> {
    if send.pending == 0 {
        return Ok(Vec::new());
    }
    Ok(delivery::Entity::find()
        .filter(delivery::Column::SendId.eq(send.id))
        .filter(Expr::cust(OPEN))
        .filter(delivery::Column::Status.eq(DeliveryStatus::Pending))
        .filter(delivery::Column::NextAt.lte(clock::now()))
        .order_by_asc(delivery::Column::NextAt)
        .order_by_asc(delivery::Column::Id)
        .limit(most as u64)
        .all(&**tx)
        .await?)
}

/// When the next one's turn is, where it is nobody's now.
async fn later(tx: &Tx, channel: &Channel, send: &Send) -> Result<Found> {
    if send.pending == 0 {
        return Ok(Found::Nobody);
    }
    let sql = format!(
        "SELECT min(next_at) AS next_at FROM delivery WHERE send_id = $1 AND status = 'PENDING' AND {OPEN}"
    );
    let row = tx
        .query_one_raw(statement(&**tx, &sql, [send.id.0.into()]))
        .await?;
    let next: Option<DateTime<Utc>> = row
        .map(|row| row.try_get("", "next_at"))
        .transpose()?
        .flatten();
    let wait = next.map_or(TimeDelta::zero(), |next| next - clock::now());
    let wait = wait
        .to_std()
        .unwrap_or_default()
        .max(Duration::from_millis(20));
    let waits_for = match day::is_used_up(&**tx, channel).await? {
        true => WaitsFor::DailyLimit,
        false => WaitsFor::Retry,
    };
    Ok(Found::Wait(wait, Some(waits_for)))
}

/// Those who got so many messages over the channel already that the next would be refused, with how long to wait.
///
/// The provider lets one message through in every [`Limits::pair`](provider::Limits), and a burst of some before that counts: so many in the time that they take.
async fn crowded(
    tx: &Tx,
    channel: &Channel,
    looked: &[(Delivery, Option<Message>)],
) -> Result<HashMap<ContactId, TimeDelta>> {
    let limits = provider_of(channel).limits();
    if limits.pair_burst == 0 || looked.is_empty() {
        return Ok(HashMap::new());
    }
    let pair = TimeDelta::from_std(limits.pair).unwrap_or_default();
    let burst = i32::try_from(limits.pair_burst).unwrap_or(i32::MAX);
    let backend = tx.get_database_backend();
    let ids = looked.iter().map(|(row, _)| row.contact_id.0);
    let (is_one, list) = dialect::any_of(backend, "contact_id", 3, ids);
    let sql = format!(
        "SELECT contact_id FROM message WHERE {is_one} AND at > $2 AND channel_id = $1 AND direction = 'OUTGOING'
        GROUP BY contact_id HAVING count(*) >= $4"
    );
    let since = clock::now() - pair * burst;
    let values = [channel.id.0.into(), since.into(), list, burst.into()];
    let found = tx.query_all_raw(statement(&**tx, &sql, values)).await?;
    found
        .iter()
        .map(|row| Ok((ContactId(row.try_get("", "contact_id")?), pair)))
        .collect()
}
