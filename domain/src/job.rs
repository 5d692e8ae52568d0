//! The jobs there are: the argument of each, ids alone, and the name of its queue.

use crate::{
    db::Tx,
    error::{Error, Result},
    event::Hint,
    queue,
    trace::Trace,
};
use chrono::{DateTime, Utc};
use entity::id::{
    BroadcastSendId, ChannelId, ContactId, ExportId, ImportId, OperationId, WorkspaceId,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The argument of a kind of job.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The queue that holds jobs of this kind.
    const QUEUE: &'static str;
}

/// Runs an import that was started, from wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunImport {
    /// Which.
    pub import_id: ImportId,
}

impl Job for RunImport {
    const QUEUE: &'static str = "run_import";
}

/// Runs a bulk operation, from wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOperation {
    /// Which.
    pub operation_id: OperationId,
}

impl Job for RunOperation {
    const QUEUE: &'static str = "run_operation";
}

/// Writes an export's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunExport {
    /// Which.
    pub export_id: ExportId,
}

impl Job for RunExport {
    const QUEUE: &'static str = "run_export";
}

/// Applies the webhooks of a channel that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyWebhooks {
    /// Which channel's.
    pub channel_id: ChannelId,
}

impl Job for ApplyWebhooks {
    const QUEUE: &'static str = "apply_webhooks";
}

/// Sends a broadcast, from wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSend {
    /// Which send.
    pub send_id: BroadcastSendId,
}

impl Job for RunSend {
    const QUEUE: &'static str = "run_send";
}

/// Sends the messages to one contact over one channel that wait, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendMessages {
    /// To whom.
    pub contact_id: ContactId,
    /// Over which channel.
    pub channel_id: ChannelId,
}

impl Job for SendMessages {
    const QUEUE: &'static str = "send_messages";
}

/// Tells a workspace's bot what waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellBot {
    /// Whose.
    pub workspace_id: WorkspaceId,
}

impl Job for TellBot {
    const QUEUE: &'static str = "tell_bot";
}

/// Beside a job's own argument: the trace of what enqueued it.
const TRACE: &str = "traceparent";

/// The trace that a job's payload belongs to.
pub fn trace_of(payload: &[u8]) -> Option<Trace> {
    #[derive(Deserialize)]
    struct Traced {
        traceparent: Option<String>,
    }
    let traced: Traced = serde_json::from_slice(payload).ok()?;
    traced.traceparent?.parse().ok()
}

/// Enqueues a job in the transaction that makes it necessary: rolled back leaves nothing, committed runs.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue<J: Job>(tx: &Tx, job: &J) -> Result<()> {
    enqueue_at(tx, job, None).await
}

/// As [`enqueue`], to be begun at a moment; none: at once.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue_at<J: Job>(tx: &Tx, job: &J, at: Option<DateTime<Utc>>) -> Result<()> {
    let broken = |error: serde_json::Error| Error::Broken(error.to_string());
    let mut payload = serde_json::to_value(job).map_err(broken)?;
    if let Some(trace) = Trace::current() {
        payload[TRACE] = trace.to_string().into();
    }
    let payload = serde_json::to_vec(&payload).map_err(broken)?;
    queue::enqueue(&**tx, J::QUEUE, &payload, at).await?;
    tx.announce(Hint::Queued).await?;
    Ok(())
}
