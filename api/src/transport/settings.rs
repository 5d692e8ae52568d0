//! The limits of the transport.

use std::path::PathBuf;
use std::time::Duration;

/// Limits and times; [`Settings::new`] has the defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The largest file that is stored, in bytes. A larger one is cut and marked [`Received::truncated`](super::Received::truncated).
    pub max_upload: u64,
    /// Where uploaded files lie while their request runs. They have no names there: a killed process leaves nothing.
    pub temp_dir: PathBuf,
    /// The largest JSON body, `operations` part or WebSocket message, in bytes. 1 MiB.
    pub max_body: usize,
    /// The most files in one request. 10.
    pub max_files: usize,
    /// How many bytes past `max_upload` are read and thrown away, so that the client hears the answer. 16 MiB.
    pub max_drain: u64,
    /// How long a WebSocket may stay without `connection_init`. 10 s.
    pub init_timeout: Duration,
    /// How long a body may stand still, or a socket take nothing, before it is given up. 60 s.
    pub idle_timeout: Duration,
    /// How often a quiet event stream sends a comment and a WebSocket a ping. 12 s.
    pub keep_alive: Duration,
    /// The most operations at a time on one WebSocket. 100.
    pub max_operations: usize,
}

impl Settings {
    /// The defaults, with the two that have none.
    pub fn new(temp_dir: impl Into<PathBuf>, max_upload: u64) -> Self {
        Self {
            max_upload,
            temp_dir: temp_dir.into(),
            max_body: 1 << 20,
            max_files: 10,
            max_drain: 16 << 20,
            init_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            keep_alive: Duration::from_secs(12),
            max_operations: 100,
        }
    }
}
