//! What was asked, and what was accepted.

use crate::{
    fault::{Fault, Faults},
    tell::Teller,
};
use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Writes a line for each message. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ledger(Arc<Inner>);

struct Inner {
    file: Mutex<Option<File>>,
    accepted: AtomicU64,
    requests: AtomicU64,
    faults: Faults,
    teller: Teller,
    delay: Duration,
}

/// What is noted of a message.
pub(crate) struct Noted {
    pub(crate) fault: Fault,
    /// To whom it goes.
    pub(crate) to: String,
    /// The name it gets, where it was accepted.
    pub(crate) id: String,
}

/// Milliseconds since 1970.
pub(crate) fn millis() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(now.unwrap_or_default().as_millis()).unwrap_or_default()
}

impl Ledger {
    /// Goes on behind what the file has.
    pub(crate) fn open(
        path: Option<&Path>,
        faults: Faults,
        teller: Teller,
        delay: Duration,
    ) -> std::io::Result<Self> {
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        let file = path.map(open).transpose()?;
        Ok(Self(Arc::new(Inner {
            file: Mutex::new(file),
            accepted: AtomicU64::default(),
            requests: AtomicU64::default(),
            faults,
            teller,
            delay,
        })))
    }

    pub(crate) fn teller(&self) -> &Teller {
        &self.0.teller
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.0.accepted.load(Ordering::Relaxed)
    }

    pub(crate) fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// How long an answer takes.
    pub(crate) fn delay(&self) -> Duration {
        self.0.delay
    }

    /// Notes a message before it is answered, and what becomes of it.
    pub(crate) fn note(&self, reference: &str, to: &str, text: &str) -> Noted {
        let at = millis();
        let request = self.0.requests.fetch_add(1, Ordering::Relaxed);
        let fault = self.0.faults.of(to, reference);
        let id = format!("wamid.{at}.{request}");
        let is_accepted = fault.is_accepted();
        let end = match is_accepted {
            true => self.0.teller.plan(&self.0.faults),
            false => None,
        };
        let line = json!({
            "at": at, "reference": reference, "to": to, "text": text, "answer": fault.name(),
            "accepted": is_accepted, "id": is_accepted.then_some(&id), "end": end
        });
        {
            let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(file) = &mut *file {
                // One write a line: a reader never sees half of one.
                let _ = file.write_all(format!("{line}\n").as_bytes());
            }
        }
        if is_accepted {
            self.0.accepted.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(end) = end {
            self.0.teller.tell(&self.0.faults, &id, reference, to, end);
        }
        let to = to.to_owned();
        Noted { fault, to, id }
    }
}
