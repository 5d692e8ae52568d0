//! The states of a message form a lattice: PENDING < SENDING < UNKNOWN < SENT < FAILED < DELIVERED < READ, and the highest wins, whatever the order in
//! which webhooks come. `delivered` may come behind `failed`, and then the message has arrived.

use crate::clock;
use chrono::{DateTime, Utc};
use entity::{
    delivery::{DeliveryStatus, Model as Delivery},
    message,
};
use provider::{Status, StatusChange};

/// Applies one change to a delivery: what it says of the call number `attempt`.
pub(super) fn advance(row: &mut Delivery, attempt: i32, parts: i32, change: &StatusChange) {
    let is_current = row.attempts == attempt;
    let has_arrived = matches!(change.status, Status::Delivered | Status::Read);
    let is_last = row.part + 1 >= parts;
    let is_out = matches!(
        row.status,
        DeliveryStatus::Sending | DeliveryStatus::Unknown
    );
    // Of a call before the present one, or of one that is to be made again, or before the next message of a block: only what arrived after all counts.
    let is_past = !is_current || row.status == DeliveryStatus::Pending;
    let is_closed = matches!(
        row.status,
        DeliveryStatus::Skipped | DeliveryStatus::Received
    );
    // A call that was never made is none of ours.
    let is_known = (1..=row.attempts).contains(&attempt);
    if !is_known || is_closed || is_past && !(has_arrived && parts == 1) {
        return;
    }
    if is_out && !is_last && change.status != Status::Failed {
        taken(row, parts, change.at);
        return;
    }
    put(
        &mut State {
            status: &mut row.status,
            sent_at: Some(&mut row.sent_at),
            delivered_at: &mut row.delivered_at,
            read_at: &mut row.read_at,
            error_code: &mut row.error_code,
            error_message: &mut row.error_message,
        },
        change,
    );
    if row.status == DeliveryStatus::Failed && change.status == Status::Failed {
        row.is_retryable = change.fault.as_ref().map(|fault| fault.is_retryable);
    }
    if let Some(id) = change.message_ids.first() {
        row.provider_id.get_or_insert_with(|| id.clone());
    }
}

/// The provider has taken a message of a delivery: the next one of a block waits now, or all is out.
pub(super) fn taken(row: &mut Delivery, parts: i32, at: DateTime<Utc>) {
    (row.error_code, row.error_message, row.is_retryable) = (None, None, None);
    // Each message of a block has its own tries.
    (row.tries, row.slow_tries) = (0, 0);
    row.sent_at = row.sent_at.or(Some(at));
    if row.part + 1 < parts {
        row.status = DeliveryStatus::Pending;
        row.next_at = clock::now();
    } else {
        row.status = DeliveryStatus::Sent;
    }
    row.part = (row.part + 1).min(parts);
}

/// What a webhook may change, of a delivery or of a message.
struct State<'a> {
    status: &'a mut DeliveryStatus,
    sent_at: Option<&'a mut Option<DateTime<Utc>>>,
    delivered_at: &'a mut Option<DateTime<Utc>>,
    read_at: &'a mut Option<DateTime<Utc>>,
    error_code: &'a mut Option<String>,
    error_message: &'a mut Option<String>,
}

fn put(state: &mut State<'_>, change: &StatusChange) {
    let status = match change.status {
        Status::Sent => DeliveryStatus::Sent,
        Status::Failed => DeliveryStatus::Failed,
        Status::Delivered => DeliveryStatus::Delivered,
        Status::Read => DeliveryStatus::Read,
    };
    match change.status {
        Status::Delivered => earliest(state.delivered_at, change.at),
        Status::Read => earliest(state.read_at, change.at),
        Status::Sent | Status::Failed => {}
    }
    if let Some(sent_at) = &mut state.sent_at {
        earliest(sent_at, change.at);
    }
    if rank(status) <= rank(*state.status) {
        return;
    }
    *state.status = status;
    let fault = change.fault.as_ref();
    *state.error_code = fault.map(|fault| fault.code.clone());
    *state.error_message = fault.map(|fault| fault.message.clone());
}

