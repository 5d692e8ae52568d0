//! What became of the calls that were made: written into the ledger, with the next try or the end of each.

use super::{
    counts, early,
    history::{self, Sent},
    lattice::taken,
    pace,
    status::locked,
};
use crate::{
    bot, clock, contact,
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::{self, Kind},
    },
    error::Result,
    viewer::Viewer,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    broadcast_send::Model as Send,
    channel::Model as Channel,
    content::Content,
    delivery::{DeliveryStatus, Model as Delivery, SkipReason},
    id::DeliveryId,
};
use provider::{Class, Outcome, Refusal};
use sea_orm::ActiveEnum;
use std::{collections::HashMap, time::Duration};

/// Tries of one message that end in "later" or "not so many to this person", at most.
const TRIES: i32 = 5;
/// Tries of one message that end in "too fast", at most.
const SLOW_TRIES: i32 = 50;

/// What became of a claim.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Of which delivery.
    pub id: DeliveryId,
    /// Of which of its calls.
    pub attempt: i32,
    /// What they read.
    pub text: String,
    /// What became of it.
    pub what: What,
    /// When.
    pub at: DateTime<Utc>,
}

/// What became of a claim.
#[derive(Debug, Clone)]
pub enum What {
    /// A call was made.
    Called(Outcome),
    /// No call was made: its slot was over.
    Late,
}

/// What is to be done about the send as a whole.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// It must stop until a person has looked at the account, for this.
    pub(super) stop: Option<String>,
    /// So often the provider said that it is too fast.
    slow: usize,
    retry_after: Option<Duration>,
}

/// Accounts for answers; the send is locked, its counts are brought along and not written yet.
pub(super) async fn settle(
    tx: &Tx,
    viewer: &Viewer,
    send: &mut Send,
    channel: &Channel,
    parts: i32,
    answers: &[Answer],
) -> Result<Verdict> {
    let mut verdict = Verdict::default();
    if answers.is_empty() {
        return Ok(verdict);
    }
    dialect::expect_many_rows(&**tx).await?;
    let ids: Vec<DeliveryId> = answers.iter().map(|answer| answer.id).collect();
    let rows = locked(tx, &ids).await?;
    let mut rows: HashMap<DeliveryId, Delivery> =
        rows.into_iter().map(|row| (row.id, row)).collect();
    let (mut changed, mut sent, mut stopped) = (Vec::new(), Vec::new(), Vec::new());
    let mut reached = Vec::new();
    for answer in answers {
        let Some(row) = rows.get_mut(&answer.id) else {
            continue;
        };
        let before = row.clone();
        if let What::Called(Outcome::Accepted { message_id }) = &answer.what {
            sent.push(Sent::answered(row, answer, message_id.as_deref()));
        }
        if let What::Called(Outcome::Refused(refusal)) = &answer.what
            && refusal.class == Class::OptedOut
        {
            stopped.push(row.contact_id);
        }
        account(row, answer, parts, &mut verdict);
        reached.extend(completed(send, &before, row));
        if send.status.is_final() {
            close(row, &answer.what);
        }
        if *row != before {
            counts::shift(send, before.status, row.status, 1);
            changed.push(row.clone());
        }
    }
    early::apply(tx, channel, parts, send, &mut changed, &mut sent).await?;
    write(tx, &changed).await?;
    history::record(tx, viewer, send, channel, sent).await?;
    bot::note(tx, viewer, reached).await?;
    for id in stopped {
        contact::opt_out(tx, viewer, id, clock::now()).await?;
    }
    if verdict.slow > 0 {
        pace::slow_down(tx, channel, verdict.slow, verdict.retry_after).await?;
    }
    Ok(verdict)
}

/// A contact who has got all messages of a block by this change.
pub(super) fn completed(send: &Send, before: &Delivery, row: &Delivery) -> Option<bot::Reached> {
    let Content::Block(block_id) = send.content else {
        return None;
    };
    let is_completed = !before.status.is_out() && row.status.is_out();
    is_completed.then(|| bot::Reached {
        name: row.id.to_string(),
        contact_id: row.contact_id,
        channel_id: send.channel_id,
        block_id,
        send_id: Some(send.id),
    })
}

/// A send that has ended tries nobody again: what would wait is over.
fn close(row: &mut Delivery, what: &What) {
    if row.status != DeliveryStatus::Pending {
        return;
    }
    row.status = match what {
        What::Late => {
            row.skip_reason = Some(SkipReason::SendCancelled);
            match row.part {
                0 => DeliveryStatus::Skipped,
                _ => DeliveryStatus::Sent,
            }
        }
        What::Called(Outcome::Accepted { .. } | Outcome::Unknown { .. }) => DeliveryStatus::Sent,
        What::Called(Outcome::Refused(_)) => DeliveryStatus::Failed,
    };
}

/// Writes an answer into its row.
fn account(row: &mut Delivery, answer: &Answer, parts: i32, verdict: &mut Verdict) {
    let is_open = matches!(
        row.status,
        DeliveryStatus::Sending | DeliveryStatus::Unknown
    );
    if row.attempts != answer.attempt || !is_open {
        // A webhook was quicker, or a person has tried it again.
        return;
    }
    match &answer.what {
        What::Late => {
            row.status = DeliveryStatus::Pending;
            row.attempts -= 1;
        }
        What::Called(Outcome::Accepted { message_id }) => {
            if let Some(id) = message_id {
                row.provider_id = Some(id.clone());
            }
            taken(row, parts, answer.at);
        }
        What::Called(Outcome::Unknown { message }) => {
            row.status = DeliveryStatus::Unknown;
            row.error_code = Some("NO_ANSWER".to_owned());
            row.error_message = Some(message.clone());
            row.is_retryable = Some(false);
        }
        What::Called(Outcome::Refused(refusal)) => refused(row, refusal, verdict),
    }
}

