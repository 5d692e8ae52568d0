//! The limits of the transport.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use super::refusal::Refusal;

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
    /// How long a body may stand still, or a socket take nothing, before it is given up. 30 s.
    pub idle_timeout: Duration,
    /// How long a query or mutation may take; one with files, whose time is the file's, and a subscription are free. 60 s.
    pub request_timeout: Duration,
    /// How often a quiet event stream sends a comment and a WebSocket a ping. 12 s.
    pub keep_alive: Duration,
    /// The most operations at a time on one WebSocket. 100.
    pub max_operations: usize,
    /// What one operation may ask for.
    pub limits: Limits,
    /// How often a viewer may ask; none: as often as they like.
    pub rate: Option<Rate>,
    /// Bytes of documents that are remembered by their hash. 16 MiB.
    pub persisted: u64,
    /// Sites whose pages may ask beside our own, such as `https://app.example.com`; `*` is any.
    pub origins: Vec<String>,
}

/// How often a viewer may ask: a bucket of `burst` requests that fills by `per_second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests that are added a second.
    pub per_second: NonZeroU32,
    /// Requests that it holds.
    pub burst: NonZeroU32,
}

/// What one operation may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document. 100,000.
    pub document: usize,
    /// Tokens of the document. 10,000.
    pub tokens: usize,
    /// Levels of fields. 20.
    pub depth: usize,
    /// Aliases, those of a fragment as often as it is spread. 200.
    pub aliases: usize,
    /// Directives, those of a fragment as often as it is spread. 100.
    pub directives: usize,
    /// Fields, those of a page as often as it has entries, those of another list of objects ten times. 200,000.
    pub complexity: u64,
    /// Entries of a list in arguments and variables. 20,000: more than any list of the schema takes, so that each can say itself what it takes.
    pub list: usize,
    /// Whether the schema can be asked for.
    pub introspection: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 100_000,
            tokens: 10_000,
            depth: 20,
            aliases: 200,
            directives: 100,
            complexity: 200_000,
            list: 20_000,
            introspection: true,
        }
    }
}

impl Limits {
    /// Refuses a list that is too long.
    pub(super) fn check_list(&self, entries: usize) -> Result<(), Refusal> {
        if entries <= self.list {
            return Ok(());
        }
        Err(Refusal::excessive(format!(
            "a list has {entries} entries: {} are the most",
            self.list
        )))
    }
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
            idle_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            keep_alive: Duration::from_secs(12),
            max_operations: 100,
            limits: Limits::default(),
            rate: None,
            persisted: 16 << 20,
            origins: Vec::new(),
        }
    }
}
