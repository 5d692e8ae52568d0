//! The end of a send: the file with a line and a reason for everyone, and what its row says.

use super::{control::leave_all, ledger};
use crate::{
    clock,
    db::{Db, dialect},
    error::{Error, Result},
    formula, pending_object,
    store::{Store, random_name},
    viewer::Viewer,
    watch::Work,
};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::{
    broadcast_send::{self, Model as Send},
    contact,
    delivery::{self, Model as Delivery},
    id::{BroadcastSendId, ContactId},
    job::JobStatus,
};
use object_store::buffered::BufWriter;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

/// Deliveries that are read at once.
const PAGE: u64 = 1_000;

const HEADERS: [&str; 13] = [
    "contact_id",
    "name",
    "address",
    "status",
    "skip_reason",
    "attempts",
    "error_code",
    "error_message",
    "retryable",
    "provider_message_id",
    "sent_at",
    "delivered_at",
    "read_at",
];

/// Ends a send to whom nobody is left to be called: writes its result file, and completes it unless it has ended otherwise. False where the job is to
/// go on: the process stops before, or somebody is not accounted for.
///
/// # Errors
/// When the database or the store is away; the next call begins anew.
pub async fn finish(
    db: &Db,
    store: &Store,
    viewer: &Viewer,
    (id, run): (BroadcastSendId, &str),
    stop: &CancellationToken,
) -> Result<bool> {
    if !leave_all(db, viewer, (id, run), stop).await? {
        return Ok(false);
    }
    let Some(send) = Send::get(db.read(), viewer, id).await? else {
        return Ok(true);
    };
    if !is_due(&send, run) {
        // A call that broke off, or a commit whose answer was lost, leaves somebody SENDING: another run finds them.
        let is_left = send.status == JobStatus::Running && send.run.as_deref() == Some(run);
        return Ok(!is_left);
    }
    let key = format!("sends/{}/recipients.csv", random_name()?);
    pending_object::note(db, &key).await?;
    let size = match write(db, store, viewer, &send, &key, stop).await? {
        Some(size) => size,
        None => {
            pending_object::discard(db, store, &key).await?;
            return Ok(false);
        }
    };
    let tx = db.write().await?;
    let found = viewer.lock::<broadcast_send::Entity>(&tx, id).await?;
    let Some(mut send) = found.filter(|send| is_due(send, run)) else {
        drop(tx);
        pending_object::discard(db, store, &key).await?;
        return Ok(true);
    };
    pending_object::settle(&tx, &key).await?;
    send.result_key = Some(key);
    send.result_size = i64::try_from(size).unwrap_or(i64::MAX);
    if send.status == JobStatus::Running {
        send.status = JobStatus::Completed;
        send.finished_at = Some(clock::now());
        (send.waits_until, send.waits_for) = (None, None);
    }
    super::save(&tx, send).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether this run is to write the file.
fn is_due(send: &Send, run: &str) -> bool {
    let is_open = match send.status {
        JobStatus::Running => send.total.is_some(),
        status => status.is_final() && send.result_key.is_none(),
    };
    send.run.as_deref() == Some(run) && is_open && super::is_nobody_left(send)
}

async fn write(
    db: &Db,
    store: &Store,
    viewer: &Viewer,
    send: &Send,
    key: &str,
    stop: &CancellationToken,
) -> Result<Option<u64>> {
    // One connection: each that reads keeps memory for it. And everybody as of one moment.
    let moment = db.snapshot().await?;
    let mut file = store.writer(key);
    let mut size = 0;
    let mut last = 0_i64;
    let mut lines = csv_writer();
    lines.write_record(HEADERS).map_err(broken)?;
    loop {
        let page = ledger::of(send)
            .filter(delivery::Column::Id.gt(last))
            .order_by_asc(delivery::Column::Id)
            .limit(PAGE)
            .all(&*moment)
            .await?;
        if stop.is_cancelled() {
            file.abort().await?;
            return Ok(None);
        }
        let names = names(&*moment, viewer, &page).await?;
        for row in &page {
            let name = names.get(&row.contact_id).map_or("", String::as_str);
            lines.write_record(line(row, name)).map_err(broken)?;
        }
        size += put(&mut file, std::mem::replace(&mut lines, csv_writer())).await?;
        match page.last() {
            Some(row) => last = row.id.0,
            None => break,
        }
    }
    file.shutdown().await?;
    Ok(Some(size))
}

async fn put(file: &mut BufWriter, lines: csv::Writer<Vec<u8>>) -> Result<u64> {
    let bytes = lines
        .into_inner()
        .map_err(|error| Error::Io(error.into_error()))?;
    let size = bytes.len() as u64;
    file.put(bytes.into()).await?;
    Ok(size)
}

async fn names(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    rows: &[Delivery],
) -> Result<HashMap<ContactId, String>> {
    let ids = rows.iter().map(|row| row.contact_id.0);
    let backend = conn.get_database_backend();
    let found = viewer
        .find::<contact::Entity>()
        .filter(dialect::is_one_of(backend, "contact.id", ids))
        .select_only()
        .column(contact::Column::Id)
        .column(contact::Column::DisplayName)
        .into_tuple::<(ContactId, String)>()
        .all(conn)
        .await?;
    Ok(found.into_iter().collect())
}

fn line(row: &Delivery, name: &str) -> [String; 13] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let time = |time: Option<DateTime<Utc>>| {
        time.map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
            .unwrap_or_default()
    };
    let cells = [
        row.contact_id.to_string(),
        name.to_owned(),
        text(&row.address),
        row.status.to_value(),
        row.skip_reason
            .map(|reason| reason.to_value())
            .unwrap_or_default(),
        row.attempts.to_string(),
        text(&row.error_code),
        text(&row.error_message),
        row.is_retryable
            .map(|yes| yes.to_string())
            .unwrap_or_default(),
        text(&row.provider_id),
        time(row.sent_at),
        time(row.delivered_at),
        time(row.read_at),
    ];
    cells.map(|cell| formula::guard(&cell).into_owned())
}

fn csv_writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new())
}

fn broken(error: csv::Error) -> Error {
    Error::Broken(error.to_string())
}
