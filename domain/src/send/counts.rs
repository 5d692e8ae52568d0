//! The eight counts of a send: what moves from one state to another, and that they add up.

use crate::error::{Error, Result};
use entity::{broadcast_send::Model, delivery::DeliveryStatus};

/// The count of those in a state; none of messages that come in.
fn of(send: &mut Model, status: DeliveryStatus) -> Option<&mut i64> {
    Some(match status {
        DeliveryStatus::Pending => &mut send.pending,
        DeliveryStatus::Sending => &mut send.sending,
        DeliveryStatus::Unknown => &mut send.unknown,
        DeliveryStatus::Sent => &mut send.sent,
        DeliveryStatus::Failed => &mut send.failed,
        DeliveryStatus::Delivered => &mut send.delivered,
        DeliveryStatus::Read => &mut send.read,
        DeliveryStatus::Skipped => &mut send.skipped,
        DeliveryStatus::Received => return None,
    })
}

/// Notes that `number` deliveries are in another state than before.
pub(super) fn shift(send: &mut Model, from: DeliveryStatus, to: DeliveryStatus, number: i64) {
    if let Some(count) = of(send, from) {
        *count -= number;
    }
    if let Some(count) = of(send, to) {
        *count += number;
    }
}

/// Refuses to write counts that do not add up.
pub(super) fn check(send: &Model) -> Result<()> {
    let counts = [
        send.pending,
        send.sending,
        send.sent,
        send.delivered,
        send.read,
        send.failed,
        send.skipped,
        send.unknown,
    ];
    let sum: i64 = counts.iter().sum();
    if counts.iter().all(|count| *count >= 0) && sum == send.total.unwrap_or(0) {
        return Ok(());
    }
    Err(Error::Broken(format!(
        "the counts of {} are {counts:?}, its recipients {:?}",
        send.id, send.total
    )))
}