/// Where a state stands in the lattice.
pub(super) fn rank(status: DeliveryStatus) -> u8 {
    match status {
        DeliveryStatus::Pending => 0,
        DeliveryStatus::Sending => 1,
        DeliveryStatus::Unknown => 2,
        DeliveryStatus::Sent => 3,
        DeliveryStatus::Failed => 4,
        DeliveryStatus::Delivered => 5,
        DeliveryStatus::Read => 6,
        // These never change.
        DeliveryStatus::Skipped | DeliveryStatus::Received => u8::MAX,
    }
}

fn earliest(field: &mut Option<DateTime<Utc>>, at: DateTime<Utc>) {
    *field = Some(field.map_or(at, |old| old.min(at)));
}

/// The message as the change leaves it; none where it changes nothing.
pub(crate) fn advance_message(
    row: message::Model,
    change: &StatusChange,
) -> Option<message::Model> {
    let mut new = row.clone();
    put(
        &mut State {
            status: &mut new.status,
            sent_at: None,
            delivered_at: &mut new.delivered_at,
            read_at: &mut new.read_at,
            error_code: &mut new.error_code,
            error_message: &mut new.error_message,
        },
        change,
    );
    if new.provider_id.is_none() {
        new.provider_id = change.message_ids.first().cloned();
    }
    (new != row).then_some(new)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use entity::id::{BroadcastSendId, ContactId, DeliveryId};

    pub(in crate::send) fn row(status: DeliveryStatus, attempts: i32, part: i32) -> Delivery {
        Delivery {
            id: DeliveryId(1),
            send_id: BroadcastSendId(1),
            contact_id: ContactId(1),
            address: Some("+49".to_owned()),
            status,
            skip_reason: None,
            attempts,
            part,
            next_at: DateTime::UNIX_EPOCH,
            run: None,
            provider_id: None,
            error_code: None,
            error_message: None,
            is_retryable: None,
            tries: 0,
            slow_tries: 0,
            sent_at: None,
            delivered_at: None,
            read_at: None,
        }
    }

    fn change(status: Status) -> StatusChange {
        StatusChange {
            message_ids: vec!["m".to_owned()],
            reference: None,
            status,
            at: DateTime::UNIX_EPOCH,
            fault: None,
        }
    }

    #[test]
    fn whatever_the_order_the_highest_wins() {
        use Status::{Delivered, Failed, Read, Sent};
        let all = [Sent, Failed, Delivered, Read];
        for first in all {
            for second in all {
                for third in all {
                    let mut row = row(DeliveryStatus::Sending, 1, 0);
                    for status in [first, second, third, first] {
                        advance(&mut row, 1, 1, &change(status));
                    }
                    let has = |status| [first, second, third].contains(&status);
                    let expected = match () {
                        () if has(Read) => DeliveryStatus::Read,
                        () if has(Delivered) => DeliveryStatus::Delivered,
                        () if has(Failed) => DeliveryStatus::Failed,
                        () => DeliveryStatus::Sent,
                    };
                    assert_eq!(row.status, expected, "{first:?} {second:?} {third:?}");
                }
            }
        }
    }

    #[test]
    fn a_late_failure_of_an_earlier_try_is_none_of_the_next() {
        let mut waits = row(DeliveryStatus::Pending, 1, 0);
        advance(&mut waits, 1, 1, &change(Status::Failed));
        assert_eq!(waits.status, DeliveryStatus::Pending);
        let mut again = row(DeliveryStatus::Sending, 2, 0);
        advance(&mut again, 1, 1, &change(Status::Failed));
        assert_eq!(again.status, DeliveryStatus::Sending);
        // Nor does a call count that was never made.
        for never in [0, -1, 2] {
            advance(&mut waits, never, 1, &change(Status::Read));
            assert_eq!(waits.status, DeliveryStatus::Pending);
        }
        // But what arrived after all has arrived, and is not sent again.
        advance(&mut waits, 1, 1, &change(Status::Delivered));
        assert_eq!(waits.status, DeliveryStatus::Delivered);
    }

    #[test]
    fn the_first_message_of_a_block_is_not_all_of_it() {
        let mut row = row(DeliveryStatus::Unknown, 1, 0);
        advance(&mut row, 1, 3, &change(Status::Delivered));
        assert_eq!((row.status, row.part), (DeliveryStatus::Pending, 1));
        advance(&mut row, 1, 3, &change(Status::Read));
        assert_eq!((row.status, row.part), (DeliveryStatus::Pending, 1));
    }
}