fn refused(row: &mut Delivery, refusal: &Refusal, verdict: &mut Verdict) {
    row.error_code = Some(refusal.code.clone());
    row.error_message = Some(refusal.message.clone());
    row.is_retryable = Some(refusal.class.is_retryable());
    let tries = match refusal.class {
        Class::SlowDown => &mut row.slow_tries,
        _ => &mut row.tries,
    };
    *tries += 1;
    let tries = *tries;
    let spread = spread(row.id);
    let wait = match refusal.class {
        Class::SlowDown => {
            verdict.slow += 1;
            verdict.retry_after = verdict.retry_after.max(refusal.retry_after);
            let asked = refusal.retry_after.unwrap_or(Duration::from_secs(1));
            (tries < SLOW_TRIES).then_some(asked.as_secs_f64() + spread)
        }
        Class::Later => (tries < TRIES).then(|| 2_f64.powi(tries) * (0.5 + spread)),
        Class::Pair => (tries < TRIES).then(|| 4_f64.powi(tries) * (1.0 + spread / 4.0)),
        Class::Final | Class::OptedOut => None,
        Class::Stop => {
            verdict.stop = Some(format!("{} ({})", refusal.message, refusal.code));
            Some(0.0)
        }
    };
    match wait {
        Some(seconds) => {
            row.status = DeliveryStatus::Pending;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "some minutes, in milliseconds"
            )]
            let wait = TimeDelta::milliseconds((seconds * 1_000.0) as i64);
            row.next_at = clock::now() + wait;
        }
        None => row.status = DeliveryStatus::Failed,
    }
}

/// 0 to 1, another for each delivery: those who failed together are not tried again together.
fn spread(id: DeliveryId) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "below a thousand")]
    {
        (id.0.wrapping_mul(2_654_435_761).rem_euclid(1_000)) as f64 / 1_000.0
    }
}

const COLUMNS: [Column; 16] = [
    ("id", Kind::BigInt),
    ("status", Kind::Text),
    ("skip_reason", Kind::Text),
    ("attempts", Kind::Int),
    ("next_at", Kind::Time),
    ("run", Kind::Text),
    ("error_message", Kind::Text),
    ("part", Kind::Int),
    ("tries", Kind::Int),
    ("slow_tries", Kind::Int),
    ("provider_id", Kind::Text),
    ("error_code", Kind::Text),
    ("is_retryable", Kind::Boolean),
    ("sent_at", Kind::Time),
    ("delivered_at", Kind::Time),
    ("read_at", Kind::Time),
];

/// How many of the columns a claim changes: those that stand first.
const CLAIMED: usize = 7;

/// Writes deliveries as they now stand.
pub(super) async fn write(tx: &Tx, rows: &[Delivery]) -> Result<()> {
    write_columns(tx, &COLUMNS, rows.iter()).await
}

/// Writes of deliveries what a claim changes.
pub(super) async fn write_claims(tx: &Tx, rows: impl Iterator<Item = &Delivery>) -> Result<()> {
    write_columns(tx, &COLUMNS[..CLAIMED], rows).await
}

async fn write_columns(
    tx: &Tx,
    columns: &[Column],
    rows: impl Iterator<Item = &Delivery>,
) -> Result<()> {
    let text = |text: &Option<String>| Cell::from(text.as_deref());
    let rows = rows.map(|row| {
        let mut cells = vec![
            Cell::Int(row.id.0),
            Cell::Text(row.status.to_value()),
            row.skip_reason
                .map_or(Cell::Null, |reason| Cell::Text(reason.to_value())),
            Cell::Int(row.attempts.into()),
            Cell::Time(row.next_at),
            text(&row.run),
            text(&row.error_message),
            Cell::Int(row.part.into()),
            Cell::Int(row.tries.into()),
            Cell::Int(row.slow_tries.into()),
            text(&row.provider_id),
            text(&row.error_code),
            row.is_retryable.map_or(Cell::Null, Cell::Boolean),
            Cell::from(row.sent_at),
            Cell::from(row.delivered_at),
            Cell::from(row.read_at),
        ];
        cells.truncate(columns.len());
        cells
    });
    bulk::update(&**tx, "delivery", columns, rows.collect()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::send::lattice::tests::row;

    fn refusal(class: Class) -> Refusal {
        Refusal {
            class,
            code: "500".to_owned(),
            message: "no".to_owned(),
            retry_after: None,
        }
    }

    #[test]
    fn tries_are_counted_by_what_they_ended_in() {
        let mut row = row(DeliveryStatus::Sending, 40, 0);
        let mut verdict = Verdict::default();
        for _ in 1..SLOW_TRIES {
            refused(&mut row, &refusal(Class::SlowDown), &mut verdict);
            assert_eq!(row.status, DeliveryStatus::Pending);
        }
        // As many calls as it has had: what fails for the first time waits for a while, and for longer the next time.
        let mut waits = Vec::new();
        for _ in 1..TRIES {
            refused(&mut row, &refusal(Class::Later), &mut verdict);
            assert_eq!(row.status, DeliveryStatus::Pending);
            waits.push(row.next_at - clock::now());
        }
        assert!(waits.is_sorted(), "{waits:?}");
        refused(&mut row, &refusal(Class::Later), &mut verdict);
        assert_eq!(row.status, DeliveryStatus::Failed);
    }
}
