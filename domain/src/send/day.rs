//! How many people a channel may reach in moving 24 hours: who was reached when, one row for each.

use crate::{
    clock,
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::{self, Kind, statement},
    },
    error::Result,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::channel::Model as Channel;
use sea_orm::ConnectionTrait;
use std::collections::HashSet;

/// Over which time distinct people are counted.
const DAY: TimeDelta = TimeDelta::hours(24);

/// Whom a channel may reach now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admitted {
    /// Of each address that was asked for.
    pub(crate) each: Vec<bool>,
    /// When the next may be reached, where some may not.
    pub(crate) next_at: Option<DateTime<Utc>>,
}

/// How many people the channel has reached in the last 24 hours; none where it has no such limit.
///
/// # Errors
/// When the database is away.
pub(crate) async fn used(conn: &impl ConnectionTrait, channel: &Channel) -> Result<Option<i64>> {
    if channel.daily_limit.is_none() {
        return Ok(None);
    }
    let sql = "SELECT count(*) AS people FROM channel_person WHERE channel_id = $1 AND at > $2";
    let values = [channel.id.0.into(), (clock::now() - DAY).into()];
    let row = conn.query_one_raw(statement(conn, sql, values)).await?;
    let people = row.map(|row| row.try_get("", "people")).transpose()?;
    Ok(Some(people.unwrap_or(0)))
}

/// Whether nobody new may be reached now.
pub(crate) async fn is_used_up(conn: &impl ConnectionTrait, channel: &Channel) -> Result<bool> {
    let used = used(conn, channel).await?;
    let limit = channel.daily_limit.map(i64::from);
    Ok(used.zip(limit).is_some_and(|(used, limit)| used >= limit))
}

/// Whom of these the channel may reach: those whom it has reached already, and as many others as are left. They count from now on.
pub(crate) async fn admit(tx: &Tx, channel: &Channel, addresses: &[String]) -> Result<Admitted> {
    let Some(limit) = channel.daily_limit else {
        return Ok(Admitted {
            each: vec![true; addresses.len()],
            next_at: None,
        });
    };
    // Two sends of one channel must not both take the last place.
    dialect::take_turn(&**tx, channel.id.0 ^ 0x6461_6c79_0000_0000).await?;
    let since = clock::now() - DAY;
    let mut left = i64::from(limit) - used(&**tx, channel).await?.unwrap_or(0);
    let known = known(tx, channel, addresses, since).await?;
    let mut each = Vec::with_capacity(addresses.len());
    for address in addresses {
        let is_known = known.contains(address);
        each.push(is_known || left > 0);
        left -= i64::from(!is_known && left > 0);
    }
    note(tx, channel, addresses, &each).await?;
    let next_at = match each.contains(&false) {
        true => Some(first(tx, channel, since).await? + DAY),
        false => None,
    };
    Ok(Admitted { each, next_at })
}

/// When the first of those who count was reached.
async fn first(tx: &Tx, channel: &Channel, since: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let sql = "SELECT min(at) AS first FROM channel_person WHERE channel_id = $1 AND at > $2";
    let values = [channel.id.0.into(), since.into()];
    let row = tx.query_one_raw(statement(&**tx, sql, values)).await?;
    let first = row.map(|row| row.try_get("", "first")).transpose()?;
    Ok(first.flatten().unwrap_or_else(clock::now))
}

async fn known(
    tx: &Tx,
    channel: &Channel,
    addresses: &[String],
    since: DateTime<Utc>,
) -> Result<HashSet<String>> {
    let (is_one, list) = dialect::any_text(tx.get_database_backend(), "address", 3, addresses);
    let sql = format!(
        "SELECT address FROM channel_person WHERE channel_id = $1 AND at > $2 AND {is_one}"
    );
    let values = [channel.id.0.into(), since.into(), list];
    let rows = tx.query_all_raw(statement(&**tx, &sql, values)).await?;
    rows.iter()
        .map(|row| Ok(row.try_get("", "address")?))
        .collect()
}

async fn note(tx: &Tx, channel: &Channel, addresses: &[String], admitted: &[bool]) -> Result<()> {
    let now = clock::now();
    let rows = addresses
        .iter()
        .zip(admitted)
        .filter(|(_, admitted)| **admitted)
        .map(|(address, _)| {
            vec![
                Cell::Int(channel.id.0),
                Cell::Text(address.clone()),
                Cell::Time(now),
            ]
        });
    let columns = [
        ("channel_id", Kind::BigInt),
        ("address", Kind::Text),
        ("at", Kind::Time),
    ];
    let again = "ON CONFLICT (channel_id, address) DO UPDATE SET at = excluded.at";
    bulk::insert(&**tx, "channel_person", &columns, rows.collect(), again).await?;
    Ok(())
}
