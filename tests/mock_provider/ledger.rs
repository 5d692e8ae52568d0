//! What was accepted.

use serde_json::json;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

/// Writes a line for each message. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ledger(Arc<Mutex<Inner>>);

struct Inner {
    file: Option<File>,
    accepted: u64,
}

impl Ledger {
    /// Goes on behind what the file has.
    pub(crate) fn open(path: Option<&Path>) -> std::io::Result<Self> {
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        let file = path.map(open).transpose()?;
        Ok(Self(Arc::new(Mutex::new(Inner { file, accepted: 0 }))))
    }

    /// Notes a message before it is answered; the name it gets.
    pub(crate) fn accept(&self, reference: &str, to: &str, text: &str) -> String {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.accepted += 1;
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let id = format!("wamid.{}.{}", now.as_nanos(), inner.accepted);
        let line = json!({ "at": now.as_millis() as u64, "reference": reference, "to": to, "id": id, "text": text });
        if let Some(file) = &mut inner.file {
            // One write a line: a reader never sees half of one.
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
        id
    }
}
