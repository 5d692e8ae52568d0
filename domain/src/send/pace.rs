//! How fast a channel may send, kept across all workers: a row that says when the next message may go, by the database's clock.
//!
//! The generic cell rate algorithm without a burst: whoever is about to send reserves a span of slots. A slot that nobody uses, since its process
//! died or was late, is lost: so no second ever has more than its share, kills included.

use crate::{
    channel,
    db::{
        Tx,
        dialect::{self, statement},
    },
    error::{Error, Result},
};
use entity::channel::Model as Channel;
use sea_orm::ConnectionTrait;
use std::time::{Duration, Instant};

/// The part of a channel's rate that is used: what is late on its way must not make the next second overfull. Where all calls around the turn of a
/// second are as late as they may be (`LATE` in `jobs::run_send`), it has 1.5 % more than the limit.
const SHARE: f64 = 0.995;

/// How many messages' time a provider's "too fast" costs.
const PENALTY: i64 = 10;

/// How far ahead a penalty may put the next message.
const LONGEST_PENALTY: Duration = Duration::from_secs(600);

/// Slots that were reserved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slots {
    first: Instant,
    interval: Duration,
}

impl Slots {
    /// When the message number `n` may go.
    pub(crate) fn at(&self, n: usize) -> Instant {
        self.first + self.interval * u32::try_from(n).unwrap_or(u32::MAX)
    }
}

/// Microseconds between two messages.
fn interval(channel: &Channel) -> i64 {
    let rate = f64::from(channel::rate_limit(channel).max(1)) * SHARE;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a million microseconds at most, or little more"
    )]
    {
        (1_000_000.0 / rate).ceil() as i64
    }
}

/// How long it is until the next free slot; none: it is free now.
pub(crate) async fn wait(tx: &Tx, channel: &Channel) -> Result<Option<Duration>> {
    let now = dialect::now_micros(tx.get_database_backend());
    let sql = format!("SELECT next_at - {now} AS wait FROM channel_pace WHERE channel_id = $1");
    let row = tx
        .query_one_raw(statement(&**tx, &sql, [channel.id.0.into()]))
        .await?;
    let wait: i64 = row
        .map(|row| row.try_get("", "wait"))
        .transpose()?
        .unwrap_or(0);
    Ok(u64::try_from(wait)
        .ok()
        .filter(|wait| *wait > 0)
        .map(Duration::from_micros))
}

/// Reserves the next `count` slots of a channel.
pub(crate) async fn reserve(tx: &Tx, channel: &Channel, count: usize) -> Result<Slots> {
    let interval = interval(channel);
    let span = interval.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
    let backend = tx.get_database_backend();
    let (now, greater) = (dialect::now_micros(backend), dialect::greater(backend));
    let sql = format!(
        "INSERT INTO channel_pace (channel_id, next_at) VALUES ($1, {now} + $2)
        ON CONFLICT (channel_id) DO UPDATE SET next_at = {greater}(channel_pace.next_at, {now}) + $2
        RETURNING next_at - $2 - {now} AS wait"
    );
    let row = tx
        .query_one_raw(statement(&**tx, &sql, [channel.id.0.into(), span.into()]))
        .await?
        .ok_or_else(|| Error::Broken("a channel without a pace".to_owned()))?;
    let wait: i64 = row.try_get("", "wait")?;
    Ok(Slots {
        first: Instant::now() + Duration::from_micros(u64::try_from(wait).unwrap_or(0)),
        interval: Duration::from_micros(interval.unsigned_abs()),
    })
}

/// Slows a channel down: the provider said so many times that it is too fast, and perhaps how long to wait.
pub(crate) async fn slow_down(
    tx: &Tx,
    channel: &Channel,
    times: usize,
    retry_after: Option<Duration>,
) -> Result<()> {
    let cost = interval(channel)
        .saturating_mul(PENALTY)
        .saturating_mul(i64::try_from(times).unwrap_or(i64::MAX));
    let asked = retry_after.unwrap_or_default();
    let longest = micros(LONGEST_PENALTY);
    let (cost, asked) = (cost.min(longest), micros(asked));
    let backend = tx.get_database_backend();
    let (now, greater) = (dialect::now_micros(backend), dialect::greater(backend));
    let sql = format!(
        "UPDATE channel_pace SET next_at = {greater}({greater}(next_at, {now}) + $2, {now} + $3) WHERE channel_id = $1"
    );
    let values = [channel.id.0.into(), cost.into(), asked.into()];
    tx.execute_raw(statement(&**tx, &sql, values)).await?;
    Ok(())
}

/// No slot that was reserved lies further ahead than this: a claim takes what lies within 150 ms, and a tenth of a second's worth, or one message.
const RESERVED: Duration = Duration::from_secs(2);

/// Takes back what penalties cost a channel. Slots that were reserved are not given a second time.
pub(crate) async fn clear(tx: &Tx, channel: &Channel) -> Result<()> {
    let now = dialect::now_micros(tx.get_database_backend());
    let sql = format!(
        "UPDATE channel_pace SET next_at = {now} + $2 WHERE channel_id = $1 AND next_at > {now} + $2"
    );
    let values = [channel.id.0.into(), micros(RESERVED).into()];
    tx.execute_raw(statement(&**tx, &sql, values)).await?;
    Ok(())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
